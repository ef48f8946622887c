"""What Houston needs of the cluster's nodes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.ports.pods import Condition


@dataclass(frozen=True)
class Amount:
    """Compute resources: CPU in thousandths of a core, memory and disk in bytes, pods."""

    cpu: int = 0
    memory: int = 0
    disk: int = 0
    pods: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.cpu + other.cpu,
            self.memory + other.memory,
            self.disk + other.disk,
            self.pods + other.pods,
        )


@dataclass(frozen=True)
class Node:
    """A node. `taints` are `key:effect`; `cordoned` means that no new pod is placed on it."""

    name: str
    created: datetime
    version: str
    allocatable: Amount
    conditions: tuple[Condition, ...] = ()
    taints: tuple[str, ...] = ()
    cordoned: bool = False

    def condition(self, type: str) -> Condition | None:
        """`Ready`, `DiskPressure`, `MemoryPressure` …"""
        return next((found for found in self.conditions if found.type == type), None)

    @property
    def ready(self) -> bool:
        found = self.condition("Ready")
        return found is not None and found.status == "True"

    @property
    def pressures(self) -> tuple[str, ...]:
        """The types of pressure it is under."""
        return tuple(
            found.type
            for found in self.conditions
            if found.type.endswith("Pressure") and found.status == "True"
        )


class Nodes(Protocol):
    """The nodes of one cluster. Every method may raise Unavailable or Denied."""

    async def nodes(self) -> list[Node]:
        """Every node, by name."""
        ...

    async def requests(self) -> dict[str, Amount]:
        """What the pods that have not ended ask for, by the node they are on."""
        ...
