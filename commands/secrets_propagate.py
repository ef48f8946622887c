"""`!secrets propagate NAME`"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.command import operation
from bot.errors import Conflict, Missing, Refused
from bot.oldsecrets import behind
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
from bot.podview import workload
from bot.ports.pods import Pod, Pods
from bot.ports.resources import Kind, Resources
from bot.ports.secrets import Secrets
from bot.scope import Scope
from bot.secretsurvey import Survey

_KINDS = {
    "ReplicaSet": Kind.DEPLOYMENT,
    "StatefulSet": Kind.STATEFUL_SET,
    "DaemonSet": Kind.DAEMON_SET,
}


@dataclass(frozen=True)
class Owner:
    """A workload with pods behind: `whole` when all of them are, so that it is restarted as its
    strategy says; else only `pods`, names and uids, are replaced."""

    kind: Kind
    name: str
    whole: bool
    pods: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Propagation:
    """The Secret, and what must read it again."""

    namespace: str
    secret: str
    owners: tuple[Owner, ...]


@operation(
    "secrets propagate",
    guide="GitOps-first Secrets",
    manual=("kubectl -n NAMESPACE rollout restart deployment NAME",),
    examples=("!secrets propagate rocketchat-mongodb-external",),
    unbound={
        Bound.COMMIT: "git is neither read nor changed",
        Bound.DIFF: "pods are replaced by pods like them",
    },
)
async def propagate(
    name: str,
    *,
    survey: Survey,
    pods: Pods,
    scope: Scope,
) -> Plan[Propagation]:
    """Restart exactly the pods that still run what a secret said before."""
    entry = await survey.entry(name)
    if entry.secret is None:
        raise Refused(f"{entry.name} cannot be seen, so nobody knows who is behind.", "`!secrets`")
    scope.check(entry.secret.namespace)
    if not entry.old:
        raise Refused(f"Every pod runs {entry.name} as it is now.", "Nothing to restart")
    owners = await _owners(pods, entry.old)
    once = any(owner.kind is Kind.STATEFUL_SET for owner in owners)
    shown = ", ".join(f"{owner.name} ({len(owner.pods)})" for owner in owners)
    return Plan(
        f"Restart what runs an old {entry.name}: {shown}",
        facts=Propagation(entry.secret.namespace, entry.secret.name, owners),
        target=f"secret/{entry.name}",
        tier=Tier.HIGH if once else Tier.MEDIUM,
        where=tuple(f"{owner.kind} {owner.name}" for owner in owners),
        findings=tuple(_warning(owner) for owner in owners),
        expected=timedelta(minutes=2),
        reach=Reach(
            namespaces=(entry.secret.namespace,),
            objects=tuple(f"{owner.kind.lower()}/{owner.name}" for owner in owners),
        ),
        disrupts=Disruption(() if once else tuple(owner.name for owner in owners)),
        versions={f"secret/{entry.secret.name} version": entry.secret.resource_version},
    )


def _warning(owner: Owner) -> Finding:
    if owner.kind is Kind.STATEFUL_SET:
        return Finding(f"{owner.name} keeps data: it is away while its pod starts again")
    how = "restarted as its strategy says" if owner.whole else "only these pods are replaced"
    return Finding(f"{owner.name}: {len(owner.pods)} pods behind, {how}")


async def _owners(pods: Pods, old: tuple[Pod, ...]) -> tuple[Owner, ...]:
    """The workloads of these pods, by name. Raises Refused for a pod nothing would replace."""
    found: dict[str, list[Pod]] = {}
    for pod in old:
        if pod.owner is None or pod.owner.kind not in _KINDS:
            raise Refused(
                f"Nothing would make {pod.name} again: it belongs to no workload.",
                "Let it finish, or delete it by hand",
            )
        found.setdefault(workload(pod), []).append(pod)
    everyone = [pod async for pod in pods.pods(old[0].namespace)]
    return tuple(_owner(name, some, everyone) for name, some in sorted(found.items()))


def _owner(name: str, old: list[Pod], everyone: list[Pod]) -> Owner:
    mine = [pod for pod in everyone if workload(pod) == name and not pod.phase.terminal]
    kind = _KINDS[old[0].owner.kind if old[0].owner else ""]
    named = tuple(sorted((pod.name, pod.uid) for pod in old))
    return Owner(kind, name, len(mine) == len(old), named)


@propagate.actions
def propagate_actions(
    facts: Propagation,
    *,
    secrets: Secrets,
    pods: Pods,
    resources: Resources,
    clock: Clock,
) -> Actions:
    """Restart or replace, workload by workload, and see that nobody is behind any more."""

    async def note(run: Run) -> str:
        del run
        return clock.now().replace(microsecond=0).isoformat()

    begun = Step("Note the time", note)
    made: Actions = [begun]
    for owner in facts.owners:
        made += _replacing(facts.namespace, owner, begun, pods, resources)
        made.append(_caught_up(facts, owner, secrets, pods))
    return made


def _replacing(
    namespace: str, owner: Owner, begun: Step[str], pods: Pods, resources: Resources
) -> Actions:
    if owner.whole:

        async def restart(run: Run) -> str:
            at = datetime.fromisoformat(run[begun])
            await resources.restart(owner.kind, namespace, owner.name, at)
            return "asked"

        return [Step(f"Restart {owner.name}", restart)]
    return [_evicting(namespace, pod, uid, pods) for pod, uid in owner.pods]


def _evicting(namespace: str, pod: str, uid: str, pods: Pods) -> Step[str]:
    async def evict(run: Run) -> str:
        del run
        try:
            await pods.evict(namespace, pod, uid)
        except (Missing, Conflict):
            # Gone, or another one has its name: it reads the Secret as it is now.
            return "gone already"
        return "evicted"

    return Step(f"Replace {pod}", evict)


def _caught_up(facts: Propagation, owner: Owner, secrets: Secrets, pods: Pods) -> Check:
    """Every pod of the workload is ready and began after the Secret was written."""

    async def look(run: Run) -> Sight:
        del run
        secret = await secrets.secret(facts.namespace, facts.secret)
        mine = [
            pod
            async for pod in pods.pods(facts.namespace)
            if workload(pod) == owner.name and not pod.phase.terminal and pod.deleted is None
        ]
        left, ready = behind(mine, secret), sum(pod.ready for pod in mine)
        text = f"{ready} of {len(mine)} ready, {len(left)} behind"
        return Sight(bool(mine) and not left and ready == len(mine), text)

    return Check(f"{owner.name} reads the new one", look, within=timedelta(minutes=15))
