"""What Houston needs of pods: which there are, what happened to them, what they said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    """A pod's phase. Kubernetes itself sets UNKNOWN no longer; a selector for it finds nothing."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UNKNOWN = "Unknown"

    @property
    def terminal(self) -> bool:
        """Nothing runs in it any more, and nothing will."""
        return self in {Phase.SUCCEEDED, Phase.FAILED}


class Activity(StrEnum):
    """What a container does."""

    RUNNING = "running"
    WAITING = "waiting"
    TERMINATED = "terminated"


@dataclass(frozen=True)
class Owner:
    """The controller of an object."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True)
class Reference:
    """A ConfigMap, Secret or PersistentVolumeClaim a pod uses, by its API kind."""

    kind: str
    name: str
    optional: bool = False


@dataclass(frozen=True)
class Condition:
    """One of an object's conditions. `status` is `True`, `False` or `Unknown`."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Termination:
    """How a container ended. `reason` is `OOMKilled`, `Error`, `Completed`, `Evicted` …"""

    reason: str
    exit_code: int
    message: str = ""
    finished: datetime | None = None


@dataclass(frozen=True)
class Container:
    """One container of a pod. `init` are those that run before the others.

    `reason` and `message` say why it waits or how it ended. `last` is how its previous instance
    ended. `image_id` names what really runs, by digest. `probes` are `kubectl describe`'s, such as
    `liveness http-get :3000/livez`.
    """

    name: str
    image: str
    activity: Activity
    ready: bool = False
    restarts: int = 0
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    since: datetime | None = None
    last: Termination | None = None
    image_id: str = ""
    init: bool = False
    probes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pod:
    """A pod, with all that `kubectl describe` would tell and Houston uses.

    `status` is what kubectl's STATUS column says. `reason` and `message` are the pod's own, such as
    `Evicted`. `deleted` is when its deletion was asked for. `mirror` is a pod the kubelet owns.
    """

    namespace: str
    name: str
    uid: str
    phase: Phase
    status: str
    created: datetime
    ready: bool = False
    node: str = ""
    ip: str = ""
    reason: str = ""
    message: str = ""
    deleted: datetime | None = None
    owner: Owner | None = None
    mirror: bool = False
    containers: tuple[Container, ...] = ()
    conditions: tuple[Condition, ...] = ()
    references: tuple[Reference, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def restarts(self) -> int:
        return sum(container.restarts for container in self.containers)

    @property
    def finished(self) -> datetime | None:
        """When its last container ended; None while one runs, or when nobody noted it."""
        ends = [c.since for c in self.containers if c.activity is Activity.TERMINATED and c.since]
        return max(ends) if ends and self.phase.terminal else None


@dataclass(frozen=True)
class Event:
    """One event of the cluster. `warning` is false for what is normal; `last` is when last seen.

    `kind`, `name` and `uid` say what it is about. Kubernetes keeps events for an hour.
    """

    namespace: str
    kind: str
    name: str
    uid: str
    warning: bool
    reason: str
    message: str
    count: int
    first: datetime
    last: datetime


class Pods(Protocol):
    """The pods of one cluster. Every method may raise Unavailable or Denied."""

    def pods(
        self,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        phase: Phase | None = None,
        node: str = "",
    ) -> AsyncIterator[Pod]:
        """Pods by namespace and name, asked for page by page; of all namespaces for None."""
        ...

    async def pod(self, namespace: str, name: str) -> Pod:
        """Raises Missing."""
        ...

    async def logs(
        self,
        namespace: str,
        pod: str,
        *,
        container: str = "",
        previous: bool = False,
        since: timedelta | None = None,
        tail: int | None = None,
        limit: int = 1_000_000,
    ) -> str:
        """What a container wrote, at most its last `tail` lines and at most `limit` bytes.

        Without a container it is the pod's only one. Not redacted. Raises Missing without the pod,
        Invalid when the container has written nothing yet, has no previous instance, or must be
        named.
        """
        ...

    def events(
        self,
        namespace: str | None = None,
        *,
        kind: str = "",
        name: str = "",
        uid: str = "",
    ) -> AsyncIterator[Event]:
        """Events asked for page by page, in no order; about one object by what is given of it."""
        ...

    async def delete(self, namespace: str, name: str, uid: str) -> None:
        """Delete exactly that pod. Asks no disruption budget.

        Raises Missing when it is gone, Conflict when another one has its name, UnknownOutcome.
        """
        ...

    async def evict(self, namespace: str, name: str, uid: str) -> None:
        """Delete exactly that pod when its disruption budget allows it.

        Raises Busy when it does not, Missing, Conflict, UnknownOutcome.
        """
        ...
