"""Pods and events as API servers send them, in the bot's words."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.kubernetes_read_pods import read_event, read_pod


def pod_of(*containers: dict[str, str], **status: object) -> dict[str, object]:
    spec = {"containers": [{"name": "main", "image": "i"}], "initContainers": [*containers]}
    return {"metadata": {"name": "p", "namespace": "n"}, "spec": spec, "status": status}


RUNS = {"name": "main", "ready": True, "state": {"running": {}}}
SIDECAR = {"name": "side", "image": "i", "restartPolicy": "Always"}
INIT = {"name": "init", "image": "i"}


@pytest.mark.parametrize(
    ("payload", "text", "ready"),
    [
        (pod_of(SIDECAR, phase="Running", containerStatuses=[RUNS],
                initContainerStatuses=[{**RUNS, "name": "side"}]), "Running", True),
        (pod_of(INIT, phase="Pending", initContainerStatuses=[
            {"name": "init", "state": {"running": {}}}]), "Init:0/1", False),
        (pod_of(INIT, phase="Pending", initContainerStatuses=[
            {"name": "init", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]),
         "Init:CrashLoopBackOff", False),
        (pod_of(INIT, phase="Running", containerStatuses=[RUNS], initContainerStatuses=[
            {"name": "init", "state": {"terminated": {"exitCode": 0}}}]), "Running", True),
        (pod_of(phase="Succeeded", containerStatuses=[
            {"name": "main", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}]),
         "Completed", False),
        (pod_of(phase="Failed", containerStatuses=[
            {"name": "main", "state": {"terminated": {"exitCode": 3}}}]), "ExitCode:3", False),
        (pod_of(phase="Pending"), "Pending", False),
    ],
)  # fmt: skip
def test_the_status_is_kubectls_column(
    payload: dict[str, object], text: str, *, ready: bool
) -> None:
    pod = read_pod(payload)

    assert (pod.status, pod.ready) == (text, ready)


def test_an_event_of_the_newer_kind_has_its_times() -> None:
    about = {"kind": "Pod", "name": "p", "uid": "u"}
    series = {"count": 7, "lastObservedTime": "2026-11-24T15:10:00.123456Z"}
    event = read_event(
        {
            "metadata": {"namespace": "n", "creationTimestamp": "2026-11-24T15:00:00Z"},
            "involvedObject": about,
            "type": "Warning",
            "reason": "Unhealthy",
            "eventTime": "2026-11-24T15:01:00.000000Z",
            "firstTimestamp": None,
            "lastTimestamp": None,
            "series": series,
        }
    )

    assert (event.count, event.first.minute, event.last.minute) == (7, 1, 10)


def container(name: str = "main", *, ready: bool = True, **state: Any) -> dict[str, object]:
    return {"name": name, "ready": ready, "state": state or {"running": {}}}


def several(*containers: dict[str, object], **status: object) -> dict[str, object]:
    named = [{"name": one["name"], "image": "i"} for one in containers]
    return {
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {"containers": named or [{"name": "main", "image": "i"}]},
        "status": {"phase": "Running", "containerStatuses": list(containers), **status},
    }


WAITING: dict[str, Any] = {"waiting": {"reason": "CrashLoopBackOff"}}
ENDED: dict[str, Any] = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}


@pytest.mark.parametrize(
    ("payload", "ready", "text"),
    [
        (several(container()), True, "Running"),
        (several(container(ready=False)), False, "Running"),
        (several(container(ready=False, **WAITING)), False, "CrashLoopBackOff"),
        (several(container(ready=False, **ENDED)), False, "OOMKilled"),
        (several(container("a", ready=False, **WAITING), container("b", ready=False, **ENDED)),
         False, "CrashLoopBackOff"),
        (several(container("a"), container("b", ready=False, **ENDED)), False, "OOMKilled"),
        (several(phase="Failed", reason="Evicted"), False, "Evicted"),
    ],
)  # fmt: skip
def test_of_several_containers_the_first_trouble_is_told(
    payload: dict[str, object], *, ready: bool, text: str
) -> None:
    pod = read_pod(payload)

    assert (pod.ready, pod.status) == (ready, text)


@pytest.mark.parametrize(("reason", "text"), [("", "Terminating"), ("NodeLost", "Unknown")])
def test_a_pod_on_its_way_out_says_so(reason: str, text: str) -> None:
    leaving = several(container(), reason=reason)
    metadata = {"name": "p", "deletionTimestamp": "2026-11-24T15:00:00Z"}

    assert read_pod({**leaving, "metadata": metadata}).status == text
