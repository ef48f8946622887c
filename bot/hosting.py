"""The cluster that hosts the chat: its names, and what its schedules are going to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ports.automation import Link, Schedule
from bot.power import Days, Timetable, Weekly, zone_of

GUIDE = ("16:00", "23:00")
"""Start and stop on weekdays by the operations guide of January 2026."""


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


def of_schedules(schedules: Sequence[Schedule], *names: str) -> dict[str, str]:
    """These schedules as they stand, for what an approval rests on."""
    said = {}
    for found in (one for one in schedules if one.name in names):
        thing, known = f"schedule/{found.name}", weekly(found)
        said[f"{thing} is"] = "on" if found.enabled else "off"
        said[f"{thing} hours"] = f"{known.at:%H:%M} {known.days} {known.zone.key}" if known else "–"
    return said


def _next(schedule: Schedule | None, now: datetime) -> datetime | None:
    """The service's word on it, unless that is over; then our own."""
    if schedule is None:
        return None
    if schedule.next_run and schedule.next_run > now:
        return schedule.next_run
    known = weekly(schedule)
    return known.after(max(now, schedule.start)) if known else None


def hours(table: Timetable) -> str:
    """For a sentence: `runs 08:30–23:00 mon-fri (Europe/London), 72.5 h a week`."""
    start, stop = table.start, table.stop
    if start and stop:
        days = str(start.days) if start.days == stop.days else f"{start.days} to {stop.days}"
        span = f"{start.at:%H:%M}–{stop.at:%H:%M} {days}"
        return f"runs {span} ({start.zone.key}), {table.weekly_hours:g} h a week"
    if stop:
        return f"is stopped at {stop.at:%H:%M} {stop.days}, and started by hand"
    return (
        f"is started at {start.at:%H:%M} {start.days}, never stopped" if start else "has no hours"
    )


def untied(schedules: Sequence[Schedule], links: Sequence[Link], hosting: Hosting) -> list[str]:
    """Each schedule that is there and runs nothing, as a sentence."""
    tied = {(link.schedule, link.runbook) for link in links}
    names = {found.name for found in schedules}
    pairs = (
        (hosting.start_schedule, hosting.start_runbook),
        (hosting.stop_schedule, hosting.stop_runbook),
    )
    return [
        f"{name} is not linked to {runbook}: it runs and does nothing"
        for name, runbook in pairs
        if name in names and (name, runbook) not in tied
    ]
