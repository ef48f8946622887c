"""Waits for Houston's own store: nothing that is durable can go on without it, and nothing durable
may end because of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from bot.errors import StoreAway
from bot.ports.engine import Flow, Json

log = structlog.get_logger()

Value = TypeVar("Value")

LONGEST_PAUSE = 30.0


class Patience:
    """Of one Houston, for its own store: a process may have several, as while a drill is flown.

    `waiting` is why each who waits does so: a full disk still answers who only reads.
    """

    def __init__(self) -> None:
        self.waiting: dict[str, str] = {}

    async def until_done(self, work: Callable[[], Awaitable[Value]], what: str) -> Value:
        """What `work` gives, done again and again while the store is away. `work` looks before it
        acts.

        Args:
            what: who waits, for the log.
        """
        failures = 0
        try:
            while True:
                try:
                    value = await work()
                except StoreAway as away:
                    log.error("store.away", waits=what, why=away.message)
                    self.waiting[what] = away.message
                    failures += 1
                    await asyncio.sleep(min(2.0**failures / 4, LONGEST_PAUSE))
                else:
                    if failures:
                        log.info("store.back", waited=what)
                    return value
        finally:
            self.waiting.pop(what, None)


class PatientFlow:
    """A flow whose steps wait for the store instead of ending without it: an operation that ended
    so would keep its target, and nobody would hear of it."""

    def __init__(self, flow: Flow, patience: Patience) -> None:
        self._flow = flow
        self._until_done = patience.until_done
        self.id = flow.id

    async def step(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        """See the port."""
        return await self._flow.step(name, partial(self._until_done, act, f"{self.id} {name}"))

    async def receive(self, within: timedelta) -> Json:
        """See the port."""
        return await self._flow.receive(within)

    async def sleep(self, duration: timedelta) -> None:
        """See the port."""
        await self._flow.sleep(duration)
