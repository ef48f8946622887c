"""Tonight's stop at another time, and back: what to ask of a schedule. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import Refused
from bot.hosting import weekly
from bot.ports.automation import Schedule
from bot.power import DAYS, Days, Weekly

LEAD = timedelta(minutes=6)
"""Azure takes no first run less than five minutes ahead."""


@dataclass(frozen=True)
class Shift:
    """A schedule's stop moved from `usual` to `start` (both instants, `start` in its zone).

    From `start` on it repeats on `days` until it is moved back: should nobody do that, the
    cluster is still stopped every night.
    """

    schedule: str
    usual: datetime
    start: datetime
    days: tuple[str, ...]


def later(schedule: Schedule, stop: datetime, by: timedelta) -> Shift:
    """The stop that is due at `stop`, later by that much; its days follow it over midnight."""
    usual = _weekly(schedule)
    start = (stop + by).astimezone(usual.zone)
    over = (start.date() - stop.astimezone(usual.zone).date()).days
    days = Days(frozenset((number + over) % 7 for number in usual.days.numbers))
    return Shift(schedule.name, stop, start, days.names)


def skipped(schedule: Schedule, stop: datetime) -> Shift:
    """The stop that is due at `stop` left out: the schedule goes on with the one after."""
    usual = _weekly(schedule)
    start = usual.after(stop).astimezone(usual.zone)
    return Shift(schedule.name, stop, start, usual.days.names)


def usual_time(schedule: Schedule) -> dict[str, str]:
    """What has to be remembered to move it back."""
    usual = _weekly(schedule)
    return {
        "schedule": schedule.name,
        "at": usual.at.isoformat("minutes"),
        "days": ",".join(usual.days.names),
        "zone": schedule.zone,
    }


def next_usual(remembered: Weekly, now: datetime) -> datetime:
    """When the schedule may begin to run as usual again, in its zone."""
    return remembered.after(now, LEAD).astimezone(remembered.zone)


def numbers(names: str) -> Days:
    """The days that `usual_time` wrote down."""
    return Days(frozenset(DAYS.index(name) for name in names.split(",")))


def _weekly(schedule: Schedule) -> Weekly:
    found = weekly(schedule)
    if found is None:
        raise Refused(
            f"{schedule.name} is no weekly stop: it cannot be moved for a night.",
            "Change it in Azure Automation",
        )
    return found
