"""Two years walked minute by minute: what the calculations about schedules are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.cron import Cron
from bot.power import Timetable

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TWO_YEARS = timedelta(days=730)
MINUTES = TWO_YEARS // timedelta(minutes=1)

Wall = tuple[int, int, int, int]
"""Month, day, weekday with Sunday 0, and minute of the day."""


@cache
def walls(zone: str) -> list[Wall]:
    """What the zone's clock shows in every minute."""
    local = ZoneInfo(zone)
    found: list[Wall] = []
    for minute in range(MINUTES):
        at = (BEGIN + timedelta(minutes=minute)).astimezone(local)
        found.append((at.month, at.day, at.isoweekday() % 7, at.hour * 60 + at.minute))
    return found


def matches(cron: Cron, wall: Wall) -> bool:
    """Whether the schedule names this minute, by the fields alone."""
    month, day, weekday, minute = wall
    if minute % 60 not in cron.minutes or minute // 60 not in cron.hours:
        return False
    if month not in cron.months:
        return False
    if cron.either:
        return day in cron.days or weekday in cron.weekdays
    return day in cron.days and weekday in cron.weekdays


@dataclass
class Walked:
    """What happened: minutes of runs, and how late each of them was."""

    due: int = 0
    runs: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)


def walk(cron: Cron, zone: str, timetable: Timetable, deadline: timedelta | None) -> Walked:
    """Switch the cluster on and off, let times pass, and start what the controller would."""
    switch, clock = walls(_zone(timetable)), walls(zone)
    starts, stops = _moments(timetable)
    walked, on, pending = Walked(), timetable.runs_at(BEGIN), -1
    for minute in range(MINUTES):
        key = switch[minute][2:]
        if key in stops:
            on = False
        if key in starts:
            on = True
        if matches(cron, clock[minute]):
            walked.due += 1
            pending = minute
        if not on or pending < 0:
            continue
        waited = minute - pending
        if deadline is None or timedelta(minutes=waited) <= deadline:
            walked.runs.append(minute)
            walked.late.append(waited)
        pending = -1
    return walked


def _zone(timetable: Timetable) -> str:
    assert timetable.start is not None
    return timetable.start.zone.key


def _moments(timetable: Timetable) -> list[set[tuple[int, int]]]:
    """Weekday and minute of the day of every start and every stop."""
    found = []
    for weekly in (timetable.start, timetable.stop):
        assert weekly is not None
        minute = weekly.at.hour * 60 + weekly.at.minute
        found.append({((day + 1) % 7, minute) for day in weekly.days.numbers})
    return found
