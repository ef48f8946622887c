"""`!jobs`, `!jobs logs NAME`"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Says
from bot.cards import Card, Mark, code, day_moment, duration, plain, table, text_file
from bot.clock import Clock
from bot.command import command
from bot.errors import Invalid, Missing, Refused
from bot.jobfindings import times
from bot.jobhealth import JobHealth, Verdict
from bot.joblookup import named
from bot.jobsurvey import Surveyor
from bot.ports.chat import File
from bot.ports.jobs import Job, Jobs, Outcome
from bot.redact import Redactor
from bot.scope import Scope

_GUIDE = "Monitoring Maintenance Jobs"
_SHOWN = 10
_TAIL = 2000
_LINES = 15
_WIDE = 200
_STANDING = {Verdict.WELL, Verdict.SUSPENDED}
Name = Annotated[str, Says("NAME")]


@command("jobs", guide=_GUIDE, manual=("kubectl get cronjobs,jobs -A",), examples=("!jobs",))
async def jobs_(*, surveyor: Surveyor, clock: Clock, zone: ZoneInfo) -> Card:
    """List the CronJobs: when they run, how the last runs went, and what is next."""
    survey = await surveyor.survey(partly=True)
    now = clock.now()
    found = sorted(
        survey.found, key=lambda each: (each.verdict in _STANDING, each.job.namespace, each.name)
    )
    wrong = [each for each in found if each.verdict not in _STANDING]
    lines = [line for each in found[:_SHOWN] for line in _told(each, now, zone)]
    if len(found) > _SHOWN:
        lines.append(f"{len(found) - _SHOWN} more are in the file")
    lines += [f"✘ not seen: {plain(text)}" for text in survey.unseen]
    title = f"{len(found)} CronJobs, all well" if found else "There are no CronJobs"
    if wrong:
        title = f"{len(wrong)} of {len(found)} CronJobs need attention: {wrong[0].name}"
    first = (wrong or found)[:1]
    return Card(
        Mark.WARNING if wrong or survey.unseen else Mark.OK,
        plain(title),
        tuple(lines),
        next=(*(f"!jobs logs {each.name}" for each in first), "!report jobs"),
        files=(_file(found, now, zone),) if len(found) > _SHOWN else (),
    )


def _told(each: JobHealth, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    sign = {Verdict.WELL: "✔", Verdict.SUSPENDED: "⏸"}.get(each.verdict, "✘")
    state = "" if each.verdict is Verdict.WELL else f" · *{each.verdict}*"
    active = f" · {len(each.job.active)} running now" if each.job.active else ""
    head = f"{sign} {code(each.name)} in {plain(each.job.namespace)} · {plain(each.words)}"
    return f"{head}{state}{active}", "   " + plain(" · ".join(_facts(each, now, zone)))


def _facts(each: JobHealth, now: datetime, zone: ZoneInfo) -> list[str]:
    said = [times(each, now, zone)]
    last = each.last
    if last and last.scheduled and last.started and last.started - last.scheduled > _LATE:
        said.append(f"was due {day_moment(last.scheduled, zone)}")
    if last and last.manual:
        said.append("begun by hand")
    if each.success and last and last.outcome is Outcome.SUCCEEDED:
        said.append(f"last success {duration(now - each.success)} ago")
    if not each.success:
        said.append("never succeeded")
    if each.durations:
        usual = timedelta(seconds=median(took.total_seconds() for took in each.durations))
        said.append(f"usually takes {duration(usual)}")
    return said


_LATE = timedelta(minutes=2)


def _file(found: Sequence[JobHealth], now: datetime, zone: ZoneInfo) -> File:
    rows = [
        (each.job.namespace, each.name, each.words, str(each.verdict),
         " · ".join(_facts(each, now, zone)))
        for each in found
    ]  # fmt: skip
    return text_file("jobs.txt", f"{table(rows)}\n")


@command(
    "jobs logs",
    guide=_GUIDE,
    manual=("kubectl logs -n monitoring job/NAME",),
    examples=("!jobs logs aks-stale-pod-cleanup",),
)
async def logs(
    name: Name, *, jobs: Jobs, scope: Scope, redactor: Redactor, clock: Clock, zone: ZoneInfo
) -> Card:
    """Show the end of what the newest Job of a CronJob wrote, or a Job of that name."""
    job = await _job(name, jobs, scope)
    try:
        text = await jobs.logs(job.namespace, job.name, tail=_TAIL)
    except (Missing, Invalid) as error:
        raise Refused(
            f"{job.name} has no log any more: {error.message}",
            "Its pod is gone or has not begun; `!jobs` shows the runs",
        ) from error
    lines = redactor.clean(text).splitlines()
    block = "\n".join(line[:_WIDE] for line in lines[-_LINES:])
    began = f", begun {day_moment(job.started, zone)}" if job.started else ""
    took = duration((job.ended or clock.now()) - job.started) if job.started else "0 s"
    whole = "\n".join(lines) + "\n"
    long = len(lines) > _LINES or any(len(line) > _WIDE for line in lines)
    return Card(
        Mark.FAILED if job.outcome is Outcome.FAILED else Mark.INFO,
        plain(f"{job.name} {job.outcome} after {took}{began}"),
        (plain(f"{job.reason} {redactor.clean(job.message)}".strip()),) if job.reason else (),
        block=block or "(it wrote nothing)",
        next=("!jobs",),
        files=(text_file(f"{job.name}.txt", whole),) if long else (),
    )


async def _job(name: str, jobs: Jobs, scope: Scope) -> Job:
    """The Job of that name, else the newest of the CronJob of that name."""
    newest: Job | None = None
    for namespace in scope.namespaces:
        async for job in jobs.jobs(namespace):
            if job.name == name:
                return job
            if job.owner is None:
                continue
            mine = job.owner.name.lower() == name.lower()
            if mine and (newest is None or job.created > newest.created):
                newest = job
    if newest is not None:
        return newest
    found = await named(jobs, scope, name)
    raise Refused(
        f"{found.name} has no Job: none ran, or none is kept.",
        f"Type `!jobs run {found.name}`",
    )
