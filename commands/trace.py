"""`!trace test`"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import versions
from bot.command import operation
from bot.gitops import commit, deployed, healthy, settled, sync
from bot.plan import Actions, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.argocd import ArgoCD
from bot.ports.git import Edit, Git
from bot.target import Target
from bot.tracegen import NAME, Generator
from bot.tracing import Tracing


@dataclass(frozen=True)
class Rerun:
    """The commit that makes the next run, and whose digest is remembered when it works."""

    edit: Edit
    repository: str

    @property
    def job(self) -> str:
        return self.edit.after


@operation(
    "trace test",
    guide="Validate Tracing End-to-End",
    manual=(
        "edit metadata.name and canepro.me/otel-tracegen-rev in "
        "ops/manifests/otel-tracegen-job.yaml",
        "git commit -a && git push",
        "kubectl -n monitoring logs job/JOB",
        "kubectl -n monitoring logs deploy/otel-collector --since=5m",
        '{ resource.service.name = "rocket-chat" } in Grafana Explore, Tempo',
    ),
    examples=("!trace test", "!trace test --pin"),
)
async def rerun(
    pin: bool = False,
    *,
    tracing: Tracing,
    git: Git,
    argocd: ArgoCD,
    target: Target,
) -> Plan[Rerun]:
    """Make traces by the Job in git, and follow them through the collector to the hub.

    With `--pin` the Job's image is named by digest from now on.
    """
    tracegen = tracing.tracegen
    found = await tracing.generator()
    revision = await tracing.revision(found)
    image = await tracing.pinned(found) if pin else ""
    more = found.changes(tracegen, revision, image)
    edit = await git.edit(
        tracegen.manifest, NAME, found.run(revision), document=found.document, more=more
    )
    home = _home(target, tracegen.application)
    return Plan(
        f"Run {edit.after}" + (" with its image pinned" if pin else ""),
        facts=Rerun(edit, found.repository),
        target=home.application,
        tier=Tier.MEDIUM,
        diff=edit.diff,
        where=(f"{edit.path} on {git.branch} at {edit.base[:7]}", home.application),
        findings=(
            _alike(found),
            await _image(tracing, found, image),
            await tracing.answers(),
            *await _settled(argocd, git, home),
        ),
        expected=timedelta(minutes=4),
        reach=Reach(namespaces=(tracegen.namespace,), objects=(f"job/{edit.after}",)),
        versions=await versions.application(argocd, home.application),
    )


@rerun.actions
def actions(facts: Rerun, *, tracing: Tracing, git: Git, argocd: ArgoCD, target: Target) -> Actions:
    """Commit, let Argo CD make the Job, follow it, read the collector's log, search the hub."""
    home = _home(target, tracing.tracegen.application)
    revision = dict(facts.edit.more)[tracing.tracegen.key]
    prefix = facts.job.removesuffix(f"-{revision}")
    pushed = commit(git, facts.edit, f"otel: rerun {prefix} (rev {revision})")

    async def find(run: Run) -> str:
        del run
        return await tracing.began(facts.job)

    async def ran(run: Run) -> Sight:
        del run
        return await tracing.ran(facts.job)

    async def end(run: Run) -> str:
        del run
        return await tracing.end(facts.job)

    began = Step(f"Find the Job {facts.job}", find)
    return [
        pushed,
        sync(argocd, git, home, pushed),
        deployed(argocd, home, pushed),
        began,
        Check(f"{facts.job} has made traces", ran, within=timedelta(minutes=10)),
        Step("Read the end of its log", end),
        *_followed(tracing, began),
        *_kept(tracing, facts, began),
        healthy(argocd, home),
    ]


def _followed(tracing: Tracing, began: Step[str]) -> tuple[Check, Check]:
    """The collector's log and the hub, watched side by side."""

    async def passed(run: Run) -> Sight:
        return await tracing.passed_on(datetime.fromisoformat(run[began]))

    async def arrived(run: Run) -> Sight:
        return await tracing.arrived(datetime.fromisoformat(run[began]))

    collector = tracing.tracegen.collector
    return (
        Check(f"{collector} passes them on", passed, within=timedelta(minutes=2)),
        Check("The hub finds them", arrived, within=timedelta(minutes=3)),
    )


def _kept(tracing: Tracing, facts: Rerun, began: Step[str]) -> tuple[Step[str], Step[str]]:
    """What is left of a run that worked: a link, and the digest of its image."""

    async def link(run: Run) -> str:
        return await tracing.link(datetime.fromisoformat(run[began]))

    async def remember(run: Run) -> str:
        del run
        return await tracing.remember(facts.job, facts.repository)

    return Step("One of them", link), Step("Remember the image that worked", remember)


async def _image(tracing: Tracing, found: Generator, pinned: str) -> Finding:
    return Finding(f"pinned to {pinned}") if pinned else await tracing.image(found)


def _alike(found: Generator) -> Finding:
    """People have bumped only one of the two before."""
    if found.even:
        return Finding(f"git names the run {found.revision} by name and by annotation")
    text = f"git names {found.name} and {found.revision}: only one was counted up, both are now"
    return Finding(text)


async def _settled(argocd: ArgoCD, git: Git, home: Target) -> tuple[Finding, ...]:
    """As for every commit, but a run that failed is the reason for the next one, not against it."""
    state, *others = await settled(argocd, git, home)
    if state.ok is False:
        state = Finding(f"{state.text}, maybe by the run before; that does not stop this one")
    return state, *others


def _home(target: Target, application: str) -> Target:
    return replace(target, application=application)
