"""`!schedule fix NAME [CRON]`"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from bot import versions
from bot.arguments import Says, choose
from bot.cards import code
from bot.clock import Clock
from bot.command import operation
from bot.cron import Cron
from bot.cronwords import in_words
from bot.errors import Refused, UsageError
from bot.gitops import changed, commit, deployed, healthy, settled, sync
from bot.jobhealth import JobHealth
from bot.joblint import outlook
from bot.jobsurvey import Survey, Surveyor
from bot.pipeline import Pipeline
from bot.plan import Actions, Check, Finding, Plan, Reach, Run, Sight, Tier
from bot.ports.applications import Applications
from bot.ports.argocd import ArgoCD
from bot.ports.git import Document, Edit, Git
from bot.ports.jobs import CronJob, Jobs
from bot.scalar import read
from bot.target import Target

_KEY = ("spec", "schedule")


@dataclass(frozen=True)
class Move:
    """The line that changes, and the CronJob and the application it is for."""

    edit: Edit
    namespace: str
    name: str
    application: str


@operation(
    "schedule fix",
    guide="Monitoring Maintenance Jobs",
    manual=("edit spec.schedule of the CronJob", "git commit -a && git push"),
    examples=("!schedule fix k3s-image-prune", '!schedule fix k3s-image-prune "30 16 * * 5"'),
)
async def fix(
    name: Annotated[str, Says("NAME")],
    cron: Annotated[str | None, Says("CRON")] = None,
    *,
    surveyor: Surveyor,
    applications: Applications,
    git: Git,
    argocd: ArgoCD,
    target: Target,
    pipeline: Pipeline,
    clock: Clock,
) -> Plan[Move]:
    """Move a CronJob of the cluster to a time at which the cluster runs: the nearest, or CRON."""
    survey = await surveyor.survey()
    known = {each.name: each for each in survey.found}
    found = known[choose(name, list(known), "CronJob")]
    line = _wanted(found, cron)
    path, document = await _declared(git, found.job)
    edit = changed(await git.edit(path, _KEY, line, document=document), found.name)
    home = await _home(applications, found.job, pipeline.application)
    zone = found.job.zone
    return Plan(
        f"Run {found.name} {in_words(line, zone)} instead of {_said(edit.before, zone)}",
        facts=Move(edit, found.job.namespace, found.name, home),
        target=home,
        tier=Tier.MEDIUM,
        undo=f'!schedule fix {found.name} "{edit.before}"',
        diff=edit.diff,
        where=(f"{path} on {git.branch} at {edit.base[:7]}", home),
        findings=(
            _outcome(found, line, survey, clock),
            _as_declared(found.job, edit),
            *await settled(argocd, git, replace(target, application=home)),
        ),
        expected=timedelta(minutes=1),
        reach=Reach(namespaces=(found.job.namespace,), objects=(f"cronjob/{found.name}",)),
        versions=versions.of_cron_job(found.job) | await versions.application(argocd, home),
    )


@fix.actions
def actions(move: Move, *, git: Git, argocd: ArgoCD, jobs: Jobs, target: Target) -> Actions:
    """Commit, let Argo CD deploy it, and see the CronJob have its new time."""
    home = replace(target, application=move.application)
    pushed = commit(git, move.edit, f"fix: Run {move.name} at {move.edit.after}")
    return [
        pushed,
        sync(argocd, git, home, pushed),
        deployed(argocd, home, pushed),
        _moved(jobs, move),
        healthy(argocd, home),
    ]


def _wanted(found: JobHealth, cron: str | None) -> str:
    """The line that was typed, or the nearest that works. Raises UsageError, Refused."""
    if cron is not None:
        try:
            Cron.read(cron)
        except ValueError as error:
            hint = f'`!schedule fix {found.name} "30 16 * * 1-5"`'
            raise UsageError(f"{error}.", hint) from None
        return cron
    if found.proposal is not None:
        return found.proposal
    if found.outlook is not None and found.outlook.fits:
        raise Refused(f"{found.name} always runs on time. Nothing to fix.", "See `!report jobs`")
    raise Refused(
        f"No time near {code(found.job.schedule)} always comes while the cluster runs.",
        f'Name one: `!schedule fix {found.name} "30 16 * * 1-5"`',
    )


async def _declared(git: Git, job: CronJob) -> tuple[str, Document]:
    """The file that declares the CronJob, and which of its documents. Raises Refused."""
    document: Document = ((("kind",), "CronJob"), (("metadata", "name"), job.name))
    for file in await git.files():
        if not file.path.endswith((".yaml", ".yml")) or job.name.encode() not in file.content:
            continue
        try:
            read(file.content, _KEY, dict(document))
        except Refused:
            continue
        return file.path, document
    raise Refused(
        f"No file on {git.branch} declares the CronJob {job.name} as plain YAML.",
        "Change it where it comes from, such as a chart's values",
    )


async def _home(applications: Applications, job: CronJob, likely: str) -> str:
    """The application that deploys it. Raises Refused when none does."""
    names = [each.name for each in await applications.applications()]
    for name in sorted(names, key=lambda each: each != likely):
        for resource in (await applications.detail(name)).resources:
            thing = resource.thing
            if (thing.kind, thing.namespace, thing.name) == ("CronJob", job.namespace, job.name):
                return name
    raise Refused(
        f"No application of Argo CD that Houston may see deploys the CronJob {job.name}.",
        "See `!status`; without an application a commit would change nothing",
    )


def _said(line: str, zone: str | None) -> str:
    try:
        return in_words(line, zone)
    except ValueError:
        return line


def _outcome(found: JobHealth, line: str, survey: Survey, clock: Clock) -> Finding:
    cron = Cron.read(line)
    if survey.blind or cron.every is not None:
        return Finding("whether the cluster runs at these times is not known", None)
    begin = clock.now().replace(second=0, microsecond=0)
    zone = ZoneInfo(found.job.zone or "UTC")
    look = outlook(cron, zone, survey.timetable, begin, deadline=found.job.deadline)
    return Finding(f"{look.on_time} of {look.due} times a year come while the cluster runs")


def _as_declared(job: CronJob, edit: Edit) -> Finding:
    if job.schedule == edit.before:
        return Finding(f"the cluster runs it at {job.schedule}, as git says")
    return Finding(f"the cluster runs it at {job.schedule}, git says {edit.before}", None)


def _moved(jobs: Jobs, move: Move) -> Check:
    async def look(run: Run) -> Sight:
        del run
        found = await jobs.cron_job(move.namespace, move.name)
        return Sight(found.schedule == move.edit.after, f"it runs at {found.schedule}")

    return Check(f"{move.name} moved", look, within=timedelta(minutes=5))
