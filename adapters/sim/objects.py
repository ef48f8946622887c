"""The simulated cluster's objects as the Kubernetes API shows them."""

from __future__ import annotations

from typing import Any

from adapters.sim.cluster import Cluster
from adapters.sim.workloads import Deployment, Pod
from bot.ports.kubernetes import RolloutState

NODE = "aks-system-1-vmss000000"
_SINCE = "2026-01-05T16:00:00Z"


def deployments(cluster: Cluster) -> list[dict[str, Any]]:
    """Every Deployment, with its rollout's status."""
    return [_deployment(cluster, found) for found in cluster.deployments.values()]


def replica_sets(cluster: Cluster) -> list[dict[str, Any]]:
    """The current ReplicaSet of each Deployment."""
    return [
        {
            **_header(cluster, "apps/v1", "ReplicaSet", found.replica_set, _labels(found)),
            "spec": {"replicas": found.replicas, "selector": {"matchLabels": _labels(found)}},
            "status": {"replicas": found.updated, "readyReplicas": found.ready},
        }
        for found in cluster.deployments.values()
    ]


def pods(cluster: Cluster) -> list[dict[str, Any]]:
    """Every pod."""
    return [
        _pod(cluster, owner, pod) for owner in cluster.deployments.values() for pod in owner.pods
    ]


def nodes(cluster: Cluster) -> list[dict[str, Any]]:
    """The one node."""
    node = _header(cluster, "v1", "Node", NODE, {"kubernetes.io/os": "linux"})
    del node["metadata"]["namespace"]
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    node["status"] = {
        "conditions": [ready, {"type": "DiskPressure", "status": "False"}],
        "nodeInfo": {"kubeletVersion": "v1.32.4"},
        "allocatable": {"cpu": "3860m", "memory": "12Gi"},
    }
    return [node]


def namespaces(cluster: Cluster) -> list[dict[str, Any]]:
    """The namespaces there are."""
    found = []
    for name in ("default", "kube-system", "monitoring", cluster.namespace):
        namespace = _header(cluster, "v1", "Namespace", name, {})
        del namespace["metadata"]["namespace"]
        found.append({**namespace, "status": {"phase": "Active"}})
    return found


def mongodb(cluster: Cluster) -> list[dict[str, Any]]:
    """The MongoDBCommunity resource."""
    made = _header(cluster, "mongodbcommunity.mongodb.com/v1", "MongoDBCommunity", "mongodb", {})
    made["spec"] = {"members": 1, "type": "ReplicaSet", "version": cluster.mongodb}
    made["status"] = {"phase": "Running", "version": cluster.mongodb}
    return [made]


def _header(
    cluster: Cluster, version: str, kind: str, name: str, labels: dict[str, str]
) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": cluster.namespace,
            "uid": f"uid-{kind}-{name}".lower(),
            "resourceVersion": str(cluster.version),
            "creationTimestamp": _SINCE,
            "labels": labels,
        },
    }


def _labels(found: Deployment) -> dict[str, str]:
    """What the pods carry; the Deployment's own name label is the chart's."""
    return {
        "app.kubernetes.io/name": found.name,
        "app.kubernetes.io/instance": "rocketchat",
    }


def _template(found: Deployment, image: str) -> dict[str, Any]:
    return {"containers": [{"name": found.container, "image": image}]}


def _deployment(cluster: Cluster, found: Deployment) -> dict[str, Any]:
    own = {"app.kubernetes.io/name": "rocketchat", "app.kubernetes.io/instance": "rocketchat"}
    made = _header(cluster, "apps/v1", "Deployment", found.name, own)
    made["metadata"] |= {
        "generation": found.generation,
        "resourceVersion": str(found.resource_version),
    }
    made["spec"] = {
        "replicas": found.replicas,
        "selector": {"matchLabels": _labels(found)},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1},
        },
        "template": {
            "metadata": {"labels": _labels(found)},
            "spec": _template(found, found.image),
        },
    }
    made["status"] = _status(found)
    return made


def _status(found: Deployment) -> dict[str, Any]:
    failed = found.rollout("").state is RolloutState.FAILED
    progressing = {
        "type": "Progressing",
        "status": "False" if failed else "True",
        "reason": "ProgressDeadlineExceeded" if failed else "ReplicaSetUpdated",
    }
    counts = {
        "replicas": len(found.pods),
        "updatedReplicas": found.updated,
        "readyReplicas": found.ready,
        "availableReplicas": found.available,
        "unavailableReplicas": max(0, found.replicas - found.available),
    }
    # The API leaves out what is zero.
    shown = {key: value for key, value in counts.items() if value}
    return {"observedGeneration": found.observed, "conditions": [progressing], **shown}


def _pod(cluster: Cluster, owner: Deployment, pod: Pod) -> dict[str, Any]:
    made = _header(cluster, "v1", "Pod", pod.name, _labels(owner))
    made["metadata"]["ownerReferences"] = [
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": owner.replica_set,
            "uid": f"uid-replicaset-{owner.replica_set}",
            "controller": True,
        }
    ]
    made["spec"] = {**_template(owner, pod.image), "nodeName": NODE}
    state: dict[str, Any] = {"running": {"startedAt": _SINCE}}
    if not pod.ready:
        state = {"waiting": {"reason": pod.status}}
    made["status"] = {
        "phase": "Running" if pod.ready else "Pending",
        "podIP": "10.244.0.10",
        "conditions": [{"type": "Ready", "status": str(pod.ready)}],
        "containerStatuses": [
            {
                "name": owner.container,
                "image": pod.image,
                "imageID": f"{pod.image}@sha256:{'0' * 64}" if pod.ready else "",
                "ready": pod.ready,
                "restartCount": 0,
                "state": state,
            }
        ],
    }
    return made
