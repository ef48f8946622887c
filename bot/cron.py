"""Schedules as Kubernetes reads them: robfig/cron v3 `ParseStandard`, in a zone's wall clock.

Five fields or a descriptor; day-of-week 0 to 6; `?` is `*`; `N/step` runs to the end. When both day
fields are restricted one of them is enough, and a star with a step counts as restricted. A wall
time that the spring change leaves out does not run; one that autumn repeats runs twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_NAMED_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = {name: number for number, name in enumerate(_NAMED_MONTHS, start=1)}
_DAYS = {name: number for number, name in enumerate(_NAMED_DAYS)}
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_NAMES: tuple[dict[str, int], ...] = ({}, {}, {}, _MONTHS, _DAYS)
_EVERY = re.compile(r"(\d+(?:\.\d+)?)(h|m(?!s)|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_DAYS_BACK = 5 * 366
_HORIZON = timedelta(days=_DAYS_BACK)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cron:
    """A schedule. `every` is set for `@every`, which counts from the last run instead.

    `either` says that one of the two day fields is enough.
    """

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    either: bool = False
    every: timedelta | None = None

    @classmethod
    def read(cls, text: str) -> Cron:
        """Raises ValueError with the reason, as the cluster would refuse it."""
        line = text.strip()
        if line.startswith("@every "):
            return cls(every=_every(line.removeprefix("@every ").strip()))
        fields = _DESCRIPTORS.get(line, line).split()
        if len(fields) != 5 or line.startswith(("TZ=", "CRON_TZ=")):
            raise ValueError(f"{text!r} is no schedule of five fields")
        minutes, hours, days, months, weekdays = (
            _field(field, *bounds, names)
            for field, bounds, names in zip(fields, _BOUNDS, _NAMES, strict=True)
        )
        either = not (_star(fields[2]) or _star(fields[4]))
        return cls(minutes, hours, days, months, weekdays, either)

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first time after the moment, in UTC; None when there is none within five years."""
        if self.every is not None:
            return moment.astimezone(UTC).replace(microsecond=0) + self.every
        at = moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        end = at + _HORIZON
        while at < end:
            local = at.astimezone(zone)
            if not self.on(local.date()):
                at = _tomorrow(local)
            elif local.hour not in self.hours:
                at += timedelta(minutes=60 - local.minute)
            elif local.minute not in self.minutes:
                at += timedelta(minutes=1)
            else:
                return at
        return None

    def before(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The last time before the moment, in UTC; None when there is none within five years, and
        for `@every`, which begins anew with each run."""
        at = moment.astimezone(UTC)
        # The wall clock's day of a moment is its own day or, where the clock goes back, the next.
        day = at.astimezone(zone).date() + _DAY
        for _ in range(_DAYS_BACK):
            found = [run for run in self.runs(day, zone) if run < at]
            if found:
                return found[-1]
            day -= _DAY
        return None

    def runs(self, day: date, zone: ZoneInfo) -> list[datetime]:
        """Every time it runs on a day of the zone's wall clock, in UTC and in order."""
        midnight, minutes = self.day(day, zone)
        return [midnight + timedelta(minutes=minute) for minute in minutes]

    def day(self, day: date, zone: ZoneInfo) -> tuple[datetime, tuple[int, ...]]:
        """As `runs`: the day's beginning in UTC, and the minutes after it."""
        begin, end = (datetime.combine(at, time(), zone) for at in (day, day + _DAY))
        midnight = begin.astimezone(UTC)
        if not self.on(day):
            return midnight, ()
        if begin.utcoffset() == end.utcoffset():
            return midnight, self.times
        walls = (begin.replace(hour=minute // 60, minute=minute % 60) for minute in self.times)
        both = (wall.replace(fold=fold) for wall in walls for fold in (0, 1))
        found = {local.astimezone(UTC) - midnight for local in both if _exists(local)}
        return midnight, tuple(sorted(passed // timedelta(minutes=1) for passed in found))

    @cached_property
    def times(self) -> tuple[int, ...]:
        """The minutes of a day at which it runs."""
        return tuple(sorted(hour * 60 + minute for hour in self.hours for minute in self.minutes))

    def on(self, day: date) -> bool:
        """Whether it runs on that day at all."""
        if day.month not in self.months:
            return False
        dated = day.day in self.days
        weekday = day.isoweekday() % 7 in self.weekdays
        return dated or weekday if self.either else dated and weekday


def _tomorrow(local: datetime) -> datetime:
    """The next midnight of the wall clock, or the first minute after a midnight left out."""
    start = local.replace(hour=0, minute=0, fold=0) + timedelta(days=1)
    found = start.astimezone(UTC)
    return found if found > local.astimezone(UTC) else found + timedelta(hours=1)


def _exists(local: datetime) -> bool:
    """Whether that wall time comes at all: a change to summer time leaves an hour out."""
    back = local.astimezone(UTC).astimezone(local.tzinfo)
    return back.replace(tzinfo=None) == local.replace(tzinfo=None)


def _star(field: str) -> bool:
    return any(part in {"*", "?", "*/1", "?/1"} for part in field.split(","))


def _field(field: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        found.update(_part(part, low, high, names))
    return frozenset(found)


def _part(part: str, low: int, high: int, names: dict[str, int]) -> range:
    span, slash, step = part.partition("/")
    first, dash, last = span.partition("-")
    if span in {"*", "?"}:
        begin, end = low, high
    else:
        begin = _value(first, names, part)
        end = _value(last, names, part) if dash else high if slash else begin
    width = _value(step, {}, part) if slash else 1
    if not low <= begin <= end <= high or width < 1:
        raise ValueError(f"{part!r} does not fit into {low} to {high}")
    return range(begin, end + 1, width)


def _value(text: str, names: dict[str, int], part: str) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{part!r} is no part of a schedule")
    return int(text)


def _every(text: str) -> timedelta:
    parts = _EVERY.findall(text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        raise ValueError(f"{text!r} is no duration")
    found = timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
    return max(found, timedelta(seconds=1))
