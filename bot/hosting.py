"""The cluster that hosts the chat: its names, and what its schedules are going to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ports.automation import Schedule
from bot.power import Days, Timetable, Weekly, zone_of


@dataclass(frozen=True)
class Hosting:
    """From the configuration.

    `hosts_chat`: chat goes away with the cluster. `change_schedules`: Houston may change them in
    Azure. `node_rate` is money for one node and hour, `fixed_month` for what is billed while it is
    off too; 0 is unknown. `tfvars` and `terraform` are files in the repository.
    """

    group: str
    cluster: str
    start_schedule: str
    stop_schedule: str
    start_runbook: str
    stop_runbook: str
    automated: bool
    hosts_chat: bool
    change_schedules: bool
    node_rate: float
    fixed_month: float
    tfvars: str
    terraform: str


@dataclass(frozen=True)
class Nights:
    """What the schedules that are on will do. Instants are in UTC, None where nothing does it."""

    timetable: Timetable
    next_start: datetime | None
    next_stop: datetime | None


def nights(schedules: Sequence[Schedule], hosting: Hosting, now: datetime) -> Nights:
    """The two schedules of the configuration, among all of the account's."""
    start, stop = (
        next((one for one in schedules if one.name == name and one.enabled), None)
        for name in (hosting.start_schedule, hosting.stop_schedule)
    )
    return Nights(
        Timetable(weekly(start) if start else None, weekly(stop) if stop else None),
        _next(start, now),
        _next(stop, now),
    )


def weekly(schedule: Schedule) -> Weekly | None:
    """A schedule as a weekly time; None for one that runs once, monthly or not every week."""
    if schedule.frequency not in {"Week", "Day"} or schedule.interval != 1:
        return None
    zone = zone_of(schedule.zone)
    first = schedule.start.astimezone(zone)
    if schedule.frequency == "Day":
        days = Days(frozenset(range(7)))
    else:
        days = Days.named(schedule.days or (f"{first:%A}",))
    return Weekly(first.time(), days, zone)


def _next(schedule: Schedule | None, now: datetime) -> datetime | None:
    """The service's word on it, unless that is over; then our own."""
    if schedule is None:
        return None
    if schedule.next_run and schedule.next_run > now:
        return schedule.next_run
    known = weekly(schedule)
    return known.after(max(now, schedule.start)) if known else None
