"""`!cleanup preview`, `!cleanup run`"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.cards import Card, Mark, counted, duration, plain, table, text_file
from bot.cleaning import Doomed, Selection, select
from bot.clock import Clock
from bot.command import command, operation
from bot.errors import Conflict, Denied, Missing, Refused
from bot.evidence import Evidence
from bot.plan import Actions, Bound, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.chat import File
from bot.ports.jobs import Jobs
from bot.ports.pods import Pods
from bot.scope import Maintenance, Scope

_GUIDE = "Stale Pod Cleanup"
_SHOWN = 15
_MANUAL = (
    "kubectl delete pods -A --field-selector=status.phase=Succeeded",
    "kubectl delete pods -A --field-selector=status.phase=Failed",
)


@dataclass(frozen=True)
class Cleanup:
    """Exactly the pods that are removed, each by its uid."""

    pods: tuple[Doomed, ...]


@command(
    "cleanup preview",
    guide=_GUIDE,
    manual=("kubectl get pods -A --field-selector=status.phase=Failed",),
    examples=("!cleanup preview", "!cleanup preview --all"),
)
async def preview(
    all: bool = False,
    *,
    pods: Pods,
    jobs: Jobs,
    scope: Scope,
    maintenance: Maintenance,
    clock: Clock,
) -> Card:
    """Show which ended pods a cleanup would remove, and which stay and why.

    `--all` also takes the newest pod of each Job, whose log is kept as evidence then.
    """
    found = await select(pods, jobs, scope, maintenance, clock.now(), every=all)
    count = len(found.pods)
    number = counted(count, "ended pod") if count else "No ended pod"
    return Card(
        Mark.INFO,
        f"{number} would be removed",
        (
            *_groups(found.pods),
            *_left(found, maintenance),
            *(f"✘ not seen: {plain(text)}" for text in found.unseen),
        ),
        block=_list(found.pods[:_SHOWN]),
        next=(f"!cleanup run{' --all' if all else ''}",) if count else ("!pods --bad",),
        files=(_file(found.pods),) if count > _SHOWN else (),
    )


@operation(
    "cleanup run",
    guide=_GUIDE,
    manual=_MANUAL,
    examples=("!cleanup run", "!cleanup run --all"),
    unbound={
        Bound.COMMIT: "git is neither read nor changed",
        Bound.OBJECTS: "each pod is known by its uid, a fact: no other pod ever gets it",
    },
)
async def run(
    all: bool = False,
    *,
    pods: Pods,
    jobs: Jobs,
    scope: Scope,
    maintenance: Maintenance,
    clock: Clock,
) -> Plan[Cleanup]:
    """Remove pods that have ended, exactly those the plan lists; evidence is kept before."""
    found = await select(pods, jobs, scope, maintenance, clock.now(), every=all)
    if not found.pods:
        raise Refused(
            "No ended pod may be removed. Nothing to clean up.",
            "`!cleanup preview` shows what stays, and why",
        )
    for namespace in {pod.namespace for pod in found.pods}:
        scope.check(namespace)
    count = len(found.pods)
    return Plan(
        f"Remove {counted(count, 'ended pod')}",
        facts=Cleanup(tuple(found.pods)),
        target="cleanup",
        tier=Tier.MEDIUM,
        diff=_list(found.pods),
        where=tuple(sorted({pod.namespace for pod in found.pods})),
        findings=(
            Finding("every one has ended: none is Running or Pending"),
            *(Finding(text) for text in _left(found, maintenance)),
            *(Finding(f"not seen: {text}", heed=True) for text in found.unseen),
        ),
        expected=timedelta(seconds=10 + count),
        reach=Reach(
            pods=1,
            namespaces=tuple(sorted({pod.namespace for pod in found.pods})),
            objects=tuple(f"pod/{pod.name}" for pod in found.pods),
        ),
    )


def _groups(pods: Iterable[Doomed]) -> list[str]:
    """How many by namespace and reason; what nobody owns by itself, for it is lost for good."""
    counted = Counter((pod.namespace, pod.phase, pod.reason, bool(pod.owner)) for pod in pods)
    return [
        f"{number} in {plain(namespace)}: {phase}, {plain(reason)}"
        + ("" if owned else ", *owned by nobody: lost for good*")
        for (namespace, phase, reason, owned), number in sorted(counted.items())
    ]


def _left(found: Selection, rules: Maintenance) -> list[str]:
    said = [f"{number} stay: {why}" for why, number in sorted(found.kept.items())]
    if "ended just now" in found.kept:
        said.append(f"just now is less than {duration(rules.older_than)} ago")
    if found.more:
        said.append(f"{found.more} more wait for the next time: {rules.at_most} at once")
    return said


def _list(pods: Iterable[Doomed]) -> str:
    return table([(p.namespace, p.name, p.phase, p.reason, p.owner or "nobody") for p in pods])


def _file(pods: Iterable[Doomed]) -> File:
    return text_file("cleanup.txt", f"{_list(pods)}\n")


@run.actions
def actions(
    facts: Cleanup,
    *,
    evidence: Evidence,
    pods: Pods,
) -> Actions:
    """Keep evidence, delete each pod by its uid, and see that they are gone."""

    async def delete(run: Run) -> str:
        del run
        ends: Counter[str] = Counter()
        for pod in facts.pods:
            ends[await _deleted(pods, pod)] += 1
        return ", ".join(f"{number} {end}" for end, number in ends.items())

    async def gone(run: Run) -> Sight:
        del run
        left = [pod for pod in facts.pods if await _there(pods, pod)]
        return Sight(not left, f"{len(facts.pods) - len(left)} of {len(facts.pods)} gone")

    return [
        evidence.keep(*((pod.namespace, pod.name) for pod in facts.pods)),
        Step(f"Delete {counted(len(facts.pods), 'pod')}", delete),
        Check("They are gone", gone, within=timedelta(minutes=5)),
    ]


async def _deleted(pods: Pods, pod: Doomed) -> str:
    """How the deletion ended. Another pod that took the name since is left alone."""
    try:
        await pods.delete(pod.namespace, pod.name, pod.uid)
    except Missing:
        return "gone before"
    except Conflict:
        return "replaced by another and left"
    except Denied as error:
        raise Refused(f"{pod.name} may not be deleted: {error.message}", error.hint) from error
    return "deleted"


async def _there(pods: Pods, pod: Doomed) -> bool:
    try:
        return (await pods.pod(pod.namespace, pod.name)).uid == pod.uid
    except Missing:
        return False
