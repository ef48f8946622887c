"""A day of a whole Houston among people and faults, and what it held in its course."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import structlog

from tests.soak.flown import Flown
from tests.soak.people import People
from tests.soak.verdict import Verdict
from tests.soak.weather import Happens, Weather

Look = TypeVar("Look")

START = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
"""A Tuesday. The cluster, and chat with it, stops at 23:00 and starts at 07:00."""
HOUR = 3600.0
CALM = 900.0
"""What was begun ends before a look: a plan waits ten minutes for its votes."""
_BUGS = {
    "flow.bug",
    "step.bug",
    "plan.bug",
    "drill.bug",
    "command.bug",
    "task.died",
    "message.unheard",
}
"""Log events of mistakes of our own."""
CHANGED: dict[str, Any] = {
    "schedules": [
        {"name": name, "cron": cron, "zone": "Europe/London", "command": command}
        for name, cron, command in (
            ("status", "0 */3 * * *", "!status"),
            ("daily", "30 16 * * *", "!report daily"),
            ("jobs", "0 9 * * mon-fri", "!report jobs"),
        )
    ],
    "reports": {"watch_every": 3600},
    "guide": {"nightly": None},
    "pace": {"engine": 60, "look": 60},
}
"""It looks less often than usual, so that a day takes a minute."""


@dataclass(frozen=True)
class Pace:
    """How long a day is and how much happens in it. `hours` are when it is looked at what Houston
    holds: the first when it has warmed up, the last at the end. `schedules` is how many of them are
    due in it; the others are seconds, the shortest and the longest, between two things."""

    hours: tuple[float, float]
    schedules: int
    people: tuple[float, float] = (120.0, 600.0)
    faults: tuple[float, float] = (120.0, 900.0)


class Day(Generic[Look]):
    """`wrong` is what must not be; `looks` are what was seen."""

    def __init__(self, seed: int, pace: Pace) -> None:
        self._dice = random.Random(seed)  # noqa: S311  # a day that can be lived again
        self._pace = pace
        self.wrong: list[str] = []
        self.met: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.commands = 0
        self.looks: list[Look] = []

    async def live(
        self, flown: Flown, look: Callable[[], Look], more: tuple[tuple[Happens, int], ...] = ()
    ) -> None:
        """All of it, and judge."""
        people = People(flown, self._own(), self._pace.people)
        weather = Weather(flown, self._own(), self._pace.faults, more)
        flown.world.runbooks.schedule("07:00", "23:00")
        passed = 0.0
        with _watched(self.wrong):
            for hour in self._pace.hours:
                seconds = hour * HOUR - passed - CALM
                await asyncio.gather(people.live(seconds), weather.blow(seconds))
                await asyncio.sleep(CALM)
                self.looks.append(look())
                passed = hour * HOUR
            verdict = Verdict(flown)
            await verdict.find(people.said, self._pace.schedules)
        self.wrong += verdict.wrong
        self.states.update(verdict.states)
        self.met, self.commands = weather.met, len(people.said)

    def _own(self) -> random.Random:
        return random.Random(self._dice.random())  # noqa: S311


@contextmanager
def _watched(wrong: list[str]) -> Iterator[None]:
    """Log lines are looked at and dropped: a day has very many."""

    def take(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        if event["event"] in _BUGS:
            wrong.append(str(event))
        raise structlog.DropEvent

    processors = structlog.get_config()["processors"]
    before = [*processors]
    processors[:] = [structlog.processors.format_exc_info, take]
    try:
        yield
    finally:
        processors[:] = before
