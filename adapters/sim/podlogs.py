"""What the simulated containers wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.sim.objectstore import Refusal

Written = list[tuple[datetime, str]]
_NEVER_BEGAN = {"ContainerCreating", "PodInitializing", "ImagePullBackOff", "ErrImagePull",
                "CreateContainerConfigError"}  # fmt: skip


@dataclass
class PodLogs:
    """Lines by pod and container. Containers that nobody wrote for say that they began."""

    _lines: dict[tuple[str, str, str, bool], Written] = field(default_factory=dict)

    def write(
        self,
        at: datetime,
        namespace: str,
        pod: str,
        container: str,
        text: str,
        *,
        previous: bool = False,
    ) -> None:
        """Append lines, all of one time. `previous` is the instance that has ended."""
        key = (namespace, pod, container, previous)
        self._lines.setdefault(key, []).extend((at, line) for line in text.splitlines())

    def read(
        self,
        pod: dict[str, Any],
        now: datetime,
        *,
        container: str = "",
        previous: bool = False,
        since: timedelta | None = None,
        tail: int | None = None,
    ) -> str:
        """As the API gives it. Raises Refusal as the kubelet does."""
        metadata = pod["metadata"]
        name = _named(pod, container)
        lines = self._lines.get((metadata["namespace"], metadata["name"], name, previous))
        if lines is None:
            lines = [] if previous else _default(pod, name, now)
        if previous and not lines:
            text = f'previous terminated container "{name}" in pod "{metadata["name"]}" not found'
            raise Refusal(400, "BadRequest", text)
        found = [line for at, line in lines if since is None or at >= now - since]
        if tail is not None:
            found = found[len(found) - min(tail, len(found)) :]
        return "".join(f"{line}\n" for line in found)


def _named(pod: dict[str, Any], container: str) -> str:
    spec = pod["spec"]
    names = [c["name"] for c in (*(spec.get("initContainers") or ()), *spec["containers"])]
    shown = pod["metadata"]["name"]
    if container and container not in names:
        raise Refusal(400, "BadRequest", f"container {container} is not valid for pod {shown}")
    if not container and len(spec["containers"]) > 1:
        choice = " ".join(names)
        text = f"a container name must be specified for pod {shown}, choose one of: [{choice}]"
        raise Refusal(400, "BadRequest", text)
    return container or str(spec["containers"][0]["name"])


def _default(pod: dict[str, Any], name: str, now: datetime) -> Written:
    for status in pod["status"].get("containerStatuses") or ():
        reason = (status["state"].get("waiting") or {}).get("reason", "")
        if status["name"] == name and reason in _NEVER_BEGAN:
            shown = pod["metadata"]["name"]
            text = f'container "{name}" in pod "{shown}" is waiting to start: {reason}'
            raise Refusal(400, "BadRequest", text)
    made = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
    return [(min(made, now), f"{name} started")]
