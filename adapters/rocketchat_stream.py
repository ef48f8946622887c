"""Rocket.Chat's live stream as events of the chat port: link, subscribe, link again, for ever."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

import aiohttp
import structlog

from adapters.ddp import Ddp, DdpEvent, LoggedIn, LoginRefused, NoStream, Stream, StreamChanged
from adapters.rocketchat_read import need, read_direct, read_message, read_room
from adapters.rocketchat_rest import SYSTEM, Rest, TokenRefused
from bot.errors import AdapterError, Denied, Invalid, Limited, Missing
from bot.ports.chat import Event, Heard, Linked, Room, RoomLost, Unlinked

log = structlog.get_logger()

MESSAGES = "stream-room-messages"
_NOTIFY = "stream-notify-user"
_ALL = Stream(MESSAGES, "__my_messages__")
"""Every room at once: only its direct messages are used, which need no stream for each person."""
_LARGEST = 16 * 1024 * 1024
_SHARE = 0.25
_REFUSED = "the server refuses Houston's token: it was revoked, or the account was deactivated"


@dataclass(frozen=True)
class Timing:
    """How long each thing may take.

    `step` is for the socket, the login and each subscription; `ping_after` and `dead_after` count
    from the last incoming data. Reconnects wait between nothing and a quarter of the time chat has
    been away, that at least `first` and at most `longest`: whoever comes back soon is met soon, and
    who is long away is not asked often. It has been away since the last link that lasted `stable`.
    After a refused token the wait is `refused`. `call` is for one REST call, `again` before a post
    is tried once more. At most 30 subscriptions are sent in a `window`.
    """

    step: timedelta = timedelta(seconds=15)
    ping_after: timedelta = timedelta(seconds=30)
    dead_after: timedelta = timedelta(seconds=60)
    first: timedelta = timedelta(seconds=0.5)
    longest: timedelta = timedelta(seconds=60)
    stable: timedelta = timedelta(seconds=60)
    refused: timedelta = timedelta(minutes=5)
    call: timedelta = timedelta(seconds=15)
    again: timedelta = timedelta(seconds=0.5)
    window: timedelta = timedelta(seconds=40)


class LinkEnded(Exception):
    """The link is over. `wait` is the least time before the next."""

    def __init__(self, reason: str, wait: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class RoomStream:
    """Keeps the configured rooms subscribed, and hears direct messages.

    Args:
        tell: takes every event, in order. May raise LinkEnded for what was heard.
        dice: for the jitter of reconnects.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        rest: Rest,
        *,
        url: str,
        user_id: str,
        token: str,
        rooms: Sequence[str],
        timing: Timing,
        dice: random.Random,
        tell: Callable[[Event], None],
    ) -> None:
        self._session = session
        self._rest = rest
        self._socket = "ws" + url.rstrip("/").removeprefix("http") + "/websocket"
        self._mine = Stream(_NOTIFY, f"{user_id}/subscriptions-changed")
        self._token = token
        self._names = tuple(dict.fromkeys(rooms))
        self._timing = timing
        self._dice = dice
        self._tell = tell
        self._rooms: dict[str, Room] = {}
        self._direct: dict[str, Room] = {}
        self._lost: dict[str, str] = {}
        self._announce = False
        self._linked = False
        self._useless = ""
        self._waiting: asyncio.Timeout | None = None

    def give_up(self, reason: str) -> None:
        """End the link that is up, if one is."""
        if self._linked:
            self._useless = reason
            if self._waiting is not None and not self._waiting.expired():
                self._waiting.reschedule(asyncio.get_running_loop().time())

    async def run(self) -> None:
        """Link again and again; returns only when cancelled."""
        loop = asyncio.get_running_loop()
        told, away = "", loop.time()
        while True:
            begun = loop.time()
            try:
                await self._link()
            except LinkEnded as ended:
                reason, wait = ended.reason, ended.wait
            lasted = loop.time() - begun
            if self._linked and lasted >= self._timing.stable.total_seconds():
                away = loop.time()
            if self._linked or reason != told:
                self._tell(Unlinked(reason))
            self._linked, told = False, reason
            await asyncio.sleep(max(wait.total_seconds(), self._backoff(loop.time() - away)))

    def _backoff(self, away: float) -> float:
        """Seconds until the next link, after `away` seconds without one: anywhere below the limit,
        so that not every client comes back at once."""
        limit = max(self._timing.first.total_seconds(), away * _SHARE)
        return self._dice.uniform(0, min(limit, self._timing.longest.total_seconds()))

    async def _link(self) -> NoReturn:
        """One link, from the first call to its end. Raises LinkEnded."""
        self._announce, self._useless = True, ""
        try:
            await self._resolve()
            async with asyncio.timeout(self._timing.step.total_seconds()):
                socket = await self._session.ws_connect(
                    self._socket,
                    max_msg_size=_LARGEST,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                )
            try:
                await self._listen(socket)
            finally:
                await socket.close()
        except TokenRefused:
            raise LinkEnded(_REFUSED, self._timing.refused) from None
        except Limited as limited:
            raise LinkEnded(limited.message, limited.retry_after) from limited
        except AdapterError as error:
            raise LinkEnded(error.message) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            text = f"{SYSTEM}: the socket cannot be opened ({type(error).__name__})"
            raise LinkEnded(text) from error

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> NoReturn:
        """Read the socket to its end. Raises LinkEnded."""
        clock = asyncio.get_running_loop().time
        ddp = Ddp(
            self._token,
            clock(),
            step=self._timing.step.total_seconds(),
            ping_after=self._timing.ping_after.total_seconds(),
            dead_after=self._timing.dead_after.total_seconds(),
            window=self._timing.window.total_seconds(),
        )
        while True:
            if reason := self._useless or ddp.dead(clock()):
                raise LinkEnded(f"{SYSTEM}: {reason}")
            for frame in ddp.frames(clock()):
                await socket.send_str(frame)
            received = await self._receive(socket, ddp.due(clock()))
            if received is None:
                continue
            if received.type is not aiohttp.WSMsgType.TEXT:
                raise LinkEnded(f"{SYSTEM}: the socket was closed ({socket.close_code})")
            for event in ddp.receive(received.data, clock()):
                self._follow(ddp, event, clock())
            if self._announce and ddp.settled:
                self._announce, self._linked = False, True
                self._tell(Linked((*self._rooms.values(), *self._direct.values())))

    async def _receive(
        self, socket: aiohttp.ClientWebSocketResponse, until: float
    ) -> aiohttp.WSMessage | None:
        """The next frame; None when there was none, or the link is given up."""
        try:
            async with asyncio.timeout_at(until) as self._waiting:
                return await socket.receive()
        except TimeoutError:
            return None
        finally:
            self._waiting = None

    def _follow(self, ddp: Ddp, event: DdpEvent, now: float) -> None:
        match event:
            case LoggedIn():
                for stream in (self._mine, _ALL, *(Stream(MESSAGES, rid) for rid in self._rooms)):
                    ddp.subscribe(stream, now)
            case LoginRefused(code, reason):
                wait = self._timing.refused if code == "403" else timedelta(0)
                text = _REFUSED if code == "403" else f"the login failed: {reason} [{code}]"
                raise LinkEnded(f"{SYSTEM}: {text}", wait)
            case NoStream(stream, reason) if stream in {self._mine, _ALL}:
                log.warning("rocketchat.blind", why=reason, stream=stream.event)
            case NoStream(stream, reason):
                self._lose(stream.event, f"the server does not let Houston listen: {reason}")
            case StreamChanged(stream, args) if stream == self._mine:
                self._membership(ddp, args, now)
            case StreamChanged(stream, (payload, *_)) if self._is_wanted(stream, payload):
                self._hear(payload)
            case _:
                return

    def _is_wanted(self, stream: Stream, payload: Any) -> bool:
        if stream == _ALL:
            return isinstance(payload, dict) and payload.get("rid") in self._direct
        return stream.event in self._rooms

    def _hear(self, payload: Any) -> None:
        """One document nobody can read must not end the link: the others need it."""
        try:
            self._tell(Heard(read_message(payload)))
        except AdapterError as error:
            log.warning("rocketchat.unreadable", why=error.message)

    def _membership(self, ddp: Ddp, args: tuple[Any, ...], now: float) -> None:
        """Houston was let into a room or put out of it; being put out ends no stream aloud."""
        change, subscription = (*args, None, None)[:2]
        if change not in {"inserted", "removed"} or not isinstance(subscription, dict):
            return
        if subscription.get("t") == "d":
            self._private(change, subscription)
            return
        if not (rid := subscription.get("rid")):
            raise LinkEnded(f"{SYSTEM}: a room was lost, and the server did not say which")
        if change == "removed":
            ddp.unsubscribe(Stream(MESSAGES, rid))
            self._lose(rid, "Houston was removed from the room")
        elif rid in self._rooms or subscription.get("name") in self._names:
            room = self._rooms.get(rid) or Room(rid, str(subscription["name"]))
            self._rooms[rid] = room
            self._lost.pop(room.name, None)
            self._announce = True
            ddp.subscribe(Stream(MESSAGES, rid), now)

    def _private(self, change: str, subscription: dict[str, Any]) -> None:
        """Somebody began to talk to Houston alone: what was said already is caught up with."""
        room = read_direct(subscription)
        if room and change == "inserted":
            self._direct[room.id] = room
            self._announce = True
        elif room:
            self._direct.pop(room.id, None)

    def _lose(self, rid: str, reason: str) -> None:
        room = self._rooms.pop(rid, None)
        if room:
            self._tell_lost(room, reason)

    def _tell_lost(self, room: Room, reason: str) -> None:
        if self._lost.get(room.name) != reason:
            self._lost[room.name] = reason
            self._tell(RoomLost(room, reason))

    async def _resolve(self) -> None:
        """Find each configured room, and join it where Houston may.

        Raises Unavailable, Limited and TokenRefused; a room it may not read is told as lost.
        """
        known = {room.name: room for room in self._rooms.values()}
        answer = await self._rest.get("subscriptions.get")
        mine = answer.get("update") or ()
        joined = {entry.get("rid") for entry in mine}
        self._direct = {room.id: room for entry in mine if (room := read_direct(entry))}
        self._rooms = {}
        for name in self._names:
            try:
                room = await self._room(name, joined)
            except TokenRefused:
                raise
            except (Denied, Missing, Invalid) as error:
                self._tell_lost(known.get(name, Room("", name)), error.message)
                continue
            self._rooms[room.id] = room
            self._lost.pop(name, None)

    async def _room(self, name: str, joined: set[Any]) -> Room:
        answer = await self._rest.get("rooms.info", roomName=name)
        found = need(answer, "room", "room's answer")
        room = read_room(found)
        if found.get("encrypted"):
            raise Denied(SYSTEM, f"#{name} is encrypted end to end: Houston cannot read it")
        if room.id not in joined and found.get("t") == "c":
            await self._rest.post("channels.join", {"roomId": room.id})
        return room
