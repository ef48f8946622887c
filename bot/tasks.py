"""Background work with an owner: named, logged when it dies, stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot.errors import StoreAway, Superseded
from bot.patience import LONGEST_PAUSE

log = structlog.get_logger()

_STEADY = 60.0
"""Seconds after which the pauses before new beginnings are short again."""


class Tasks:
    """Everything that runs beside the one who started it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run it; what it raises is logged under its name and harms nobody else."""
        task = asyncio.create_task(self._guard(name, work), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def keep(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run what goes on for as long as Houston does. Should it die, it begins anew a while
        later: Houston must not be deaf or mute for one error."""
        self.start(name, self._again_and_again(name, work))

    async def _again_and_again(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            begun = loop.time()
            try:
                await work()
            except Superseded:
                raise
            except StoreAway as away:
                log.error("store.away", waits=name, why=away.message)
            except Exception:
                log.exception("task.died", task=name)
            else:
                return
            failures = 1 if loop.time() - begun > _STEADY else failures + 1
            await asyncio.sleep(min(2.0**failures / 4, LONGEST_PAUSE))

    async def _guard(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Superseded as superseded:
            log.warning("task.superseded", task=name, why=superseded.message)
        except Exception:
            log.exception("task.died", task=name)

    async def settle(self) -> None:
        """Wait until all that runs now has ended."""
        while self._running:
            await asyncio.gather(*self._running)

    async def stop(self) -> None:
        """Cancel everything and wait for it."""
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
