"""Hears everything once: live from the stream, and what was said while Houston was away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.ballots import Ballots
from bot.clock import Clock
from bot.courier import Courier
from bot.drills import Drills
from bot.errors import AdapterError, StoreAway
from bot.gaps import Gaps
from bot.guard import Guard
from bot.hearing import LATE, Hearing
from bot.link import Link
from bot.meters import Meters
from bot.ports.chat import Chat, Heard, Linked, Message, Room, RoomLost, Unlinked
from bot.ports.store import Store
from bot.router import Router
from bot.settings import ChatSection, PaceSection
from bot.tapping import Tapper
from bot.tasks import Tasks

log = structlog.get_logger()

_OVERLAP = timedelta(seconds=30)
"""How far behind the cursor a catch-up begins: documents are not stored in the order of time."""
_CURSOR_EVERY = timedelta(seconds=5)
"""How often the cursor is written while nothing but talk goes by: reading twice is harmless."""
_AGAIN = timedelta(seconds=5)
"""After a catch-up that failed."""
_SPARING = timedelta(seconds=2)
"""For each room, between two rounds over silent ones: many rooms do not make many calls."""


class Listener:
    """Turns chat events into commands taken and votes seen."""

    def __init__(
        self,
        *,
        chat: Chat,
        store: Store,
        router: Router,
        ballots: Ballots,
        drills: Drills,
        courier: Courier,
        clock: Clock,
        tasks: Tasks,
        settings: ChatSection,
        pace: PaceSection,
        guard: Guard,
        gaps: Gaps,
        tapper: Tapper,
        meters: Meters,
        link: Link,
    ) -> None:
        self._chat = chat
        self._store = store
        self._router = router
        self._ballots = ballots
        self._drills = drills
        self._courier = courier
        self._clock = clock
        self._tasks = tasks
        self._settings = settings
        self._pace = pace
        self.meters = meters
        self._guard = guard
        self._gaps = gaps
        self._tapper = tapper
        self._rooms: dict[str, Room] = {}
        self._read: dict[str, datetime] = {}
        self._written: dict[str, datetime] = {}
        self._behind: set[str] = set()
        self._gap = asyncio.Event()
        self._hearing = Hearing()
        self._link = link

    @property
    def linked(self) -> bool:
        """Whether chat is heard."""
        return self._link.up

    @property
    def why(self) -> str:
        """What is wrong with the link while it is down."""
        return self._link.why

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms heard at this moment, without those of direct messages."""
        return tuple(room for room in self._rooms.values() if not room.direct)

    async def run(self) -> None:
        """Listen for ever."""
        async for event in self._chat.events():
            match event:
                case Heard(message):
                    await self._live(message)
                case Linked(rooms):
                    await self._back(rooms)
                case Unlinked(reason):
                    await self._lost(reason)
                case RoomLost(room, reason):
                    self._rooms.pop(room.id, None)
                    self._hearing.forget(room.id)
                    log.error("room.lost", room=room.name, why=reason)

    async def resume(self) -> None:
        """Go on with commands that were taken and not answered before the process ended."""
        for message in await self._store.ledger.unfinished():
            self._handle(message)

    async def resync(self) -> None:
        """Again and again read the rooms of which the stream is silent: a subscription can die
        without a word. Where it did, link anew.

        Rooms that talk are read every few minutes, and one that could not be read much sooner.
        """
        while True:
            try:
                async with asyncio.timeout(self._until_next()):
                    await self._gap.wait()
            except TimeoutError:
                pass
            else:
                await asyncio.sleep(_AGAIN.total_seconds())
            if self.linked:
                await self._catch_up([r for r in self._rooms.values() if self._due(r) <= 0])
                await self._mend()
            else:
                # The next link begins with a catch-up of its own.
                self._gap.clear()

    async def sweep(self) -> None:
        """Look at the open approvals again and again, whatever the stream says."""
        while True:
            await asyncio.sleep(self._pace.sweep.total_seconds())
            try:
                await self._ballots.sweep()
            except AdapterError as error:
                log.debug("sweep.failed", why=error.message)

    async def collect(self) -> None:
        """Take the commands that `houston exec` put into the store."""
        while True:
            for message in await self._store.ledger.submitted():
                if await self._router.take(message):
                    self._handle(message)
            await asyncio.sleep(self._pace.engine.total_seconds())

    async def flush(self) -> None:
        """Write the cursors down."""
        for room_id, at in self._read.items():
            if self._written.get(room_id) != at:
                await self._store.ledger.advance(room_id, at)
                self._written[room_id] = at

    async def _live(self, message: Message) -> None:
        """Hear what the stream brings. What goes wrong with one message leaves Houston hearing; the
        room is then read again from before it."""
        if message.room_id not in self._rooms:
            return
        self._hearing.told(message)
        try:
            await self._heard(message)
            await self._advance(message)
        except Exception as error:
            if isinstance(error, StoreAway):
                log.error("store.away", waits=message.id, why=error.message)
            else:
                log.exception("message.unheard", message=message.id)
            self._fall_behind(message.room_id)

    async def _heard(self, message: Message) -> None:
        room = self._rooms.get(message.room_id)
        if room and room.direct:
            message = replace(message, direct=True)
        await self._guard.watch(message)
        try:
            if message.reactions or message.edited_by or message.system:
                await self._ballots.noticed(message)
                await self._drills.noticed(message)
                await self._tapper.noticed(message)
        except AdapterError as error:
            log.info("votes.unread", why=error.message)
        if self._router.is_command(message) and await self._router.take(message):
            self._handle(message)

    def _handle(self, message: Message) -> None:
        async def work() -> None:
            await self._router.handle(message)
            self._courier.hurry()

        self._tasks.start(f"command {message.id}", work())

    def _fall_behind(self, room_id: str) -> None:
        """Something of this room was not heard: its cursor stands still until it was read."""
        self._behind.add(room_id)
        self._gap.set()

    async def _advance(self, message: Message) -> None:
        room = message.room_id
        if room in self._behind:
            return
        self._read[room] = max(self._read.get(room, message.updated), message.updated)
        written = self._written.get(room)
        if written is None or self._read[room] - written >= _CURSOR_EVERY:
            await self.flush()

    async def _back(self, rooms: tuple[Room, ...]) -> None:
        self._rooms = {room.id: room for room in rooms}
        self._behind.update(self._rooms)
        self._link.up, self._link.why = True, ""
        self.meters.links.inc()
        self._hearing.begin()
        await self._gaps.back(self._clock.now())
        log.info("chat.linked", rooms=[room.name for room in rooms])
        await self._catch_up(rooms)
        try:
            await self._ballots.sweep()
        except AdapterError as error:
            log.info("votes.unread", why=error.message)
        self._courier.hurry()

    async def _lost(self, reason: str) -> None:
        self._link.up, self._link.why = False, reason
        self._gaps.lost(self._clock.now())
        log.warning("chat.unlinked", why=reason)
        self._courier.hurry()
        await self.flush()

    def _due(self, room: Room) -> float:
        """Seconds until this room is to be read."""
        if room.id in self._behind:
            return 0.0
        probe = max(self._pace.probe, _SPARING * len(self._rooms))
        return self._hearing.due(room.id, probe, self._pace.resync)

    def _until_next(self) -> float:
        """Seconds until the next look for rooms that are to be read."""
        longest = (LATE if self._hearing.doubted else self._pace.probe).total_seconds()
        soonest = min(map(self._due, self._rooms.values()), default=longest)
        return min(max(soonest, _AGAIN.total_seconds()), longest)

    async def _mend(self) -> None:
        """Link anew where the stream has died."""
        if deaf := self._hearing.deaf():
            names = [self._rooms[id].name for id in deaf if id in self._rooms]
            log.warning("chat.deaf", rooms=names)
            self.meters.deaf.inc()
            await self._chat.relink("the stream went silent: what is said was found by reading")

    async def _catch_up(self, rooms: Iterable[Room]) -> None:
        """Read what each room said since the cursor, through the same door as the stream."""
        self._gap.clear()
        for room in rooms:
            try:
                await self._read_again(room)
            except AdapterError as error:
                log.warning("catch_up.failed", room=room.name, why=error.message)
                self._fall_behind(room.id)
            except Exception:
                log.exception("catch_up.failed", room=room.name)
                self._fall_behind(room.id)

    async def _read_again(self, room: Room) -> None:
        """The cursor moves when all of it was heard: a document may have been written long after
        others that come later in the room. Raises AdapterError."""
        cursor = await self._store.ledger.cursor(room.id)
        since = cursor - _OVERLAP if cursor else self._clock.now() - self._settings.stale_after
        if cursor is None:
            # Where nobody speaks before Houston stops, the next start reads from here.
            await self._store.ledger.advance(room.id, since)
        missed = await self._chat.since(room.id, since)
        self._hearing.read(room.id, since, missed)
        for message in missed:
            await self._heard(message)
        self._behind.discard(room.id)
        for message in missed:
            await self._advance(message)
