"""One realtime connection at the simulated Rocket.Chat."""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from adapters.sim.document import Changed, Closed, Deleted, Joined, Place, Refusal, Removed, Told
from adapters.sim.servers.rocketchat_json import ejson, message, subscription
from adapters.sim.servers.rocketchat_methods import called
from adapters.sim.world import World

_MESSAGES = "stream-room-messages"
_MINE = "__my_messages__"
_USER = "stream-notify-user"
_ROOM = "stream-notify-room"
_QUIET_SECONDS = 17.5
_PATIENCE_SECONDS = 15.0
_LEAST_SECONDS = 5.0
"""Of real time, however fast the simulated time passes: a client answers in real time."""
_SUBS, _SUBS_SECONDS = 40, 40.0
_VERSIONS = ("1", "pre2", "pre1")
"""Of the protocol, as Meteor's server takes them."""
_CODES: dict[str, int | str] = {"not-found": 404, "logged-out": 403}
"""The numbers that Meteor itself answers with."""


@dataclass(frozen=True)
class _Sub:
    """`collected`: an older client, which keeps the stream as a collection of one document."""

    name: str
    event: str
    collected: bool = field(default=False, compare=False)


def _sub(frame: dict[str, Any]) -> _Sub:
    event, *how = frame.get("params") or [""]
    collected = any(
        one is True or (isinstance(one, dict) and one.get("useCollection")) for one in how
    )
    return _Sub(str(frame.get("name")), str(event), collected)


