"""Background work with an owner: named, logged when it dies, stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.errors import Superseded

log = structlog.get_logger()


class Tasks:
    """Everything that runs beside the one who started it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run it; what it raises is logged under its name and harms nobody else."""
        task = asyncio.create_task(self._guard(name, work), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

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
