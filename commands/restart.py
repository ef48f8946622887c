"""`!restart SERVICE`"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.arguments import choose
from bot.cards import code
from bot.clock import Clock
from bot.command import operation
from bot.errors import Busy, Conflict, Denied, Missing, Refused
from bot.evidence import Evidence
from bot.plan import (
    Actions,
    Bound,
    Check,
    Disruption,
    Finding,
    Plan,
    Reach,
    Run,
    Sight,
    Step,
    Tier,
)
from bot.podview import ailment, workload
from bot.ports.pods import Pod, Pods
from bot.ports.resources import Kind, Resources
from bot.scope import Database, Scope
from bot.target import Target

_KINDS = {
    "ReplicaSet": Kind.DEPLOYMENT,
    "StatefulSet": Kind.STATEFUL_SET,
    "DaemonSet": Kind.DAEMON_SET,
}
_COMES_UP = timedelta(minutes=10)


@dataclass(frozen=True)
class Replaced:
    """A pod that is going to be replaced."""

    name: str
    uid: str


@dataclass(frozen=True)
class Restart:
    """What the steps need."""

    kind: str
    namespace: str
    workload: str
    pods: tuple[Replaced, ...]
    rollout: bool


@operation(
    "restart",
    guide="Incident Recovery: MongoDB Stuck",
    manual=("kubectl delete pod -n rocketchat -l app.kubernetes.io/name=rocketchat-account",),
    examples=("!restart account", "!restart prometheus-agent --rollout"),
    unbound={
        Bound.COMMIT: "git is neither read nor changed",
        Bound.DIFF: "pods are replaced by pods like them",
    },
)
async def restart(
    service: str,
    rollout: bool = False,
    *,
    pods: Pods,
    scope: Scope,
    target: Target,
    database: Database,
    clock: Clock,
) -> Plan[Restart]:
    """Replace a service's pods one at a time, each after the one before it is ready.

    Disruption budgets are respected. `--rollout` lets the cluster do it by the service's strategy.
    """
    found = await _pods(service, pods, scope, target)
    first = found[0]
    kind, name = _kind(first), workload(first)
    scope.check(first.namespace)
    only = len(found) == 1
    risky = only and (name in database.workloads or kind is Kind.STATEFUL_SET)
    return Plan(
        f"Restart {name}, {len(found)} {'pod' if only else 'pods, one at a time'}",
        facts=Restart(
            str(kind),
            first.namespace,
            name,
            tuple(Replaced(pod.name, pod.uid) for pod in found),
            rollout,
        ),
        target=f"{first.namespace}/{name}",
        tier=Tier.HIGH if risky else Tier.MEDIUM,
        where=(f"{kind} {name} in {first.namespace}",),
        findings=tuple(_findings(found, clock, only=only)),
        expected=timedelta(minutes=1) * len(found),
        reach=_reach(f"{kind.lower()}/{name}", found),
        disrupts=_disrupts(first.namespace, name, target, database),
        versions={f"{kind.lower()}/{name} image": ", ".join(c.image for c in first.containers)},
    )


def _disrupts(namespace: str, name: str, target: Target, database: Database) -> Disruption | None:
    """The database takes all of chat along, a Deployment of the release its own sessions."""
    if namespace != target.namespace:
        return None
    if name in database.workloads:
        return Disruption()
    return Disruption((name,)) if name.startswith(f"{target.release}-") else None


def _reach(owner: str, found: list[Pod]) -> Reach:
    """One pod at a time, of one workload."""
    objects = (owner, *(f"pod/{pod.name}" for pod in found))
    return Reach(pods=1, namespaces=(found[0].namespace,), objects=objects)


async def _pods(service: str, pods: Pods, scope: Scope, target: Target) -> list[Pod]:
    """The pods of the workload that is meant, by name. Raises Refused or UsageError."""
    wanted = {service.lower(), target.deployment(service).lower()}
    known: set[str] = set()
    for namespace in scope.namespaces:
        try:
            here = [pod async for pod in pods.pods(namespace) if not pod.phase.terminal]
        except Denied:
            continue
        known |= {workload(pod) for pod in here if pod.owner and pod.owner.kind in _KINDS}
        found = [pod for pod in here if workload(pod).lower() in wanted]
        if found:
            return found
    choose(service, sorted(known), "service")
    raise Refused(f"{code(service[:40])} runs no pods.", "`!pods` lists what runs")


def _kind(pod: Pod) -> Kind:
    if pod.owner is None:
        raise Refused(
            f"{pod.name} belongs to nobody: deleted it would be lost, not replaced.",
            f"`!pod {pod.name}` shows it",
        )
    if pod.owner.kind not in _KINDS:
        raise Refused(
            f"{pod.name} belongs to the {pod.owner.kind} {pod.owner.name}, which ends by itself.",
            "`!pods` lists what can be restarted",
        )
    return _KINDS[pod.owner.kind]


def _findings(found: list[Pod], clock: Clock, *, only: bool) -> list[Finding]:
    now = clock.now()
    sick = {pod.name: why for pod in found if (why := ailment(pod, now))}
    lines = [Finding(f"{name} is {why}") for name, why in sick.items()]
    if only and not sick:
        lines.append(
            Finding("its only pod is well: it is away until the new one is ready", heed=True)
        )
    lines.append(Finding("state, events, logs and manifest are kept before"))
    return lines


@restart.actions
def actions(
    facts: Restart,
    *,
    evidence: Evidence,
    pods: Pods,
    resources: Resources,
    clock: Clock,
) -> Actions:
    """Keep evidence, then replace each pod and see its successor ready."""
    kept = evidence.keep(*((facts.namespace, pod.name) for pod in facts.pods))
    if facts.rollout:
        at = _time(clock)
        return [kept, at, _rollout(facts, resources, at), _ready(facts, facts.pods, pods)]
    steps: Actions = [kept]
    for number, pod in enumerate(facts.pods, start=1):
        steps += [_evict(facts, pod, pods), _ready(facts, facts.pods[:number], pods)]
    return steps


def _evict(facts: Restart, pod: Replaced, pods: Pods) -> Step[str]:
    async def act(run: Run) -> str:
        del run
        try:
            await pods.evict(facts.namespace, pod.name, pod.uid)
        except Missing:
            return "was gone already"
        except Conflict as error:
            if isinstance(error, Busy):
                raise Refused(
                    f"{pod.name} may not go now: its disruption budget allows no more.",
                    "Wait until another replica is ready, then ask again",
                ) from error
            return "was replaced already"
        return "asked to end"

    return Step(f"Replace {pod.name}", act)


def _time(clock: Clock) -> Step[str]:
    """Kept in the journal, so that a restart that is asked for twice is asked for once."""

    async def act(run: Run) -> str:
        del run
        return clock.now().isoformat(timespec="seconds")

    return Step("Note the time", act)


def _rollout(facts: Restart, resources: Resources, at: Step[str]) -> Step[str]:
    async def act(run: Run) -> str:
        asked = datetime.fromisoformat(run[at])
        await resources.restart(Kind(facts.kind), facts.namespace, facts.workload, asked)
        return "asked for"

    return Step(f"Roll {facts.workload} out again", act)


def _ready(facts: Restart, gone: tuple[Replaced, ...], pods: Pods) -> Check:
    """None of these pods is left, and as many as before are ready."""
    old = {pod.uid for pod in gone}
    wanted = len(facts.pods)

    async def look(run: Run) -> Sight:
        del run
        found = [pod async for pod in pods.pods(facts.namespace) if workload(pod) == facts.workload]
        left = [pod.name for pod in found if pod.uid in old]
        ready = sum(pod.ready and pod.deleted is None for pod in found)
        if left:
            return Sight(False, f"{left[0]} is ending", 0.0)
        return Sight(ready >= wanted, f"{ready} of {wanted} ready", min(1.0, ready / wanted))

    title = f"{facts.workload} ready"
    if len(gone) < wanted:
        title += f" after {gone[-1].name}"
    return Check(title, look, within=_COMES_UP)
