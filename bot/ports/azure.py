"""What Houston needs of Azure to see, start and stop the cluster the chat lives on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PowerState(StrEnum):
    """`UNKNOWN` is a word Azure may use one day."""

    RUNNING = "Running"
    STOPPED = "Stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class NodePool:
    """A node pool; `size` is the virtual machines' size, `mode` System or User."""

    name: str
    count: int
    size: str
    mode: str
    kubernetes: str
    power: PowerState


@dataclass(frozen=True)
class ManagedCluster:
    """An AKS cluster.

    `provisioning` is Azure's word: Succeeded, Failed, Canceled, or what is going on (Starting,
    Stopping, Updating …). While it is not Succeeded, `power` may be the state before or after.
    `node_group` is the resource group of the virtual machines. `host` is its API server's name.
    """

    name: str
    group: str
    node_group: str
    location: str
    host: str
    kubernetes: str
    power: PowerState
    provisioning: str
    pools: tuple[NodePool, ...] = ()

    @property
    def settled(self) -> bool:
        """Nothing is going on, and the last operation went well."""
        return self.provisioning == "Succeeded"

    @property
    def broken(self) -> bool:
        """The last operation ended badly; a person must look."""
        return self.provisioning in {"Failed", "Canceled"}

    @property
    def busy(self) -> bool:
        """An operation is going on: Azure refuses another one."""
        return not (self.settled or self.broken)

    @property
    def up(self) -> bool:
        return self.settled and self.power is PowerState.RUNNING

    @property
    def off(self) -> bool:
        return self.settled and self.power is PowerState.STOPPED

    @property
    def state(self) -> str:
        """In a word: an update that goes on leaves a running cluster running."""
        if self.provisioning in {"Starting", "Stopping"}:
            return self.provisioning.lower()
        return str(self.power).lower()

    def already(self, wanted: PowerState) -> bool:
        """It is in that state, or on its way to it."""
        on_the_way = {PowerState.RUNNING: "Starting", PowerState.STOPPED: "Stopping"}
        if self.busy:
            return self.provisioning == on_the_way.get(wanted)
        return self.settled and self.power is wanted

    @property
    def nodes(self) -> int:
        """Nodes of every pool together."""
        return sum(pool.count for pool in self.pools)


class Outcome(StrEnum):
    GOING_ON = "going on"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Followed:
    """What became of a start or stop; `error` says why it failed."""

    outcome: Outcome
    error: str = ""


class Azure(Protocol):
    """The one cluster that is configured. Every method may raise Unavailable or Denied."""

    async def cluster(self) -> ManagedCluster:
        """The cluster as Azure knows it; readable while it is stopped. Raises Missing."""
        ...

    async def start(self) -> None:
        """Ask Azure to start it; returns when that is accepted, minutes before it is done.

        Does nothing when it runs or is starting. Raises Busy while another operation is going on,
        Conflict when Azure does not allow it, UnknownOutcome.
        """
        ...

    async def stop(self) -> None:
        """Ask Azure to stop it: as `start`. Nothing is drained before the nodes go away."""
        ...

    async def followed(self) -> Followed | None:
        """What Azure says of the last start or stop asked for here.

        None when this process asked for none: after a restart the cluster alone tells.
        """
        ...
