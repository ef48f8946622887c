"""Runs what is due, once per time however many replicas and restarts there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.cards import code, duration
from bot.clock import Clock
from bot.courier import Courier
from bot.ports.chat import Author, Message, Post, Room
from bot.ports.store import Store
from bot.request import post_id, scheduled_id
from bot.router import Router
from bot.schedule import Missed, ScheduleSection
from bot.schedules import Schedules
from bot.tasks import Tasks

log = structlog.get_logger()

_LOOK = timedelta(seconds=20)
"""The longest pause between two looks: schedules can be added meanwhile."""
_PUNCTUAL = timedelta(minutes=2)
"""A time this far back was not missed."""


class Alarm:
    """Wakes each schedule at its time and has the router answer it in its room."""

    def __init__(
        self,
        *,
        schedules: Schedules,
        router: Router,
        store: Store,
        courier: Courier,
        clock: Clock,
        tasks: Tasks,
        rooms: Callable[[], tuple[Room, ...]],
    ) -> None:
        self._schedules = schedules
        self._router = router
        self._store = store
        self._courier = courier
        self._clock = clock
        self._tasks = tasks
        self._rooms = rooms

    async def run(self) -> None:
        """Look for what is due, for ever. While chat is away nothing is: it is caught up later."""
        while True:
            active = [each for each, active in await self._schedules.all() if active]
            if self._rooms():
                for each in active:
                    await self._wake(each)
            await asyncio.sleep(self._pause(active))

    def _pause(self, active: list[ScheduleSection]) -> float:
        now = self._clock.now()
        nexts = [self._schedules.next(each) for each in active]
        waits = [(at - now) for at in nexts if at is not None]
        return max(min([*waits, _LOOK]).total_seconds(), 0.05)

    async def _wake(self, each: ScheduleSection) -> None:
        slot = await self._schedules.due(each)
        if slot is None:
            return
        room = self._room(each)
        if room is None:
            log.error("schedule.no_room", schedule=each.name, room=each.room)
            await self._schedules.done(each, slot)
            return
        late = self._clock.now() - slot > _PUNCTUAL
        message = said(each, room, scheduled_id(each.name, slot.isoformat()), slot)
        if await self._router.take(message):
            if late and each.missed is Missed.REPORT:
                await self._missed(message, each, slot)
            else:
                self._tasks.start(f"schedule {each.name}", self._answer(message))
        await self._schedules.done(each, slot)

    async def _answer(self, message: Message) -> None:
        await self._router.handle(message)
        self._courier.hurry()

    async def _missed(self, message: Message, each: ScheduleSection, slot: datetime) -> None:
        ago = duration(self._clock.now() - slot)
        text = (
            f":warning: *{code(each.command)} of the schedule {each.name} was missed*\n"
            f"It was due {ago} ago; Houston or the chat was away.\n"
            f"Next: {code(f'!schedule run {each.name}')}"
        )
        post = Post(post_id(message.id, "answer"), message.room_id, text)
        await self._store.ledger.answer(message.id, [post])
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
