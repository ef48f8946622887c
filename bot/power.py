"""When the cluster runs: weekly starts and stops by the wall clock of one zone. Pure.

Every instant given is in UTC: two times in one zone must not be compared around a clock change.

A wall time that a change to summer time leaves out happens later by the hour left out, and one
that comes twice happens the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

from bot.errors import UsageError

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = tuple(day[:3].lower() for day in DAYS)
_GROUPS = {
    "daily": frozenset(range(7)),
    "weekdays": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
}
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
WEEKS_A_MONTH = 52 / 12


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA or a Windows name, such as `GMT Standard Time`.

    Raises UsageError when it is neither.
    """
    try:
        return ZoneInfo(win_tz.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"`{name[:40]}` is no time zone.",
            "Write it like `Europe/London` or `GMT Standard Time`",
        ) from None


@dataclass(frozen=True)
class Days:
    """Days of the week; Monday is 0."""

    numbers: frozenset[int]

    @classmethod
    def read(cls, text: str) -> Days:
        """`mon-fri`, `mon,wed,fri`, `daily`, `weekdays`. Raises UsageError."""
        found: set[int] = set()
        for part in text.lower().replace("–", "-").split(","):
            if part in _GROUPS:
                found |= _GROUPS[part]
                continue
            ends = [_day(word) for word in part.split("-")]
            if len(ends) > 2:
                raise _no_days(text)
            span = (ends[-1] - ends[0]) % 7
            found |= {(ends[0] + step) % 7 for step in range(span + 1)}
        return cls(frozenset(found))

    @classmethod
    def named(cls, names: Iterable[str]) -> Days:
        """From English names of days; none at all are all seven."""
        numbers = frozenset(DAYS.index(name) for name in names if name in DAYS)
        return cls(numbers or _GROUPS["daily"])

    @property
    def names(self) -> tuple[str, ...]:
        """As Azure writes them."""
        return tuple(DAYS[number] for number in sorted(self.numbers))

    def __str__(self) -> str:
        if len(self.numbers) == 7:
            return "daily"
        ordered = sorted(self.numbers)
        if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
            return f"{_SHORT[ordered[0]]}-{_SHORT[ordered[-1]]}"
        return ",".join(_SHORT[number] for number in ordered)


@dataclass(frozen=True)
class Weekly:
    """One wall time on some days of every week."""

    at: time
    days: Days
    zone: ZoneInfo

    def on(self, day: date) -> datetime:
        """The instant of that day's wall time."""
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)

    def after(self, now: datetime, lead: timedelta = timedelta(0)) -> datetime:
        """The first time that is more than `lead` after now."""
        return next(at for at in self._from(now) if at > now.astimezone(UTC) + lead)

    def between(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Every time from `begin` on and before `end`."""
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
        for at in self._from(begin):
            if at >= end:
                return
            if at >= begin:
                yield at

    def _from(self, now: datetime) -> Iterator[datetime]:
        day = now.astimezone(self.zone).date() - _DAY
        while True:
            if day.weekday() in self.days.numbers:
                yield self.on(day)
            day += _DAY


@dataclass(frozen=True)
class Timetable:
    """When the cluster is started and stopped by itself; None where nothing does it."""

    start: Weekly | None
    stop: Weekly | None

    def next_start(self, now: datetime) -> datetime | None:
        return self.start.after(now) if self.start else None

    def next_stop(self, now: datetime) -> datetime | None:
        return self.stop.after(now) if self.stop else None

    def running(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The spans in which it runs by this timetable, cut to `begin` and `end`.

        Without a start it never runs by itself, without a stop it never ends.
        """
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
        spans: list[tuple[datetime, datetime]] = []
        since: datetime | None = None
        for at, starts in self._events(begin - _WEEK - _DAY, end):
            if starts and since is None:
                since = at
            elif not starts and since is not None:
                spans.append((since, at))
                since = None
        if since is not None:
            spans.append((since, end))
        cut = ((max(a, begin), min(b, end)) for a, b in spans)
        return [(a, b) for a, b in cut if a < b]

    def hours(self, begin: datetime, end: datetime) -> float:
        """Hours it runs by this timetable between two instants."""
        total = sum((b - a for a, b in self.running(begin, end)), timedelta(0))
        return total / timedelta(hours=1)

    def runs_at(self, at: datetime) -> bool:
        """Whether this timetable has it running at that instant."""
        return bool(self.running(at, at + timedelta(seconds=1)))

    @property
    def weekly_hours(self) -> float:
        """Hours in a week in which no clock changes."""
        calm = Timetable(_in_utc(self.start), _in_utc(self.stop))
        monday = datetime(2024, 1, 8, tzinfo=UTC)
        return calm.hours(monday, monday + _WEEK)

    @property
    def monthly_hours(self) -> float:
        """Hours in an average month: 52 weeks are 12 months."""
        return self.weekly_hours * WEEKS_A_MONTH

    def _events(self, begin: datetime, end: datetime) -> list[tuple[datetime, bool]]:
        """Starts (True) and stops in order; a stop at the instant of a start comes first."""
        starts = self.start.between(begin, end) if self.start else ()
        stops = self.stop.between(begin, end) if self.stop else ()
        found = [*((at, True) for at in starts), *((at, False) for at in stops)]
        return sorted(found)


def week_of(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Monday 00:00 to the next in that zone."""
    local = at.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    return _midnight(monday, zone), _midnight(monday + _WEEK, zone)


def month_of(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first, 00:00, to the next month's in that zone."""
    first = at.astimezone(zone).date().replace(day=1)
    return _midnight(first, zone), _midnight((first + timedelta(days=31)).replace(day=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _in_utc(weekly: Weekly | None) -> Weekly | None:
    return Weekly(weekly.at, weekly.days, ZoneInfo("UTC")) if weekly else None


def _day(word: str) -> int:
    known = [number for number, short in enumerate(_SHORT) if word[:3] == short]
    if not known or not DAYS[known[0]].lower().startswith(word):
        raise _no_days(word)
    return known[0]


def _no_days(text: str) -> UsageError:
    return UsageError(
        f"`{text[:40]}` are no days of the week.", "Write them like `mon-fri`, `mon,wed`, `daily`"
    )
