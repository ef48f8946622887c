"""Runs what is due, once per time however many replicas and restarts there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.cards import code, duration
from bot.clock import Clock
from bot.courier import Courier
from bot.errors import HoustonError
from bot.meters import Meters
from bot.patience import Patience
from bot.ports.chat import Author, Message, Post, Room
from bot.ports.store import Store
from bot.request import post_id, scheduled_id
from bot.router import Router
from bot.schedule import Missed, ScheduleSection
from bot.schedules import Schedules
from bot.stops import Stops
from bot.tasks import Tasks

log = structlog.get_logger()

_PUNCTUAL = timedelta(minutes=2)
"""A time this far back was not missed."""
_SETTLE = timedelta(minutes=5)
"""After chat was away for longer than that, until a time is caught up: what came back with it comes
back one by one, and a report would call that broken."""


class Alarm:
    """Wakes each schedule at its time and has the router answer it in its room.

    Args:
        rooms: the rooms heard at this moment; none while chat is away.
        every: the longest pause between two looks: schedules can be added meanwhile.
    """

    def __init__(
        self,
        *,
        schedules: Schedules,
        router: Router,
        store: Store,
        courier: Courier,
        clock: Clock,
        tasks: Tasks,
        patience: Patience,
        stops: Stops,
        meters: Meters,
        rooms: Callable[[], tuple[Room, ...]],
        every: timedelta,
    ) -> None:
        self._schedules = schedules
        self._router = router
        self._store = store
        self._courier = courier
        self._clock = clock
        self._tasks = tasks
        self._patience = patience
        self._stops = stops
        self._meters = meters
        self._rooms = rooms
        self._every = every
        self._gone: datetime | None = None
        self._back: datetime | None = None

    async def run(self) -> None:
        """Look for what is due, for ever. While chat is away nothing is: it is caught up later."""
        while True:
            pause = self._every
            try:
                if self._heard():
                    pause = await self._look()
            except HoustonError as error:
                log.info("alarm.failed", why=error.message)
            await asyncio.sleep(max(pause.total_seconds(), 0.05))

    def _heard(self) -> bool:
        """Whether chat is there; notes when it came back after a while."""
        now = self._clock.now()
        if not self._rooms():
            self._gone, self._back = self._gone or now, None
            return False
        if self._gone is not None and now - self._gone > _PUNCTUAL:
            self._back = now
        self._gone = None
        return True

    async def _look(self) -> timedelta:
        """Run what is due. Gives the pause until the next look."""
        active = await self._schedules.active()
        for each, slot in await self._schedules.due(active):
            await self._wake(each, slot)
        now = self._clock.now()
        waits = [at - now for each in active if (at := self._schedules.next(each)) is not None]
        return min([*waits, self._every])

    async def _wake(self, each: ScheduleSection, slot: datetime) -> None:
        late = self._clock.now() - slot > _PUNCTUAL
        told = late and each.missed is Missed.REPORT
        if not told and await self._too_soon(late=late):
            return
        room = self._room(each)
        if room is None:
            log.error("schedule.no_room", schedule=each.name, room=each.room)
            await self._schedules.done(each, slot)
            return
        message = said(each, room, scheduled_id(each.name, slot.isoformat()), slot)
        if await self._router.take(message):
            self._meters.late.set((self._clock.now() - slot).total_seconds())
            if told:
                await self._missed(message, each, slot)
            else:
                self._tasks.start(f"schedule {each.name}", self._answer(message))
        await self._schedules.done(each, slot)

    async def _too_soon(self, *, late: bool) -> bool:
        """Whether what it would say of the cluster is not so in a moment."""
        if late and self._back and self._clock.now() - self._back < _SETTLE:
            return True
        return await self._stops.moving()

    async def _answer(self, message: Message) -> None:
        await self._router.handle(message)
        self._courier.hurry()

    async def _missed(self, message: Message, each: ScheduleSection, slot: datetime) -> None:
        ago = duration(self._clock.now() - slot)
        text = (
            f":warning: *{code(each.command)} of the schedule {each.name} was missed*\n"
            f"It was due {ago} ago; Houston, the chat or the cluster was away.\n"
            f"Next: {code(f'!schedule run {each.name}')}"
        )
        post = Post(post_id(message.id, "answer"), message.room_id, text)
        # It was taken, so nobody would do it again before the next start.
        answer = partial(self._store.ledger.answer, message.id, [post])
        await self._patience.until_done(answer, f"the answer to {message.id}")
        self._courier.hurry()

    def _room(self, each: ScheduleSection) -> Room | None:
        rooms = self._rooms()
        if not each.room:
            return rooms[0]
        return next((room for room in rooms if room.name == each.room), None)


def said(each: ScheduleSection, room: Room, id: str, at: datetime) -> Message:
    """The schedule's command, as if its own account had said it."""
    author = Author(each.identity, f"schedule {each.name}")
    text = each.command if each.command.startswith("!") else f"!{each.command}"
    return Message(id, room.id, text, author, at, at)
