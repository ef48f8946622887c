"""Pods in the vendor's shape: made from a template, and brought from state to state. Pure."""

from __future__ import annotations

import copy
import hashlib
from functools import lru_cache
from typing import Any

Object = dict[str, Any]

RESTARTED = "kubectl.kubernetes.io/restartedAt"
"""The annotation of a template by which `kubectl rollout restart` asks for new pods."""
NODE = "aks-system-1-vmss000000"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@lru_cache(maxsize=512)
def letters(text: str, length: int) -> str:
    """Kubernetes' kind of random letters, the same for the same text."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    found = ""
    for _ in range(length):
        number, index = divmod(number, len(_LETTERS))
        found += _LETTERS[index]
    return found


def pod_of(owner: Object, name: str, stamp: str, template: Object | None = None) -> Object:
    """A pod that has just been made for its controller: nothing of it runs."""
    template = copy.deepcopy(template or owner["spec"]["template"])
    metadata = template.get("metadata") or {}
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": owner["metadata"]["namespace"],
            "creationTimestamp": stamp,
            "labels": dict(metadata.get("labels") or {}),
            "annotations": dict(metadata.get("annotations") or {}),
            "ownerReferences": [reference(owner)],
        },
        "spec": {**template["spec"], "nodeName": NODE},
        "status": {},
    }
    creating(pod)
    return pod


def reference(owner: Object) -> Object:
    """What an object's controller is written down as."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def creating(pod: Object, reason: str = "ContainerCreating", message: str = "") -> None:
    """Its containers wait."""
    waiting = {"reason": reason, **({"message": message} if message else {})}
    pod["status"] = {
        "phase": "Pending",
        "conditions": [condition("PodScheduled", True), condition("Ready", False)],
        "containerStatuses": [
            container_status(container, {"waiting": waiting}) for container in containers(pod)
        ],
    }
    if reason != "ContainerCreating":
        _started(pod, pod["metadata"]["creationTimestamp"])


def running(pod: Object, stamp: str) -> None:
    """Its containers run and are ready; what came before them has ended well."""
    pod["status"] = {
        "phase": "Running",
        "podIP": "10.244.0.10",
        "startTime": stamp,
        "conditions": [condition("PodScheduled", True), condition("Ready", True)],
        "containerStatuses": [
            container_status(container, {"running": {"startedAt": stamp}}, ready=True)
            for container in containers(pod)
        ],
    }
    _started(pod, stamp)


def _started(pod: Object, stamp: str) -> None:
    """What comes before its containers has ended well."""
    if starting := pod["spec"].get("initContainers"):
        done = {"terminated": terminated("Completed", 0, stamp)}
        pod["status"]["initContainerStatuses"] = [
            container_status(container, done, ready=True) for container in starting
        ]


def ended(pod: Object, stamp: str, code: int = 0) -> None:
    """Its containers have ended and will not run again."""
    state = {"terminated": terminated("Error" if code else "Completed", code, stamp)}
    pod["status"] |= {
        "phase": "Failed" if code else "Succeeded",
        "conditions": [condition("PodScheduled", True), condition("Ready", False)],
        "containerStatuses": [container_status(container, state) for container in containers(pod)],
    }


def terminated(reason: str, code: int, stamp: str) -> Object:
    return {"reason": reason, "exitCode": code, "startedAt": stamp, "finishedAt": stamp}


def condition(type: str, good: bool, reason: str = "", message: str = "") -> Object:
    found: Object = {"type": type, "status": str(good)}
    if reason:
        found |= {"reason": reason, "message": message}
    return found


def containers(pod: Object) -> list[Object]:
    found: list[Object] = pod["spec"]["containers"]
    return found


def container_status(container: Object, state: Object, *, ready: bool = False) -> Object:
    runs = "waiting" not in state
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": f"{container['image']}@sha256:{'0' * 64}" if runs else "",
        "ready": ready,
        "restartCount": 0,
        "state": state,
    }


def is_ready(pod: Object) -> bool:
    """Whether every container is ready."""
    statuses = pod["status"].get("containerStatuses") or []
    return bool(statuses) and all(found["ready"] for found in statuses)
