"""Pods in a few words: which workload they belong to, what ails them, and which one is meant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.arguments import choose
from bot.cards import duration
from bot.errors import AdapterError, Denied, Missing, Refused
from bot.ports.pods import Activity, Container, Phase, Pod, Pods
from bot.scope import Scope

STUCK = timedelta(minutes=5)
"""How long a pod may take to come up or to end before that is a trouble."""
_RECENTLY = timedelta(minutes=10)
_OWNED_BY_HASH = {"ReplicaSet"}


def workload(pod: Pod) -> str:
    """The name of the Deployment, StatefulSet, DaemonSet or Job the pod belongs to."""
    if pod.owner is None:
        return pod.name
    if pod.owner.kind in _OWNED_BY_HASH:
        return pod.owner.name.rpartition("-")[0]
    return pod.owner.name


def ailment(pod: Pod, now: datetime) -> str:
    """What is wrong with it, in a few words; empty when nothing is."""
    if pod.deleted:
        left = now - pod.deleted
        return f"being deleted for {duration(left)}" if left > STUCK else ""
    if pod.phase.terminal:
        return "" if pod.phase is Phase.SUCCEEDED else pod.reason or pod.status
    hurt = hurting(pod)
    if hurt is not None and hurt.activity is not Activity.RUNNING:
        return _waiting(pod, hurt, now)
    if hurt is not None and hurt.last and _lately(hurt, now):
        return f"restarted {hurt.restarts} times, last ended {hurt.last.reason}"
    if pod.phase is Phase.PENDING:
        return _pending(pod, now)
    return "" if pod.ready or now - pod.created < STUCK else "not ready"


def _waiting(pod: Pod, hurt: Container, now: datetime) -> str:
    reason = hurt.reason or pod.status
    if not hurt.reason or reason in {"ContainerCreating", "PodInitializing"}:
        return _pending(pod, now)
    if hurt.last and hurt.last.reason not in {"Error", "Completed"}:
        return f"{reason}, {hurt.last.reason}"
    return reason


def _pending(pod: Pod, now: datetime) -> str:
    for condition in pod.conditions:
        if condition.type == "PodScheduled" and condition.status == "False":
            return f"{condition.reason or 'not scheduled'}"
    return f"{pod.status} for {duration(now - pod.created)}" if now - pod.created > STUCK else ""


def _lately(container: Container, now: datetime) -> bool:
    ended = container.last.finished if container.last else None
    return ended is not None and now - ended < _RECENTLY


def hurting(pod: Pod) -> Container | None:
    """The container that ails: the first one that waits or ended badly, else one that restarts."""
    for container in pod.containers:
        badly = container.activity is Activity.TERMINATED and container.exit_code
        if container.activity is Activity.WAITING or badly:
            return container
    return next((c for c in pod.containers if c.last is not None), None)


def column(pods: Iterable[Pod], now: datetime, *, namespaces: bool) -> list[list[str]]:
    """Rows for a table, with a head."""
    head = ["NAMESPACE"] if namespaces else []
    rows = [[*head, "NAME", "READY", "STATUS", "RESTARTS", "AGE"]]
    for pod in pods:
        regular = [container for container in pod.containers if not container.init]
        ready = sum(container.ready for container in regular)
        rows.append(
            [
                *([pod.namespace] if namespaces else []),
                pod.name,
                f"{ready}/{len(regular)}",
                pod.status,
                str(pod.restarts),
                duration(now - pod.created),
            ]
        )
    return rows


async def find(pods: Pods, scope: Scope, said: str) -> Pod:
    """The pod a person means by its name, the beginning of it, or its workload's name.

    Of several the one that is not ready comes first, then the newest. Raises Refused, naming what
    there is.
    """
    namespace, _, name = said.rpartition("/")
    found: list[Pod] = []
    known: list[str] = []
    for where in (namespace,) if namespace else scope.namespaces:
        try:
            async for pod in pods.pods(where):
                if pod.name == name:
                    return pod
                known.append(pod.name)
                if pod.name.startswith(name) or workload(pod) == name:
                    found.append(pod)
        except Denied:
            continue
    if not found:
        choose(name, known, "pod")
        raise Refused(f"No pod is called {name}.", "`!pods` lists them")
    return min(found, key=lambda pod: (pod.ready, -pod.created.timestamp()))


async def gone(pods: Pods, pod: Pod) -> bool:
    """Whether exactly this pod is there no longer."""
    try:
        return (await pods.pod(pod.namespace, pod.name)).uid != pod.uid
    except Missing:
        return True


def unseen(error: AdapterError, what: str) -> str:
    """A line for what could not be looked at."""
    return f"{what} could not be looked at: {error.message}"