class Connection:
    """Reads and answers frames, and tells what happens to whoever subscribed to it."""

    def __init__(self, world: World, socket: web.WebSocketResponse) -> None:
        self._world = world
        self._chat = world.chat
        self._socket = socket
        self._dice = random.Random(7)  # noqa: S311  # a simulation that can be repeated
        self._out: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._link = self._chat.listen("", self._hear)
        self._subs: dict[str, _Sub] = {}
        self._recent: deque[float] = deque()
        self._connected = False

    async def serve(self) -> None:
        """To the connection's end."""
        writer = asyncio.create_task(self._write())
        self._put({"server_id": "0"})
        try:
            await self._read()
        finally:
            self._chat.links.close(self._link)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            await self._socket.close()

    async def _read(self) -> None:
        """Frames until the end; a quiet client is asked, and left when it does not answer."""
        asked = False
        while True:
            patience = _PATIENCE_SECONDS if asked else _QUIET_SECONDS
            try:
                async with asyncio.timeout(max(patience / self._world.speed, _LEAST_SECONDS)):
                    received = await self._socket.receive()
            except TimeoutError:
                if self._link.silent:
                    continue
                if asked:
                    return
                asked = True
                self._put({"msg": "ping"})
                continue
            asked = False
            if received.type is not WSMsgType.TEXT:
                return
            if not self._link.silent and not await self._frame(json.loads(received.data)):
                return

    async def _write(self) -> None:
        while (frame := await self._out.get()) is not None:
            await self._socket.send_str(json.dumps(frame))
        await self._socket.close(code=WSCloseCode.GOING_AWAY)

    def _put(self, frame: dict[str, Any]) -> None:
        if not self._link.silent:
            self._out.put_nowait(frame)

    async def _frame(self, frame: dict[str, Any]) -> bool:
        """Answer a frame; false when the connection is over."""
        kind = frame.get("msg")
        if not self._connected and kind != "connect":
            await self._socket.close(code=WSCloseCode.PROTOCOL_ERROR)
            return False
        match kind:
            case "connect":
                return self._connect(frame)
            case "ping":
                self._put({"msg": "pong"} | ({"id": frame["id"]} if "id" in frame else {}))
            case "method":
                self._begin(str(frame.get("id")), str(frame.get("method")), frame.get("params"))
            case "sub":
                self._sub(str(frame["id"]), _sub(frame))
            case "unsub":
                self._subs.pop(str(frame.get("id")), None)
                self._put({"msg": "nosub", "id": frame.get("id")})
            case _:
                return True
        return True

    def _connect(self, frame: dict[str, Any]) -> bool:
        if frame.get("version") not in _VERSIONS:
            self._put({"msg": "failed", "version": "1"})
            self._out.put_nowait(None)
            return True
        self._connected = True
        self._put({"msg": "connected", "session": self._chat.archive.new_id()})
        return True

    def _begin(self, id: str, method: str, params: Any) -> None:
        """What changes something takes as long as it does by REST."""
        if method == "login":
            self._method(id, method, params)
        else:
            self._world.begin(self._method_later(id, method, params))

    async def _method_later(self, id: str, method: str, params: Any) -> None:
        await self._world.pause(self._world.latency)
        self._method(id, method, params)

    def _method(self, id: str, method: str, params: Any) -> None:
        """The order of the three answers to a login is not fixed."""
        try:
            result = called(self._chat, self._link.user_id, method, list(params or ()))
        except Refusal as refusal:
            self._put(_failed(id, _CODES.get(refusal.code, refusal.code), refusal.text))
            return
        answers: list[dict[str, Any]] = [
            {"msg": "result", "id": id, "result": result},
            {"msg": "updated", "methods": [id]},
        ]
        if method == "login":
            user = self._chat.people.user(result["id"])
            self._link.user_id = user.id
            fields = {"username": user.username, "roles": list(user.roles)}
            answers.append({"msg": "added", "collection": "users", "id": user.id, "fields": fields})
            self._dice.shuffle(answers)
        for answer in answers:
            self._put(answer)

    def _sub(self, id: str, sub: _Sub) -> None:
        if wait := self._too_many():
            error = {
                "error": "too-many-requests",
                "reason": "Error, too many requests. Please slow down. "
                f"You must wait {wait:.0f} seconds before trying again.",
                "details": {"timeToReset": round(wait * 1000)},
            }
            self._put({"msg": "nosub", "id": id, "error": error})
        elif not self._may(sub):
            error = {"error": "not-allowed", "reason": "Not allowed", "errorType": "Meteor.Error"}
            self._put({"msg": "nosub", "id": id, "error": error})
        else:
            self._world.begin(self._ready(id, sub))

    async def _ready(self, id: str, sub: _Sub) -> None:
        if self._chat.ready_delay:
            await self._world.pause(self._chat.ready_delay)
        self._subs[id] = sub
        self._link.deaf_to.discard(sub.event)
        if sub.collected:
            fields = {"eventName": sub.event}
            self._put({"msg": "added", "collection": sub.name, "id": "id", "fields": fields})
        self._put({"msg": "ready", "subs": [id]})

    def _too_many(self) -> float:
        """Seconds to wait when this subscription is one too many, else nothing."""
        now = self._world.clock.now().timestamp()
        while self._recent and self._recent[0] <= now - _SUBS_SECONDS:
            self._recent.popleft()
        if len(self._recent) >= _SUBS:
            return self._recent[0] + _SUBS_SECONDS - now
        self._recent.append(now)
        return 0.0

    def _may(self, sub: _Sub) -> bool:
        me, people = self._link.user_id, self._chat.people
        try:
            match sub.name:
                case "stream-room-messages":
                    mine = sub.event == _MINE
                    return bool(me) and (mine or people.may_subscribe(me, sub.event))
                case "stream-notify-user":
                    return bool(me) and sub.event.split("/")[0] == me
                case "stream-notify-room":
                    return bool(me) and people.may_read(me, sub.event.split("/")[0])
                case _:
                    return False
        except Refusal:
            return False

    def _hear(self, told: Told) -> None:
        match told:
            case Closed():
                self._out.put_nowait(None)
            case Changed(document):
                shown = message(document, ejson)
                self._tell(_Sub(_MESSAGES, document.room_id), [shown])
                self._tell_mine(shown, document.room_id)
            case Deleted(room_id, message_id):
                self._tell(_Sub(_ROOM, f"{room_id}/deleteMessage"), [{"_id": message_id}])
            case Joined(user_id, place) if user_id == self._link.user_id:
                self._membership("inserted", place)
            case Removed(user_id, place) if user_id == self._link.user_id:
                gone = [id for id, sub in self._subs.items() if sub == _Sub(_MESSAGES, place.id)]
                for id in gone:
                    del self._subs[id]
                self._membership("removed", place)
            case _:
                return

    def _membership(self, change: str, place: Place) -> None:
        me = self._link.user_id
        entry = subscription(place, self._chat.people.name_for(me, place), me)
        self._tell(_Sub(_USER, f"{me}/subscriptions-changed"), [change, entry])

    def _tell_mine(self, shown: dict[str, Any], room_id: str) -> None:
        me, people = self._link.user_id, self._chat.people
        if me and people.may_read(me, room_id):
            place = people.place(room_id)
            extra = {
                "roomParticipant": me in place.members,
                "roomType": place.type,
                "roomName": place.name,
            }
            self._tell(_Sub(_MESSAGES, _MINE), [shown, extra])

    def _tell(self, wanted: _Sub, args: list[Any]) -> None:
        """Once for each subscription: the same one made twice tells everything twice."""
        for sub in tuple(self._subs.values()):
            if sub == wanted:
                fields = {"eventName": sub.event, "args": args}
                frame = {"msg": "changed", "collection": sub.name, "id": "id", "fields": fields}
                self._put(frame)


def _failed(id: str, code: int | str, reason: str) -> dict[str, Any]:
    error = {
        "isClientSafe": True,
        "error": code,
        "reason": reason,
        "message": f"{reason} [{code}]",
        "errorType": "Meteor.Error",
    }
    return {"msg": "result", "id": id, "error": error}
