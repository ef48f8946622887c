"""The simulated cluster's first Secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sim.custody import VAULT
from adapters.sim.secretsync import secret
from adapters.sim.seed.shapes import MONITORING, SINCE, made

if TYPE_CHECKING:
    from adapters.sim.cluster import Cluster

_VERSION = "external-secrets.io/v1beta1"
_SECRETS = {
    "rocketchat-mongodb-external": ("mongo-uri", "mongo-oplog-uri"),
    "mongodb-admin-password": ("password",),
    "mongodb-rocketchat-password": ("password",),
    "metrics-endpoint-password": ("password",),
}
_MADE_BY_THE_OPERATOR = ("admin-scram-credentials", "rocketchat-scram-credentials")


def secrets(cluster: Cluster) -> None:
    """The store, what is read from its vault, and what was made otherwise."""
    objects, namespace = cluster.objects, cluster.namespace
    _store(cluster)
    external = [(namespace, name, keys) for name, keys in _SECRETS.items()]
    external.append((MONITORING, "observability-credentials", ("username", "password")))
    for where, name, keys in external:
        prefix = name if name.startswith("rocketchat") else f"rocketchat-{name}"
        remote = {key: f"{prefix}-{key}" for key in keys}
        cluster.secrets.vault.update({there: f"value of {there}" for there in remote.values()})
        data = [{"secretKey": key, "remoteRef": {"key": there}} for key, there in remote.items()]
        cluster.secrets.settle(
            made(
                _VERSION,
                "ExternalSecret",
                where,
                name,
                spec={
                    "refreshInterval": "1h",
                    "data": data,
                    "secretStoreRef": {"name": "azure-keyvault", "kind": "ClusterSecretStore"},
                    "target": {"name": name, "creationPolicy": "Owner"},
                },
            )
        )
    for name in _MADE_BY_THE_OPERATOR:
        objects.put(secret(namespace, name, {"sha-256-salt": "salt"}, SINCE, "mongodb-operator"))
    objects.put(secret(namespace, "rocketchat-rocketchat", {"mail-url": "smtp://"}, SINCE))
    objects.put(
        secret(
            namespace,
            "rocketchat-nats-connection",
            {"connectionString": "nats://rocketchat-nats:4222"},
            SINCE,
        )
    )


def _store(cluster: Cluster) -> None:
    objects = cluster.objects
    valid = {"type": "Ready", "status": "True", "reason": "Valid", "message": "store validated"}
    azure = {
        "vaultUrl": VAULT,
        "authType": "WorkloadIdentity",
        "tenantId": "00000000-0000-0000-0000-00000000f00d",
    }
    objects.put(
        made(
            _VERSION,
            "ClusterSecretStore",
            "",
            "azure-keyvault",
            spec={"provider": {"azurekv": azure}},
            status={"conditions": [valid], "capabilities": "ReadOnly"},
        )
    )
