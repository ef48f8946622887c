"""What Houston needs of the objects around pods: volumes, Services, StatefulSets, MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.ports.kubernetes import RolloutState


class Kind(StrEnum):
    """Kinds of objects that can be looked at, annotated or restarted, by their API names."""

    CONFIG_MAP = "ConfigMap"
    CRON_JOB = "CronJob"
    DAEMON_SET = "DaemonSet"
    DEPLOYMENT = "Deployment"
    EXTERNAL_SECRET = "ExternalSecret"  # noqa: S105  # a kind, not a secret
    JOB = "Job"
    MONGODB = "MongoDBCommunity"
    POD = "Pod"
    SERVICE = "Service"
    STATEFUL_SET = "StatefulSet"


@dataclass(frozen=True)
class Claim:
    """A PersistentVolumeClaim. `phase` is `Bound`, `Pending` or `Lost`; `capacity` as written."""

    name: str
    phase: str
    capacity: str
    storage_class: str
    volume: str
    created: datetime


@dataclass(frozen=True)
class StatefulSet:
    """A StatefulSet, judged by the rules of `kubectl rollout status`."""

    name: str
    state: RolloutState
    text: str
    images: tuple[str, ...]
    wanted: int
    ready: int
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """A Service. `ports` are numbers by name; a port without a name is called by its number."""

    name: str
    ports: Mapping[str, int]
    selector: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True)
class MongoDB:
    """A MongoDBCommunity resource. `wanted_*` is what is asked for, the others what it reached.

    `secrets` are the Secrets that must exist before it can run, each a key by Secret's name.
    """

    name: str
    phase: str
    version: str
    wanted_version: str
    members: int
    wanted_members: int
    message: str
    created: datetime
    secrets: Mapping[str, str] = field(default_factory=dict)


class Resources(Protocol):
    """Objects of one cluster. Every method may raise Unavailable or Denied."""

    async def config_map(self, namespace: str, name: str) -> bool:
        """Whether there is this ConfigMap."""
        ...

    async def claims(self, namespace: str) -> list[Claim]:
        """Every PersistentVolumeClaim, by name."""
        ...

    async def stateful_sets(self, namespace: str) -> list[StatefulSet]:
        """Every StatefulSet, by name."""
        ...

    async def services(self, namespace: str) -> list[Service]:
        """Every Service, by name."""
        ...

    async def mongodb(self, namespace: str) -> list[MongoDB]:
        """Every MongoDBCommunity resource, by name; none when the cluster knows no such kind."""
        ...

    async def manifest(self, kind: Kind, namespace: str, name: str) -> str:
        """The object as YAML, without what only the server uses. Not redacted. Raises Missing."""
        ...

    async def annotate(
        self, kind: Kind, namespace: str, name: str, annotations: Mapping[str, str]
    ) -> None:
        """Set annotations of the object and nothing else. Raises Missing, UnknownOutcome."""
        ...

    async def restart(self, kind: Kind, namespace: str, name: str, at: datetime) -> None:
        """Replace the pods of a Deployment, StatefulSet or DaemonSet as its strategy says.

        As `kubectl rollout restart` does; the same `at` twice is one restart. Raises Missing,
        UnknownOutcome, Invalid for another kind.
        """
        ...
