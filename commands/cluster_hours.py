"""`!cluster schedule start TIME [stop TIME] [days DAYS]`"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Option, Says
from bot.cards import day_moment, duration
from bot.clock import Clock
from bot.command import operation
from bot.cron import Cron
from bot.errors import AdapterError, Already, CheckFailed, Refused, UsageError
from bot.hosting import Hosting, hours, of_schedules, untied, weekly
from bot.joblint import outlook
from bot.plan import Actions, Bound, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.automation import Automation, Schedule
from bot.ports.git import Git
from bot.ports.jobs import CronJob, Jobs
from bot.power import Days, Timetable, Weekly, zone_of
from bot.terraform import consequence, lines, live, look

LEAD = timedelta(minutes=10)
"""Azure wants a first run five minutes ahead."""


@dataclass(frozen=True)
class Shift:
    """One schedule: its name, wall times `16:00`, days as they are typed, and its runbook."""

    name: str
    before: str
    after: str
    days_before: str
    days_after: str
    zone: str
    runbook: str


@dataclass(frozen=True)
class Change:
    """What a change of the hours rests on."""

    shifts: tuple[Shift, ...]


@operation(
    "cluster schedule start",
    guide="Updating the Schedule",
    manual=(
        "edit startup_time and shutdown_time in terraform.tfvars",
        "terraform plan && terraform apply",
    ),
    examples=("!cluster schedule start 16:00", "!cluster schedule start 16:00 stop 23:00"),
    while_off=True,
    unbound={Bound.COMMIT: "Azure keeps the hours; git is told by hand, with the lines shown"},
)
async def start(
    at: Annotated[time, Says("TIME")],
    stop: Annotated[time | None, Option(dashes=False), Says("TIME")] = None,
    days: Annotated[Days | None, Option(dashes=False), Says("DAYS")] = None,
    *,
    automation: Automation,
    git: Git,
    jobs: Jobs,
    hosting: Hosting,
    clock: Clock,
    zone: ZoneInfo,
) -> Plan[Change]:
    """Let the cluster run at other hours, and say which lines Terraform needs."""
    schedules, links, code = await asyncio.gather(
        automation.schedules(), automation.links(), look(git, hosting)
    )
    old, new = _wanted(schedules, hosting, at, stop, days)
    shifts = tuple(_shifts(hosting, old, new))
    if not shifts:
        raise Already(f"{hosting.cluster} {hours(old)} already.", "`!cluster schedule` shows more")
    typed = lines(live(old), live(new))
    _permitted(hosting, old, typed)
    return Plan(
        f"Let {hosting.cluster} run {new.weekly_hours:g} instead of {old.weekly_hours:g} h a week",
        facts=Change(shifts),
        target=f"{hosting.cluster} schedule",
        tier=Tier.HIGH,
        reach=_reach(hosting, shifts),
        undo=_undo(old),
        diff=typed,
        where=(f"Azure Automation, {len(shifts)} schedules", "terraform.tfvars, by hand"),
        findings=(
            *(_moves(shift, clock, zone) for shift in shifts),
            *(Finding(text, ok=False) for text in untied(schedules, links, hosting)),
            Finding(consequence(code), heed=True),
            *await _cron_jobs(jobs, new, clock.now()),
        ),
        expected=timedelta(minutes=1),
        versions=of_schedules(schedules, *(shift.name for shift in shifts)),
    )


def _reach(hosting: Hosting, shifts: tuple[Shift, ...]) -> Reach:
    schedules = (f"schedule/{shift.name}" for shift in shifts)
    return Reach(objects=(f"managedcluster/{hosting.cluster}", *schedules))


@start.actions
def actions(facts: Change, *, automation: Automation, clock: Clock) -> Actions:
    """Change each schedule in place, then see its time, its days and its link."""
    moves: Actions = [_move(automation, clock, shift) for shift in facts.shifts]
    return [*moves, *(_moved(automation, shift) for shift in facts.shifts)]


def _wanted(
    schedules: Sequence[Schedule],
    hosting: Hosting,
    at: time,
    stop: time | None,
    days: Days | None,
) -> tuple[Timetable, Timetable]:
    """The hours as they are and as they shall be. Schedules that are off count: they can be moved.

    Raises Refused when one is not there or not weekly, UsageError for hours that are none.
    """
    old_start = _weekly(schedules, hosting.start_schedule)
    old_stop = _weekly(schedules, hosting.stop_schedule)
    new_start = Weekly(at, days or old_start.days, old_start.zone)
    new_stop = Weekly(stop or old_stop.at, days or old_stop.days, old_stop.zone)
    if new_start.at == new_stop.at:
        raise UsageError(f"{at:%H:%M} cannot be both its start and its stop.", "Name another time")
    return Timetable(old_start, old_stop), Timetable(new_start, new_stop)


def _weekly(schedules: Sequence[Schedule], name: str) -> Weekly:
    found = next((one for one in schedules if one.name == name), None)
    known = weekly(found) if found else None
    if known is None:
        what = "does not run every week" if found else "is not there"
        raise Refused(
            f"The schedule {name} {what}: Houston moves schedules and makes none.",
            "Terraform makes them: set enable_auto_shutdown and enable_auto_start, and apply",
        )
    return known


def _shifts(hosting: Hosting, old: Timetable, new: Timetable) -> Iterator[Shift]:
    for name, runbook, before, after in (
        (hosting.start_schedule, hosting.start_runbook, old.start, new.start),
        (hosting.stop_schedule, hosting.stop_runbook, old.stop, new.stop),
    ):
        if before and after and before != after:
            yield Shift(
                name,
                f"{before.at:%H:%M}",
                f"{after.at:%H:%M}",
                str(before.days),
                str(after.days),
                after.zone.key,
                runbook,
            )


def _after(shift: Shift) -> Weekly:
    return Weekly(time.fromisoformat(shift.after), Days.read(shift.days_after), zone_of(shift.zone))


def _moves(shift: Shift, clock: Clock, zone: ZoneInfo) -> Finding:
    first = _after(shift).after(clock.now(), LEAD)
    days = (
        shift.days_after
        if shift.days_after == shift.days_before
        else (f"{shift.days_after} instead of {shift.days_before}")
    )
    return Finding(
        f"{shift.name}: {shift.after} instead of {shift.before}, {days}, "
        f"first {day_moment(first, zone)}"
    )


def _permitted(hosting: Hosting, old: Timetable, typed: str) -> None:
    """Raises Refused, with the lines to type, where Houston may not change schedules."""
    if not hosting.change_schedules:
        raise Refused(
            f"Houston may not change schedules here; {hosting.cluster} {hours(old)}.",
            f"Set azure.change_schedules, or type into terraform.tfvars: {_flat(typed)}",
        )


async def _cron_jobs(jobs: Jobs, table: Timetable, now: datetime) -> list[Finding]:
    """CronJobs whose times lie outside of the hours: told, and no reason to refuse."""
    try:
        found = [job async for job in jobs.cron_jobs() if not job.suspended]
    except AdapterError as error:
        text = f"which CronJobs would miss their times is not known: {error.message}"
        return [Finding(text, ok=None)]
    begin = now.replace(second=0, microsecond=0)
    told = (
        (f"{job.namespace}/{job.name}", job.schedule, _fate(job, table, begin)) for job in found
    )
    return [
        Finding(f"CronJob {name} at {line} {fate}", heed=True) for name, line, fate in told if fate
    ]


def _fate(job: CronJob, table: Timetable, begin: datetime) -> str:
    """Empty when every time of the year comes while the cluster runs, or none can be told."""
    try:
        cron = Cron.read(job.schedule)
    except ValueError:
        return ""
    if cron.every is not None:
        return ""
    seen = outlook(cron, zone_of(job.zone or "UTC"), table, begin, deadline=job.deadline)
    if seen.never:
        return "would never run"
    if seen.always_late:
        return f"would always run late, by up to {duration(seen.latest)}"
    return f"would run late {seen.late} times a year" if seen.late else ""


def _undo(old: Timetable) -> str:
    if old.start is None or old.stop is None or old.start.days != old.stop.days:
        return ""
    span = f"{old.start.at:%H:%M} stop {old.stop.at:%H:%M} days {old.start.days}"
    return f"!cluster schedule start {span}"


def _flat(diff: str) -> str:
    """The new lines, one after another."""
    return "; ".join(line[1:] for line in diff.splitlines() if line.startswith("+")) or "nothing"


def _move(automation: Automation, clock: Clock, shift: Shift) -> Step[str]:
    async def act(run: Run) -> str:
        del run
        weekly = _after(shift)
        first = weekly.after(clock.now(), LEAD).astimezone(weekly.zone)
        moved = await automation.move(shift.name, first, weekly.days.names)
        if moved.relinked:
            return f"{', '.join(moved.relinked)} linked anew: Terraform knows the old link only"
        return shift.after

    return Step(f"Move {shift.name}", act)


def _moved(automation: Automation, shift: Shift) -> Check:
    async def look_again(run: Run) -> Sight:
        del run
        schedules, links = await asyncio.gather(automation.schedules(), automation.links())
        known = _weekly(schedules, shift.name)
        if (shift.name, shift.runbook) not in {(link.schedule, link.runbook) for link in links}:
            raise CheckFailed(f"{shift.name} has lost its link to {shift.runbook}: link it by hand")
        return Sight(known == _after(shift), f"{known.at:%H:%M} {known.days}, linked")

    return Check(f"{shift.name} at {shift.after}", look_again, within=timedelta(minutes=5))
