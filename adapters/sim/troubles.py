"""What can be wrong with the pods of a workload, as it looks from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.sim import podmaker

Object = dict[str, Any]


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Trouble:
    """One symptom. `show` changes a pod to what it looks like at a time.

    `events` are warnings of each pod, reason and message. `said` is what its containers wrote,
    `before` what their previous instance wrote. A new pod is well once `cured` says so.
    """

    show: Callable[[Object, str], None]
    events: tuple[tuple[str, str], ...] = ()
    said: str = ""
    before: str = ""
    cured: Callable[[], bool] = field(default=_never)


def crash_loop(
    log: str,
    *,
    code: int = 1,
    reason: str = "Error",
    restarts: int = 7,
    cured: Callable[[], bool] = _never,
) -> Trouble:
    """It ends again and again; `OOMKilled` with code 137 for lack of memory."""

    def show(pod: Object, stamp: str) -> None:
        text = "back-off 5m0s restarting failed container"
        podmaker.creating(pod, "CrashLoopBackOff", text)
        pod["status"]["phase"] = "Running"
        for status in pod["status"]["containerStatuses"]:
            status["restartCount"] = restarts
            status["lastState"] = {"terminated": podmaker.terminated(reason, code, stamp)}

    events = (("BackOff", "Back-off restarting failed container"),)
    return Trouble(show, events, said=log, before=log, cured=cured)


def image_pull(why: str, *, cured: Callable[[], bool] = _never) -> Trouble:
    """Its image cannot be pulled; `why` is what the registry said."""

    def show(pod: Object, stamp: str) -> None:
        del stamp
        image = podmaker.containers(pod)[0]["image"]
        text = f'Back-off pulling image "{image}": ErrImagePull: {why}'
        podmaker.creating(pod, "ImagePullBackOff", text)

    return Trouble(show, (("Failed", f"Failed to pull image: {why}"),), cured=cured)


def failed_mount(
    kind: str, name: str, volume: str, *, cured: Callable[[], bool] = _never
) -> Trouble:
    """A ConfigMap or Secret it mounts is not there: only events say so."""

    def show(pod: Object, stamp: str) -> None:
        del stamp
        podmaker.creating(pod)

    text = f'MountVolume.SetUp failed for volume "{volume}" : {kind} "{name}" not found'
    return Trouble(show, (("FailedMount", text),), cured=cured)


def config_error(text: str, *, cured: Callable[[], bool] = _never) -> Trouble:
    """Its container cannot be made: a Secret, a ConfigMap or a key of it is missing."""

    def show(pod: Object, stamp: str) -> None:
        del stamp
        podmaker.creating(pod, "CreateContainerConfigError", text)

    return Trouble(show, (("Failed", f"Error: {text}"),), cured=cured)


def evicted(resource: str = "ephemeral-storage", *, cured: Callable[[], bool] = _never) -> Trouble:
    """The kubelet threw it out to save its node."""

    def show(pod: Object, stamp: str) -> None:
        text = f"The node was low on resource: {resource}."
        disruption = podmaker.condition("DisruptionTarget", True, "TerminationByKubelet", text)
        pod["status"] = {
            "phase": "Failed",
            "reason": "Evicted",
            "message": text,
            "startTime": stamp,
            "conditions": [disruption],
        }

    events = (("Evicted", f"The node was low on resource: {resource}."),)
    return Trouble(show, events, cured=cured)


def unschedulable(text: str, *, cured: Callable[[], bool] = _never) -> Trouble:
    """No node takes it."""

    def show(pod: Object, stamp: str) -> None:
        del stamp
        pod["spec"].pop("nodeName", None)
        pod["status"] = {
            "phase": "Pending",
            "conditions": [podmaker.condition("PodScheduled", False, "Unschedulable", text)],
        }

    return Trouble(show, (("FailedScheduling", text),), cured=cured)


def not_ready(probe: str) -> Trouble:
    """It runs, and its readiness probe fails."""

    def show(pod: Object, stamp: str) -> None:
        podmaker.running(pod, stamp)
        pod["status"]["conditions"][1] = podmaker.condition(
            "Ready", False, "ContainersNotReady", "containers with unready status"
        )
        for status in pod["status"]["containerStatuses"]:
            status["ready"] = False

    return Trouble(show, (("Unhealthy", f"Readiness probe failed: {probe}"),))
