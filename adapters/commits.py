"""The writers of one SQLite database in one line: who waits together is committed together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa

Written = TypeVar("Written")
_TOGETHER = 50
"""Writers that one commit may be for."""


@dataclass(frozen=True)
class _Waiting:
    work: Callable[[sa.Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class Commits:
    """One thread that writes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._line: deque[_Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, "store writes")

    async def add(self, work: Callable[[sa.Connection], Written]) -> Written:
        """What `work` gives, once it is durable. Raises what it raises, and what the commit does.

        Where one of several in a transaction fails nothing of that is kept, and each is done anew
        in a transaction of its own: SQLite may have rolled back more than the one that failed.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(work, loop, loop.create_future())
        self._line.append(waiting)
        self._thread.submit(self._write)
        return cast(Written, await waiting.future)

    def close(self) -> None:
        """Write what waits, and end."""
        self._thread.shutdown()

    def _write(self) -> None:
        """Whoever stands in the line now; nobody where an earlier call took them along."""
        batch: list[_Waiting] = []
        with suppress(IndexError):
            while len(batch) < _TOGETHER:
                batch.append(self._line.popleft())
        if len(batch) > 1:
            try:
                with self._engine.begin() as connection:
                    found = [each.work(connection) for each in batch]
            except Exception:  # noqa: BLE001, S110  # each hears of its own failure below
                pass
            else:
                for each, value in zip(batch, found, strict=True):
                    _tell(each, value, None)
                return
        for each in batch:
            self._alone(each)

    def _alone(self, waiting: _Waiting) -> None:
        try:
            with self._engine.begin() as connection:
                value = waiting.work(connection)
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            _tell(waiting, None, error)
        else:
            _tell(waiting, value, None)


def _tell(waiting: _Waiting, value: Any, error: BaseException | None) -> None:
    def settle() -> None:
        if waiting.future.done():  # who waited was cancelled
            return
        if error is None:
            waiting.future.set_result(value)
        else:
            waiting.future.set_exception(error)

    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        waiting.loop.call_soon_threadsafe(settle)
