"""Which pods have ended and may go, and which must stay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from bot.errors import Denied
from bot.ports.jobs import Jobs
from bot.ports.pods import Phase, Pod, Pods
from bot.scope import Maintenance, Scope

KEEP = "houston/keep"
"""An annotation: a pod with it is never removed."""


@dataclass(frozen=True)
class Doomed:
    """A pod that has ended. `owner` is `Job aks-stale-pod-cleanup-29491740`, empty for nobody."""

    namespace: str
    name: str
    uid: str
    phase: str
    reason: str
    owner: str = ""


@dataclass
class Selection:
    """`pods` may go, oldest first and at most as many as policy takes at once; `more` wait for the
    next time. `kept` counts those that stay, by reason. `unseen` are namespaces without the right.
    """

    pods: list[Doomed] = field(default_factory=list)
    more: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)

    def keep(self, why: str) -> None:
        self.kept[why] = self.kept.get(why, 0) + 1


async def select(
    pods: Pods, jobs: Jobs, scope: Scope, rules: Maintenance, now: datetime, *, every: bool
) -> Selection:
    """Look for pods that have ended, in the namespaces Houston may change.

    `every` also takes the newest pod of each Job, whose log nobody else has. The phase is asked of
    the cluster and looked at again; a pod that is Running or Pending is never among them. Raises
    Unavailable.
    """
    found = Selection()
    ended: list[Pod] = []
    for namespace in scope.namespaces:
        try:
            known = {job.uid: job.outcome.final async for job in jobs.jobs(namespace)}
            seen = [pod async for pod in _ended(pods, namespace)]
        except Denied as error:
            found.unseen.append(f"{namespace}: {error.message}")
            continue
        busy = {uid for uid, over in known.items() if not over}
        newest = set() if every else _newest(pod for pod in seen if _of(pod, known))
        for pod in seen:
            why = _staying(pod, rules, now, busy=busy, newest=newest)
            if why:
                found.keep(why)
            else:
                ended.append(pod)
    ended.sort(key=lambda pod: (pod.finished or pod.created, pod.name))
    found.pods = [_doomed(pod) for pod in ended[: rules.at_most]]
    found.more = max(0, len(ended) - rules.at_most)
    return found


async def _ended(pods: Pods, namespace: str) -> AsyncIterator[Pod]:
    for phase in (Phase.SUCCEEDED, Phase.FAILED):
        async for pod in pods.pods(namespace, phase=phase):
            yield pod


def _of(pod: Pod, jobs: Mapping[str, bool]) -> bool:
    """Whether it is a pod of a Job that is still there."""
    return pod.owner is not None and pod.owner.uid in jobs


def _newest(of_jobs: Iterable[Pod]) -> set[str]:
    """The newest pod of each Job: its log is the only one there is."""
    found: dict[str, Pod] = {}
    for pod in sorted(of_jobs, key=lambda pod: pod.created):
        if pod.owner:
            found[pod.owner.uid] = pod
    return {pod.uid for pod in found.values()}


def _staying(
    pod: Pod, rules: Maintenance, now: datetime, *, busy: set[str], newest: set[str]
) -> str:
    """Why a pod stays, empty when it may go."""
    reasons = (
        (not pod.phase.terminal, "not ended"),
        (pod.deleted is not None, "being deleted already"),
        (pod.mirror, "the kubelet's own"),
        (_listed(pod, rules.keep), "on the keep-list"),
        (pod.annotations.get(KEEP, "false") != "false", "annotated to be kept"),
        (now - (pod.finished or pod.created) < rules.older_than, "ended just now"),
        (pod.owner is not None and pod.owner.uid in busy, "of a Job that still runs"),
        (pod.uid in newest, "the newest of its Job, for its log"),
    )
    return next((why for holds, why in reasons if holds), "")


def _listed(pod: Pod, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(f"{pod.namespace}/{pod.name}", pattern) for pattern in patterns)


def _doomed(pod: Pod) -> Doomed:
    owner = f"{pod.owner.kind} {pod.owner.name}" if pod.owner else ""
    return Doomed(pod.namespace, pod.name, pod.uid, str(pod.phase), pod.reason or pod.status, owner)
