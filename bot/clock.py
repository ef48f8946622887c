"""Dates come from here; durations come from the event loop. Tests put their own in place."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The date, always aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class LoopClock:
    """A clock that follows the event loop's time from `start`, so simulated time moves it.

    Args:
        start: the date at construction, aware.
        speed: how many of this clock's seconds pass in one of the loop's.
    """

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self._start = start
        self._speed = speed
        self._origin = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        passed = asyncio.get_running_loop().time() - self._origin
        return self._start + timedelta(seconds=passed * self._speed)


class Steady:
    """A clock that is never set back, for each thing that waits for an end: an id and its round.

    From the first look at one on, its time moves at least as fast as the event loop's. What is
    set forward moves it forward.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._first: dict[tuple[str, int], tuple[datetime, float]] = {}

    def now(self, key: tuple[str, int]) -> datetime:
        date, time = self._clock.now(), asyncio.get_running_loop().time()
        first, then = self._first.setdefault(key, (date, time))
        return max(date, first + timedelta(seconds=time - then))

    @property
    def known(self) -> set[str]:
        """Every id that was looked at and not forgotten."""
        return {id for id, _ in self._first}

    def forget(self, id: str) -> None:
        """All rounds of this are over."""
        for key in [key for key in self._first if key[0] == id]:
            del self._first[key]


class Stopwatch:
    """How long something has gone on, for each thing that began at a date. The date counts at the
    first look of a process; from then on it is the event loop's time, whatever the clock is set to.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun: dict[str, tuple[datetime, float]] = {}

    def since(self, key: str, date: datetime) -> timedelta:
        """The length at this moment; a new date is a new beginning."""
        time = asyncio.get_running_loop().time()
        known, then = self._begun.get(key, (None, 0.0))
        if known != date:
            then = time - max(0.0, (self._clock.now() - date).total_seconds())
            self._begun[key] = (date, then)
        return timedelta(seconds=time - then)

    def forget(self, key: str) -> None:
        """It is over."""
        self._begun.pop(key, None)
