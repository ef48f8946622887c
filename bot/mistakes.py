"""What nobody foresaw ends the operation it befell, and not only the task that flew it: else the
operation would keep its target, and nobody would hear of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import structlog

from bot.errors import Bug, HoustonError, bug
from bot.ports.engine import Flow, Json

log = structlog.get_logger()

_MISTAKE = "houston's mistake"
"""The key in the journal; it must never change."""


class CarefulFlow:
    """A flow that raises Bug for what its steps did not foresee, also when they are replayed."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self.id = flow.id

    async def step(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        """See the port. Raises Bug."""
        said = await self._flow.step(name, partial(self._guarded, name, act))
        if isinstance(said, dict) and _MISTAKE in said:
            raise Bug(str(said[_MISTAKE]))
        return said

    async def receive(self, within: timedelta) -> Json:
        """See the port."""
        return await self._flow.receive(within)

    async def sleep(self, duration: timedelta) -> None:
        """See the port."""
        await self._flow.sleep(duration)

    async def _guarded(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        try:
            with admitted(self.id, name):
                return await act()
        except Bug as mistake:
            return {_MISTAKE: mistake.message}


@contextmanager
def admitted(id: str, doing: str) -> Iterator[None]:
    """Raises Bug, with the trace in the log, for what nobody foresaw within."""
    try:
        yield
    except HoustonError:
        raise
    except Exception as error:
        log.exception("flow.mistake", flow=id, doing=doing)
        raise bug(id, error) from error
