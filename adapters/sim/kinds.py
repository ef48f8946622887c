"""The kinds of objects the simulated cluster serves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind. `version` is `v1` or `group/version`."""

    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.version.rpartition("/")[0]

    @property
    def verbs(self) -> tuple[str, ...]:
        """What can be done with it."""
        return ("create", "delete", "get", "list", "patch", "watch")


_ALL = (
    Kind("v1", "pods", "Pod", short=("po",)),
    Kind("v1", "nodes", "Node", namespaced=False, short=("no",)),
    Kind("v1", "namespaces", "Namespace", namespaced=False, short=("ns",)),
    Kind("v1", "events", "Event", short=("ev",)),
    Kind("v1", "services", "Service", short=("svc",)),
    Kind("v1", "configmaps", "ConfigMap", short=("cm",)),
    Kind("v1", "secrets", "Secret"),
    Kind("v1", "persistentvolumeclaims", "PersistentVolumeClaim", short=("pvc",)),
    Kind("apps/v1", "deployments", "Deployment", short=("deploy",)),
    Kind("apps/v1", "replicasets", "ReplicaSet", short=("rs",)),
    Kind("apps/v1", "statefulsets", "StatefulSet", short=("sts",)),
    Kind("apps/v1", "daemonsets", "DaemonSet", short=("ds",)),
    Kind("batch/v1", "cronjobs", "CronJob", short=("cj",)),
    Kind("batch/v1", "jobs", "Job"),
    Kind("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", short=("pdb",)),
    Kind("coordination.k8s.io/v1", "leases", "Lease"),
    Kind("external-secrets.io/v1beta1", "externalsecrets", "ExternalSecret", short=("es",)),
    Kind("external-secrets.io/v1beta1", "clustersecretstores", "ClusterSecretStore",
         namespaced=False, short=("css",)),
    Kind("mongodbcommunity.mongodb.com/v1", "mongodbcommunity", "MongoDBCommunity",
         short=("mdbc",)),
)  # fmt: skip

KINDS = {kind.plural: kind for kind in _ALL}
"""By plural."""

VERSIONS = tuple(dict.fromkeys(kind.version for kind in _ALL))
"""Every `group/version`."""


def plural_of(kind: str) -> str:
    """The plural of a kind. Raises KeyError."""
    return next(found.plural for found in _ALL if found.kind == kind)
