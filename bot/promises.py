"""Keeps what was promised: temporary states end, queued commands start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.cards import Card, Mark, plain
from bot.clock import Clock
from bot.courier import Courier
from bot.errors import AdapterError, HoustonError
from bot.patience import Patience
from bot.ports.chat import Message, Post
from bot.queue import Queue, Queued
from bot.redact import Redactor
from bot.request import post_id
from bot.router import Router
from bot.stops import Stops
from bot.tasks import Tasks
from bot.temporary import NAG, Ledger, Restorer, Temporary
from bot.trail import HOUSTON, Trail

log = structlog.get_logger()

_SETTLE = timedelta(minutes=3)
"""After a start, until a change can be judged: applications are Progressing for a while."""


class Promises:
    """Looks again and again.

    Args:
        every: the pause between two looks.
        restorers: how temporary states are taken back, by the name they were noted under.
        linked: whether chat is heard at this moment.
    """

    def __init__(
        self,
        *,
        stops: Stops,
        queue: Queue,
        ledger: Ledger,
        restorers: Mapping[str, Restorer],
        router: Router,
        courier: Courier,
        patience: Patience,
        clock: Clock,
        tasks: Tasks,
        trail: Trail,
        redactor: Redactor,
        linked: Callable[[], bool],
        every: timedelta,
    ) -> None:
        self._stops = stops
        self._queue = queue
        self._ledger = ledger
        self._restorers = restorers
        self._router = router
        self._courier = courier
        self._patience = patience
        self._clock = clock
        self._tasks = tasks
        self._trail = trail
        self._redactor = redactor
        self._linked = linked
        self._every = every
        self._ready_since: datetime | None = None

    async def run(self) -> None:
        """Look for ever; a look that fails is followed by the next."""
        while True:
            for look in (self._end, self._release):
                try:
                    await look()
                except HoustonError as error:
                    log.info("promises.failed", why=error.message)
            await asyncio.sleep(self._every.total_seconds())

    async def _end(self) -> None:
        """Take back what is over."""
        for state in await self._ledger.all():
            if self._clock.now() < state.expires:
                continue
            if not state.restorer:
                await self._ledger.over(state)
                continue
            try:
                now = await self._restorers[state.restorer](state.restore)
            except HoustonError as error:
                await self._nag(state, error)
                continue
            await self._patience.until_done(
                partial(self._over, state, now), f"the end of {state.code}"
            )

    async def _over(self, state: Temporary, now: str) -> None:
        card = Card(Mark.OK, f"{plain(state.title)} is over: {plain(now)}", next=("!temporary",))
        await self._post(state, "over", card)
        await self._trail.note(
            HOUSTON, "temporary.ended", target=state.title, detail={"code": state.code}
        )
        await self._ledger.over(state)

    async def _nag(self, state: Temporary, error: HoustonError) -> None:
        now = self._clock.now()
        if state.told is not None and now - state.told < NAG:
            return
        card = Card(
            Mark.WARNING,
            f"{plain(state.title)} is over and could not be taken back",
            (f"{plain(error.message)} It is tried again and again.", error.hint),
            next=("!temporary", f"!temporary end {state.code}"),
        )
        told = replace(state, trouble=error.message, told=now)
        await self._patience.until_done(
            partial(self._tell, told, card), f"the state of {state.code}"
        )

    async def _tell(self, state: Temporary, card: Card) -> None:
        await self._post(state, f"{state.told}", card)
        await self._ledger.note(state)

    async def _post(self, state: Temporary, what: str, card: Card) -> None:
        text = self._redactor.clean(card.text())
        await self._courier.put(Post(post_id("temporary", state.code, what), state.room_id, text))

    async def _release(self) -> None:
        """Start what waited, once the cluster and chat have been back for a while."""
        waiting = await self._queue.all()
        if not waiting:
            return
        try:
            power = await self._stops.power()
        except AdapterError as error:
            log.info("queue.blind", why=error.message)
            return
        if power and power.cluster.off:
            self._ready_since = None
            await self._queue.saw_off()
            return
        now = self._clock.now()
        if not self._linked() or (power and not power.cluster.up):
            self._ready_since = None
            return
        self._ready_since = self._ready_since or now
        if now - self._ready_since >= _SETTLE:
            for each in waiting:
                if each.due(now):
                    await self._start(each)

    async def _start(self, each: Queued) -> None:
        message = each.message
        if await self._router.take(message):
            self._tasks.start(f"queued {each.code}", self._answer(message))
        await self._queue.done(each)

    async def _answer(self, message: Message) -> None:
        await self._router.handle(message)
        self._courier.hurry()
