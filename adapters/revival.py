"""Durable functions whose journal could not be written: they go on when it can be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreAway, Superseded

log = structlog.get_logger()

_LONGEST_PAUSE = 30.0


@contextmanager
def journal() -> Iterator[None]:
    """The database's own errors as StoreAway."""
    try:
        yield
    except DBAPIError as error:
        raise StoreAway(str(error.orig)[:120]) from error


class Revival:
    """Keeps the functions that stopped short, and why; resumes each from what was written.

    Args:
        resume: lets the function with this id go on. Raises DBAPIError while it cannot.
    """

    def __init__(self, resume: Callable[[str], Awaitable[Any]]) -> None:
        self._resume = resume
        self.parked: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    def park(self, id: str, error: DBAPIError) -> None:
        """This one did not end: what it did last was not written down."""
        self.parked[id] = str(error.orig)[:120]
        log.error("journal.away", flow=id, why=self.parked[id])

    def landed(self, id: str, task: asyncio.Task[Any]) -> None:
        """Its task is over. Should the journal have missed that, it is to go on some day."""
        error = None if task.cancelled() else task.exception()
        if isinstance(error, DBAPIError):
            self.park(id, error)
        if self.parked and self._task is None:
            self._task = asyncio.create_task(self._revive(), name="revive flows")

    async def stop(self) -> None:
        """Leave the rest to the next start."""
        self.parked.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _revive(self) -> None:
        failures = 0
        while self.parked:
            failures += 1
            await asyncio.sleep(min(2.0**failures / 4, _LONGEST_PAUSE))
            id = min(self.parked)
            try:
                await self._resume(id)
            except DBAPIError as error:
                self.park(id, error)
            except Superseded as error:  # it goes on elsewhere
                log.warning("flow.superseded", flow=id, why=error.message)
                return
            else:
                self.parked.pop(id, None)
                failures = 0
        self._task = None
