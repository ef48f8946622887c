"""`!scale SERVICE N`"""

from datetime import timedelta
from typing import Annotated

from bot.arguments import Between, Says, choose
from bot.command import operation
from bot.gitops import commit, deployed, healthy, live, numeric, reach, rolled_out, settled, sync
from bot.plan import Actions, Disruption, Plan, Tier
from bot.ports.argocd import ArgoCD
from bot.ports.git import Edit, Git
from bot.ports.kubernetes import Kubernetes
from bot.target import MONOLITH, Target

_RECONNECT = timedelta(seconds=10)
"""Until a client whose pod went away is connected to another one."""


@operation(
    "scale",
    guide="Scaling Microservices",
    manual=("edit the service's replicas in values.yaml", "git commit -a && git push"),
    examples=("!scale ddpStreamer 2", "!scale rocketchat 1"),
)
async def scale(
    service: str,
    replicas: Annotated[int, Between(0, 10), Says("N")],
    *,
    git: Git,
    argocd: ArgoCD,
    kubernetes: Kubernetes,
    target: Target,
) -> Plan[Edit]:
    """Set how many replicas of a Rocket.Chat service run."""
    parts = {part.name: part for part in target.parts((await git.read(target.values)).content)}
    part = parts[choose(service, list(parts), "service")]
    edit = numeric(await git.edit(target.values, part.replicas_key, replicas), part.name)
    return Plan(
        f"Scale {part.name} from {edit.before} to {replicas}",
        facts=edit,
        target=target.application,
        tier=Tier.HIGH if replicas == 0 else Tier.MEDIUM,
        undo=f"!scale {part.name} {edit.before}",
        diff=edit.diff,
        where=(f"{target.values} on {git.branch} at {edit.base[:7]}", target.application),
        findings=await settled(argocd, git, target),
        expected=timedelta(minutes=1),
        reach=reach(target, part.name, replicas=replicas),
        disrupts=_disrupts(part.deployment, int(edit.before), replicas),
        versions=await live(argocd, kubernetes, target, part.deployment),
    )


def _disrupts(deployment: str, before: int, after: int) -> Disruption | None:
    """Pods that go take their sessions along; the last one takes the service."""
    if after >= before:
        return None
    away = _RECONNECT if after else None
    return Disruption((deployment,), share=(before - after) / before, away=away)


@scale.actions
def actions(
    edit: Edit, *, git: Git, argocd: ArgoCD, kubernetes: Kubernetes, target: Target
) -> Actions:
    part = edit.key[1] if len(edit.key) > 1 else MONOLITH
    pushed = commit(git, edit, f"chore: Scale {part} from {edit.before} to {edit.after}")
    return [
        pushed,
        sync(argocd, git, target, pushed),
        deployed(argocd, target, pushed),
        rolled_out(kubernetes, target, part, replicas=int(edit.after)),
        healthy(argocd, target),
    ]
