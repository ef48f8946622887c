"""`!cluster schedule`"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import Card, Mark, day_moment, duration, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import HoustonError
from bot.hosting import GUIDE, Hosting, Nights, hours, nights, untied
from bot.ports.automation import Automation, Job, JobState, Schedule
from bot.ports.git import Git
from bot.power import Timetable
from bot.seen import seen
from bot.terraform import Terraform, agree, live, look

_JOBS = 4


@command(
    "cluster schedule",
    guide="Cost Optimization: AKS Cluster Scheduling",
    manual=("open the Automation account's schedules and jobs in the portal",),
    examples=("!cluster schedule",),
)
async def schedule(
    *, automation: Automation, git: Git, hosting: Hosting, clock: Clock, zone: ZoneInfo
) -> Card:
    """Show when the cluster starts and stops by itself, what ran lately, and what disagrees."""
    schedules, links, jobs, code = await asyncio.gather(
        automation.schedules(),
        automation.links(),
        seen(automation.jobs()),
        seen(look(git, hosting)),
    )
    now = clock.now()
    known = nights(schedules, hosting, now)
    wrong = [*untied(schedules, links, hosting), *_drift(known.timetable, code)]
    runs = [*_runs(jobs, hosting, zone)]
    return Card(
        Mark.WARNING if wrong else Mark.OK,
        f"{hosting.cluster} {hours(known.timetable)}",
        (
            *_lines(known, schedules, hosting, now, zone),
            *runs,
            *(f"✘ {plain(text)}" for text in wrong),
        ),
        next=("!cluster schedule start 16:00 stop 23:00 days mon-fri", "!cluster cost"),
    )


def _lines(
    known: Nights, schedules: Sequence[Schedule], hosting: Hosting, now: datetime, zone: ZoneInfo
) -> list[str]:
    shown = []
    for what, name, at in (
        ("Start", hosting.start_schedule, known.next_start),
        ("Stop", hosting.stop_schedule, known.next_stop),
    ):
        found = next((one for one in schedules if one.name == name), None)
        if found is None:
            shown.append(f"{what}: there is no schedule {plain(name)} in Azure")
        elif not found.enabled:
            shown.append(f"{what}: {plain(name)} is turned off")
        elif at:
            shown.append(f"{what}: {day_moment(at, zone)}, in {duration(at - now)} · {plain(name)}")
    return shown


def _runs(jobs: Sequence[Job] | HoustonError, hosting: Hosting, zone: ZoneInfo) -> list[str]:
    if isinstance(jobs, HoustonError):
        return [f"✘ {plain(jobs.message)}"]
    ours = [job for job in jobs if job.runbook in {hosting.start_runbook, hosting.stop_runbook}]
    return [
        f"{day_moment(job.created, zone)} {plain(job.runbook)} {job.state}"
        + (" (harmless when it was so already)" if job.state is JobState.FAILED else "")
        for job in ours[:_JOBS]
    ] or ["No run is known of the last month"]


def _drift(table: Timetable, code: Terraform | HoustonError) -> list[str]:
    """Where Azure, the repository and the guide disagree."""
    said = live(table)
    if isinstance(code, HoustonError):
        return [f"Terraform's files cannot be read: {code.message}"]
    found = [
        f"terraform.tfvars.example has {key} {value}, Azure {said[key]}"
        for key, value in code.values.items()
        if key in said and not agree(key, value, said[key])
    ]
    if said and tuple(said.get(key) for key in ("startup_time", "shutdown_time")) != GUIDE:
        found.append(f"the guide of January 2026 says {'–'.join(GUIDE)}")
    return found
