"""The time nearest to a CronJob's own at which the cluster always runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from bot.cron import Cron
from bot.joblint import YEAR, outlook
from bot.power import Timetable

SETTLE = timedelta(minutes=30)
"""Kept free after each start, until pods run again, and before each stop, so that a job can end."""
_GRID = 5
"""A proposed minute is a multiple of it."""
_TRIES = 8
_DAY = 24 * 60
_WEEK = 7 * _DAY
_MINUTE = timedelta(minutes=1)

Place = tuple[int, tuple[int, ...]]
"""A minute of the day, and the weekdays; Sunday is 0."""


@lru_cache(maxsize=4096)
def nearest(cron: Cron, zone: ZoneInfo, timetable: Timetable, begin: datetime) -> str | None:
    """The cron line nearest to this one whose every time comes while the cluster runs.

    It keeps months, zone and, where that can be, the days; a job of several days keeps to those on
    which the cluster runs. None for a job that runs several times a day or on days of the month
    that do not fit, and where nothing fits.
    """
    if cron.every is not None or cron.either or len(cron.times) != 1:
        return None
    for margin in (SETTLE, timedelta(0)):
        steady = _steady(zone, timetable, begin, margin)
        for minute, weekdays in islice(_candidates(cron, steady), _TRIES):
            line = _line(cron, minute, weekdays)
            if outlook(Cron.read(line), zone, timetable, begin).fits:
                return line
    return None


def _steady(zone: ZoneInfo, timetable: Timetable, begin: datetime, margin: timedelta) -> int:
    """The minutes of the zone's week, from Sunday on, in which the cluster runs in every week of
    the year: a set, as the bits of a number."""
    today = begin.astimezone(zone).date()
    sunday = today + timedelta(days=7 - today.isoweekday() % 7)
    weeks = [0] * (YEAR.days // 7)
    for opens, closes in timetable.running(begin, begin + YEAR + timedelta(weeks=2)):
        first, last = _wall(opens + margin, zone, sunday), _wall(closes - margin, zone, sunday)
        for week in range(max(0, first // _WEEK), min(len(weeks) - 1, last // _WEEK) + 1):
            low, high = max(0, first - week * _WEEK), min(_WEEK, last - week * _WEEK)
            if low < high:
                weeks[week] |= (1 << high) - (1 << low)
    found = (1 << _WEEK) - 1
    for each in weeks:
        found &= each
    return found


def _wall(at: datetime, zone: ZoneInfo, sunday: date) -> int:
    """Minutes on the wall clock since that Sunday's midnight."""
    local = at.astimezone(zone).replace(tzinfo=None)
    return (local - datetime.combine(sunday, time())) // _MINUTE


def _candidates(cron: Cron, steady: int) -> Iterable[Place]:
    """Places that may fit, the best first: of as many days as can be, then the nearest."""
    own, weekdays = cron.times[0], sorted(cron.weekdays)
    if len(weekdays) == 1:
        return _of_the_week(weekdays[0] * _DAY + own, steady)
    fitting = (
        (minute, tuple(day for day in weekdays if steady >> (day * _DAY + minute) & 1))
        for minute in range(0, _DAY, _GRID)
    )
    dated = len(cron.days) < 31
    found = [place for place in fitting if place[1] and not (dated and len(place[1]) < 7)]
    return sorted(found, key=lambda place: (-len(place[1]), *_apart(place[0], own, _DAY)))


def _of_the_week(own: int, steady: int) -> Iterable[Place]:
    found = (minute for minute in range(0, _WEEK, _GRID) if steady >> minute & 1)
    for minute in sorted(found, key=lambda each: _apart(each, own, _WEEK)):
        yield minute % _DAY, (minute // _DAY,)


def _apart(minute: int, own: int, whole: int) -> tuple[int, int]:
    """How far apart they are around the clock; of two as near, the later one is first."""
    later, earlier = (minute - own) % whole, (own - minute) % whole
    return min(later, earlier), later


def _line(cron: Cron, minute: int, weekdays: tuple[int, ...]) -> str:
    fields = (
        str(minute % 60),
        str(minute // 60),
        _field(sorted(cron.days), 31),
        _field(sorted(cron.months), 12),
        _field(weekdays, 7),
    )
    return " ".join(fields)


def _field(values: Iterable[int], whole: int) -> str:
    found = list(values)
    if len(found) == whole:
        return "*"
    if len(found) > 2 and found == list(range(found[0], found[-1] + 1)):
        return f"{found[0]}-{found[-1]}"
    return ",".join(map(str, found))
