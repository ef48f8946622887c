"""`!jobs run NAME`, `!prune images`"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from bot import versions
from bot.arguments import Says
from bot.cards import code, duration, plain
from bot.clock import Clock
from bot.command import Redirect, command, operation
from bot.errors import (
    AdapterError,
    CheckFailed,
    Conflict,
    Denied,
    Invalid,
    Missing,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from bot.joblookup import named
from bot.plan import Actions, Bound, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.jobs import CronJob, Job, Jobs, Outcome
from bot.redact import Redactor
from bot.roles import Role
from bot.scope import Maintenance, Scope

_GUIDE = "Maintenance"
_LONGEST = 63
"""Characters of a Job's name: it becomes the value of a label."""
_TAIL = 5
_WIDE = 160
_FITS = "houston-looks"


@dataclass(frozen=True)
class Running:
    """Which CronJob's template is run."""

    namespace: str
    cron_job: str
    uid: str


@operation(
    "jobs run",
    guide=_GUIDE,
    manual=("kubectl create job manual-NAME --from=cronjob/NAME -n monitoring",),
    examples=("!jobs run aks-stale-pod-cleanup",),
    unbound={
        Bound.COMMIT: "the Job is made from what the cluster has, not from git",
        Bound.DIFF: "nothing that stands is changed: a Job comes in addition",
    },
)
async def run(
    name: Annotated[str, Says("NAME")], *, jobs: Jobs, scope: Scope, clock: Clock
) -> Plan[Running]:
    """Run a CronJob now, follow it, and show the end of its log."""
    found = await named(jobs, scope, name)
    scope.check(found.namespace)
    under_way = [
        job
        async for job in jobs.jobs(found.namespace)
        if job.owner and job.owner.uid == found.uid and not job.outcome.final
    ]
    return Plan(
        f"Run {found.name} in {found.namespace} now",
        facts=Running(found.namespace, found.name, found.uid),
        target=f"{found.namespace}/{found.name}",
        tier=Tier.MEDIUM,
        where=(f"a Job as kubectl create job --from=cronjob/{found.name} makes it",),
        findings=(
            _alone(found, under_way, clock),
            await _taken(jobs, found),
            _kept(found),
        ),
        expected=timedelta(minutes=5),
        reach=Reach(namespaces=(found.namespace,), objects=(f"cronjob/{found.name}",)),
        versions=versions.of_cron_job(found),
    )


def _alone(found: CronJob, under_way: list[Job], clock: Clock) -> Finding:
    """Kubernetes itself lets a Job begun by hand overlap, whatever concurrencyPolicy says."""
    if not under_way:
        return Finding("no Job of it is running")
    job = under_way[0]
    age = duration(clock.now() - job.created)
    return Finding(
        f"{job.name} has been running for {age}: two at once could harm each other",
        found.concurrency == "Allow",
    )


async def _taken(jobs: Jobs, found: CronJob) -> Finding:
    """What the cluster says of such a Job, without keeping one. Raises Unavailable."""
    try:
        await jobs.start(found.namespace, found.name, _job_name(found.name, _FITS), dry=True)
    except Conflict:
        return Finding("the cluster would take it")
    except UnknownOutcome as lost:
        # Nothing was asked to be kept, so a lost answer leaves nothing unknown.
        raise Unavailable(lost.system, "no answer to a trial") from lost
    except (Denied, Invalid, Missing) as error:
        return Finding(f"the cluster would not take it: {error.message}", False)
    return Finding("the cluster would take it")


def _kept(found: CronJob) -> Finding:
    suspended = "; it is suspended, which does not matter here" if found.suspended else ""
    good, bad = found.keeps
    return Finding(
        f"the Job counts among the {good} good and {bad} failed that are kept{suspended}"
    )


def _job_name(cron_job: str, operation: str) -> str:
    """The same name for the same operation: a step that runs twice finds its own Job."""
    mark = hashlib.sha256(operation.encode()).hexdigest()[:8]
    return f"manual-{cron_job}"[: _LONGEST - len(mark) - 1].rstrip("-.") + f"-{mark}"


@run.actions
def actions(facts: Running, *, jobs: Jobs, redactor: Redactor) -> Actions:
    """Create the Job, see it end, and read the end of its log."""

    async def start(run: Run) -> str:
        found = await jobs.cron_job(facts.namespace, facts.cron_job)
        if found.uid != facts.uid:
            raise Refused(f"{facts.cron_job} was replaced by another one meanwhile.")
        name = _job_name(facts.cron_job, run.id)
        try:
            await jobs.start(facts.namespace, facts.cron_job, name)
        except Conflict:
            return name
        return name

    started = Step(f"Start a Job of {facts.cron_job}", start)

    async def ended(run: Run) -> Sight:
        name = run[started]
        try:
            job = await jobs.job(facts.namespace, name)
        except Missing:
            raise CheckFailed(
                f"{name} is gone: the history's limits or its time to live removed it"
            ) from None
        if job.outcome is Outcome.FAILED:
            end = await _end(jobs, redactor, job.namespace, name)
            why = f"{job.reason} {redactor.clean(job.message)}".strip()
            raise CheckFailed(f"{name} failed: {plain(why)}. Its log ends: {end}")
        took = f" in {duration(job.took)}" if job.took else ""
        return Sight(job.outcome is Outcome.SUCCEEDED, f"{job.outcome}{took}")

    async def read(run: Run) -> str:
        return await _end(jobs, redactor, facts.namespace, run[started])

    return [
        started,
        Check(f"The Job of {facts.cron_job} has succeeded", ended, within=timedelta(minutes=30)),
        Step("Read the end of its log", read),
    ]


async def _end(jobs: Jobs, redactor: Redactor, namespace: str, name: str) -> str:
    """The last lines the Job wrote, as one, or why there are none."""
    try:
        text = await jobs.logs(namespace, name, tail=_TAIL)
    except AdapterError as error:
        return f"not readable, {plain(error.message)}"
    lines = [line.strip()[:_WIDE] for line in redactor.clean(text).splitlines() if line.strip()]
    return " / ".join(code(line) for line in lines[-_TAIL:]) or "it wrote nothing"


@command(
    "prune images",
    role=Role.OPERATOR,
    guide="Image Pruning",
    manual=("kubectl create job manual-prune --from=cronjob/k3s-image-prune -n monitoring",),
    examples=("!prune images",),
)
async def prune(*, jobs: Jobs, scope: Scope, maintenance: Maintenance) -> Redirect:
    """Remove unused images from the nodes now, by the CronJob that does it every week."""
    found = [each.name for space in scope.namespaces async for each in jobs.cron_jobs(space)]
    if maintenance.image_prune in found:
        return Redirect(f"!jobs run {maintenance.image_prune}")
    near = [name for name in found if "image-prune" in name]
    if len(near) == 1:
        return Redirect(f"!jobs run {near[0]}")
    raise Refused(
        f"There is no CronJob {maintenance.image_prune}.",
        "maintenance.image_prune in the configuration names it; `!jobs` lists what there is",
    )
