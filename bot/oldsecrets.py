"""Which pods still run with what a Secret said before. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.ports.pods import Activity, Pod
from bot.ports.secrets import Secret


def uses(pod: Pod, name: str) -> bool:
    """Whether the pod takes anything from this Secret of its namespace."""
    return any(ref.kind == "Secret" and ref.name == name for ref in pod.references)


def begun(pod: Pod) -> datetime:
    """When it last read its Secrets: with its oldest container, or before, where something ran
    first and may have written them down."""
    running = [
        container.since
        for container in pod.containers
        if container.activity is Activity.RUNNING and container.since and not container.init
    ]
    if not running or any(container.init for container in pod.containers):
        return pod.created
    return min(running)


def behind(pods: Iterable[Pod], secret: Secret) -> list[Pod]:
    """The pods that began before the Secret's values were last written."""
    return [
        pod
        for pod in pods
        if pod.namespace == secret.namespace
        and uses(pod, secret.name)
        and not pod.phase.terminal
        and pod.deleted is None
        and begun(pod) < secret.changed
    ]
