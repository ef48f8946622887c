"""A CronJob's schedule against the hours the cluster runs. Pure.

What the controller does with a time that comes while the cluster is off: at the next start it runs
the latest one that was missed, once, however late; with `startingDeadlineSeconds` only when that is
no longer ago (kubernetes pkg/controller/cronjob/utils.go).

Instants are in UTC; within, they are whole minutes from the beginning of what is looked at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.cron import Cron
from bot.power import Timetable

YEAR = timedelta(days=365)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)

Pause = tuple[datetime, datetime]


@dataclass(frozen=True)
class Outlook:
    """What becomes of the times of a schedule.

    `due` times come, `on_time` of them while the cluster runs; `late` are caught up at a start.
    `latest` is the longest a run is late. `alarms` are the pauses between two runs that an alert on
    the time since the last run takes for trouble: from when it fires to when it ends by itself.
    """

    due: int
    on_time: int
    late: int
    latest: timedelta
    alarms: tuple[Pause, ...]

    @property
    def runs(self) -> int:
        return self.on_time + self.late

    @property
    def never(self) -> bool:
        """Times come, and not one of them is ever run."""
        return self.due > 0 and self.runs == 0

    @property
    def always_late(self) -> bool:
        """It runs, and never when it is meant to."""
        return self.on_time == 0 and self.late > 0

    @property
    def fits(self) -> bool:
        """Every time comes while the cluster runs."""
        return self.on_time == self.due > 0


@lru_cache(maxsize=4096)
def outlook(
    cron: Cron,
    zone: ZoneInfo,
    timetable: Timetable,
    begin: datetime,
    *,
    deadline: timedelta | None = None,
    limit: timedelta | None = None,
    length: timedelta = YEAR,
) -> Outlook:
    """What becomes of every time from `begin`, a whole minute, for `length`.

    Args:
        cron: not `@every`, which counts from the last run.
        zone: the schedule's.
        deadline: how late a run may start; None: however late.
        limit: how long after a run an alert fires; None: there is none.
    """
    fires = _Fires(cron, zone, begin, length)
    on_time = late = latest = off = 0
    runs = _Runs((limit or length) // _MINUTE)
    for opens, closes in _spans(timetable, begin, length):
        missed = fires.last_before(opens)
        caught_up = missed is not None and missed >= off and fires.first_from(opens) != opens
        if missed is not None and caught_up and _in_time(opens - missed, deadline):
            late, latest = late + 1, max(latest, opens - missed)
            runs.add(opens)
        on_time += fires.count(opens, closes)
        for run in fires.spread(opens, closes, runs.limit):
            runs.add(run)
        off = closes
    alarms = tuple((begin + a * _MINUTE, begin + b * _MINUTE) for a, b in runs.alarms)
    return Outlook(fires.count(0, length // _MINUTE), on_time, late, latest * _MINUTE, alarms)


def _spans(timetable: Timetable, begin: datetime, length: timedelta) -> Iterator[tuple[int, int]]:
    for opens, closes in timetable.running(begin, begin + length):
        yield (opens - begin) // _MINUTE, (closes - begin) // _MINUTE


def _in_time(minutes: int, deadline: timedelta | None) -> bool:
    return deadline is None or minutes * _MINUTE <= deadline


class _Runs:
    """Runs in order, and the alarms between them."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.alarms: list[tuple[int, int]] = []
        self._last: int | None = None

    def add(self, run: int) -> None:
        if self._last is not None and run - self._last > self.limit:
            self.alarms.append((self._last + self.limit, run))
        self._last = run


class _Fires:
    """Every time of a schedule, in order. Days share their times: a year has half a million."""

    def __init__(self, cron: Cron, zone: ZoneInfo, begin: datetime, length: timedelta) -> None:
        self._days: list[tuple[int, tuple[int, ...]]] = []
        self._before = [0]
        day, last = (at.astimezone(zone).date() for at in (begin - _DAY, begin + length))
        while day <= last:
            midnight, times = cron.day(day, zone)
            if times:
                self._days.append(((midnight - begin) // _MINUTE, times))
                self._before.append(self._before[-1] + len(times))
            day += _DAY

    def count(self, begin: int, end: int) -> int:
        """How many come from `begin` on and before `end`."""
        return self._rank(end) - self._rank(begin)

    def first_from(self, minute: int) -> int | None:
        return self._at(self._rank(minute))

    def last_before(self, minute: int) -> int | None:
        return self._at(self._rank(minute) - 1)

    def spread(self, begin: int, end: int, limit: int) -> Iterator[int]:
        """The first, the last, and in between as few as leave no two further apart than they are
        or than `limit`."""
        index, last = self._rank(begin), self._rank(end) - 1
        while index <= last and (found := self._at(index)) is not None:
            yield found
            further = max(index + 1, self._rank(found + limit + 1) - 1)
            index = min(further, last) if index < last else further

    def _rank(self, minute: int) -> int:
        """How many come before it."""
        day = bisect_right(self._days, minute, key=lambda each: each[0]) - 1
        if day < 0:
            return 0
        midnight, times = self._days[day]
        return self._before[day] + bisect_left(times, minute - midnight)

    def _at(self, index: int) -> int | None:
        if not 0 <= index < self._before[-1]:
            return None
        day = bisect_right(self._before, index) - 1
        midnight, times = self._days[day]
        return midnight + times[index - self._before[day]]
