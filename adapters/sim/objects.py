"""The release's Deployments, ReplicaSets and pods as the Kubernetes API shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adapters.sim import podmaker
from adapters.sim.podmaker import RESTARTED
from adapters.sim.workloads import Deployment, Pod
from bot.ports.kubernetes import RolloutState

if TYPE_CHECKING:
    from adapters.sim.cluster import Cluster

_SINCE = "2026-01-05T16:00:00Z"
_EXPOSING = [
    {"name": "OVERWRITE_SETTING_Prometheus_Enabled", "value": "true"},
    {"name": "OVERWRITE_SETTING_Prometheus_Port", "value": "9100"},
]
_SMALL = {"cpu": "100m", "memory": "128Mi"}


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


def mongodb(cluster: Cluster) -> list[dict[str, Any]]:
    """The MongoDBCommunity resource, with what has become of its StatefulSet."""
    if not cluster.mongodb:
        return []
    made = _header(cluster, "mongodbcommunity.mongodb.com/v1", "MongoDBCommunity", "mongodb", {})
    made["spec"] = {
        "members": 1,
        "type": "ReplicaSet",
        "version": cluster.mongodb,
        "users": [
            {"name": user, "db": db, "passwordSecretRef": {"name": f"mongodb-{user}-password"},
             "scramCredentialsSecretName": user}
            for user, db in (("admin", "admin"), ("rocketchat", "rocketchat"))
        ],
        "prometheus": {"passwordSecretRef": {"name": "metrics-endpoint-password"}},
    }  # fmt: skip
    found = cluster.objects.kept("statefulsets", cluster.namespace, "mongodb")
    ready = int((found or {}).get("status", {}).get("readyReplicas", 0))
    made["status"] = {
        "phase": "Running" if ready else "Pending",
        "version": cluster.mongodb,
        "currentMongoDBMembers": ready,
        "currentStatefulSetReplicas": 1 if found else 0,
        "mongoUri": "mongodb://mongodb-0.mongodb-svc.rocketchat.svc.cluster.local:27017",
        "message": "" if ready else "ReplicaSet is not yet ready, retrying in 10 seconds",
    }
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
    """The monolith reads its database's address from a Secret; the others are given the same."""
    address = {"name": "rocketchat-mongodb-external", "key": "mongo-uri"}
    exposing = _EXPOSING if found.scraped else []
    requests = {"cpu": "500m", "memory": "1Gi"} if found.name.endswith("-rocketchat") else _SMALL
    container = {
        "name": found.container,
        "image": image,
        "env": [{"name": "MONGO_URL", "valueFrom": {"secretKeyRef": address}}, *exposing],
        "resources": {"requests": requests},
        "livenessProbe": {"httpGet": {"path": "/livez", "port": 3000}, "periodSeconds": 10},
    }
    return {"containers": [container]}


def _deployment(cluster: Cluster, found: Deployment) -> dict[str, Any]:
    own = {"app.kubernetes.io/name": "rocketchat", "app.kubernetes.io/instance": "rocketchat"}
    made = _header(cluster, "apps/v1", "Deployment", found.name, own)
    made["metadata"]["generation"] = found.generation
    restarted = {RESTARTED: found.restarted} if found.restarted else {}
    made["spec"] = {
        "replicas": found.replicas,
        "selector": {"matchLabels": _labels(found)},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1},
        },
        "template": {
            "metadata": {"labels": _labels(found), "annotations": restarted},
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
    made["metadata"] |= {
        "creationTimestamp": pod.created or _SINCE,
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": owner.replica_set,
                "uid": f"uid-replicaset-{owner.replica_set}",
                "controller": True,
            }
        ],
    }
    made["spec"] = {**_template(owner, pod.image), "nodeName": podmaker.NODE}
    since = pod.created or _SINCE
    if pod.trouble is not None:
        pod.trouble.show(made, pod.suffers or since)
    elif pod.ready or pod.deleted:
        podmaker.running(made, since)
    else:
        podmaker.creating(made, pod.waiting or "ContainerCreating")
    if pod.deleted:
        made["metadata"] |= {
            "deletionTimestamp": pod.deleted,
            "deletionGracePeriodSeconds": 30,
        }
    return made


DERIVED: dict[str, Callable[[Cluster], list[dict[str, Any]]]] = {
    "deployments": deployments,
    "replicasets": replica_sets,
    "pods": pods,
    "mongodbcommunity": mongodb,
}
"""By plural."""
