"""Shapes the simulated cluster's first objects are made in."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

SINCE = "2026-01-05T16:00:00Z"
MONITORING = "monitoring"


def made(
    version: str, kind: str, namespace: str, name: str, labels: Object | None = None, **rest: Any
) -> Object:
    metadata: Object = {"name": name, "creationTimestamp": SINCE, "labels": labels or {}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def node(name: str) -> Object:
    types = ("MemoryPressure", "DiskPressure", "PIDPressure")
    calm = [
        {
            "type": type,
            "status": "False",
            "reason": f"KubeletHasNo{type}",
            "lastTransitionTime": SINCE,
        }
        for type in types
    ]
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "lastTransitionTime": SINCE,
    }
    allocatable = {
        "cpu": "3860m",
        "memory": "12Gi",
        "ephemeral-storage": "119703055367",
        "pods": "30",
    }
    return made(
        "v1",
        "Node",
        "",
        name,
        {"kubernetes.io/os": "linux"},
        spec={},
        status={
            "conditions": [*calm, ready],
            "nodeInfo": {"kubeletVersion": "v1.32.4"},
            "allocatable": allocatable,
            "capacity": allocatable,
        },
    )


def workload(
    kind: str,
    namespace: str,
    name: str,
    container: str,
    image: str,
    *,
    labels: Object | None = None,
    spec: Object | None = None,
    more: tuple[Object, ...] = (),
) -> Object:
    labels = labels or {"app.kubernetes.io/name": name}
    first = {
        "name": container,
        "image": image,
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}},
    }
    return made(
        "apps/v1",
        kind,
        namespace,
        name,
        labels,
        spec={
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [first, *more], **(spec or {})},
            },
        },
        status={},
    )
