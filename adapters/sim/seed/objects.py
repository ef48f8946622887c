"""What stands in the simulated cluster beside the release: the shape of a small AKS cluster with
MongoDB, NATS, monitoring and External Secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sim import podmaker
from adapters.sim.seed.monitoring import monitoring
from adapters.sim.seed.secrets import secrets
from adapters.sim.seed.shapes import MONITORING, Object, made, node, workload

if TYPE_CHECKING:
    from adapters.sim.cluster import Cluster

_NODES = (podmaker.NODE, "aks-system-1-vmss000001")
_NAMESPACES = ("argocd", "default", "external-secrets", "kube-system", MONITORING, "traefik")


def furnish(cluster: Cluster) -> None:
    """Put it all in place, running since long ago."""
    objects = cluster.objects
    for name in (*_NAMESPACES, cluster.namespace):
        objects.put(made("v1", "Namespace", "", name, status={"phase": "Active"}))
    for name in _NODES:
        objects.put(node(name))
    secrets(cluster)
    _volumes(cluster)
    _database(cluster)
    monitoring(cluster)
    for name in ("external-secrets", "external-secrets-webhook"):
        operator = workload(
            "Deployment",
            "external-secrets",
            name,
            "external-secrets",
            "oci.external-secrets.io/external-secrets/external-secrets:v0.10.5",
        )
        cluster.controllers.settle(operator)


def _database(cluster: Cluster) -> None:
    namespace, settle = cluster.namespace, cluster.controllers.settle
    data = {"name": "data-volume", "persistentVolumeClaim": {"claimName": "data-volume-mongodb-0"}}
    agent = {"name": "mongodb-agent", "image": "quay.io/mongodb/mongodb-agent:108.0.6"}
    mongodb = workload(
        "StatefulSet",
        namespace,
        "mongodb",
        "mongod",
        f"docker.io/mongodb/mongodb-community-server:{cluster.mongodb}-ubi8",
        labels={"app": "mongodb-svc"},
        spec={"volumes": [data]},
        more=(agent,),
    )
    settle(mongodb)
    _nats(cluster)


def _nats(cluster: Cluster) -> None:
    namespace, settle = cluster.namespace, cluster.controllers.settle
    nats = {"app.kubernetes.io/name": "nats", "app.kubernetes.io/instance": "rocketchat"}
    settle(
        workload(
            "StatefulSet",
            namespace,
            "rocketchat-nats",
            "nats",
            "nats:2.11-alpine",
            labels={**nats, "app.kubernetes.io/component": "nats"},
        )
    )
    settle(
        workload(
            "Deployment",
            namespace,
            "rocketchat-nats-box",
            "nats-box",
            "natsio/nats-box:0.18.0",
            labels={**nats, "app.kubernetes.io/component": "nats-box"},
        )
    )
    cluster.objects.put(
        made(
            "policy/v1",
            "PodDisruptionBudget",
            namespace,
            "rocketchat-nats",
            nats,
            spec={
                "maxUnavailable": 1,
                "selector": {"matchLabels": {"app.kubernetes.io/component": "nats"}},
            },
            status={"disruptionsAllowed": 1},
        )
    )
    _services(cluster, nats)


def _services(cluster: Cluster, nats: Object) -> None:
    scraped = {"prometheus.io/scrape": "true", "prometheus.io/port": "9100"}
    for name, selector, ports, notes in (
        (
            "rocketchat-rocketchat",
            {"app.kubernetes.io/name": "rocketchat-rocketchat"},
            {"http": 80, "metrics": 9100},
            scraped,
        ),
        ("mongodb-svc", {"app": "mongodb-svc"}, {"mongodb": 27017, "prometheus": 9216}, {}),
        ("rocketchat-nats", nats, {"nats": 4222}, {}),
    ):
        service = made(
            "v1",
            "Service",
            cluster.namespace,
            name,
            spec={
                "selector": selector,
                "ports": [{"name": key, "port": port} for key, port in ports.items()],
            },
        )
        service["metadata"]["annotations"] = notes
        cluster.objects.put(service)


def _volumes(cluster: Cluster) -> None:
    for name, size in (
        ("data-volume-mongodb-0", "50Gi"),
        ("logs-volume-mongodb-0", "2Gi"),
        ("rocketchat-rocketchat", "8Gi"),
    ):
        cluster.objects.put(
            made(
                "v1",
                "PersistentVolumeClaim",
                cluster.namespace,
                name,
                spec={
                    "storageClassName": "managed-premium",
                    "volumeName": f"pvc-{podmaker.letters(name, 8)}",
                    "resources": {"requests": {"storage": size}},
                },
                status={"phase": "Bound", "capacity": {"storage": size}},
            )
        )
