"""An event loop with real sockets and threads that skips the time in which nothing happens.

Every server and every client of a test run in the one loop, so what is on its way on loopback is
there at the next look, and what only waits for a timer need not wait in real time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

Value = TypeVar("Value")

_ON_ITS_WAY = 0.001
"""Seconds of real time in which everything sent on loopback has arrived."""


class _Selector(selectors.DefaultSelector):
    """Gives up waiting for sockets when there is nothing to come."""

    def __init__(self) -> None:
        super().__init__()
        self.working = 0
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As the library's, but a pause in which no thread works is skipped."""
        if timeout is None or timeout <= _ON_ITS_WAY or self.working:
            return super().select(timeout)
        found = super().select(_ON_ITS_WAY)
        if not found:
            self.skipped += timeout - _ON_ITS_WAY
        return found


class SkippingLoop(asyncio.SelectorEventLoop):
    """Its time is the machine's, and what was skipped."""

    def __init__(self) -> None:
        self._quick = _Selector()
        super().__init__(self._quick)

    def time(self) -> float:
        """Seconds; they pass at least as fast as real ones."""
        return super().time() + self._quick.skipped

    def run_in_executor(  # type: ignore[override]  # typed as the documentation has it
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As the library's; while a thread works no time is skipped."""
        self._quick.working += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._worked)
        return future

    def _worked(self, future: asyncio.Future[Any]) -> None:
        del future
        self._quick.working -= 1


def run(work: Coroutine[Any, Any, Value]) -> Value:
    """Run it on a loop of its own."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(work)
