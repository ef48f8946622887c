"""The resources port over the simulated world."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from adapters.kubernetes_read import restart_patch
from adapters.kubernetes_read_objects import (
    manifest_of,
    read_claim,
    read_mongodb,
    read_service,
    read_stateful_set,
)
from adapters.sim.kinds import plural_of
from adapters.sim.kubernetes_call import changing, each, reading
from adapters.sim.world import World
from bot.errors import Missing
from bot.ports.resources import Claim, Kind, MongoDB, Service, StatefulSet


class SimResources:
    """Objects of the world's cluster."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def config_map(self, namespace: str, name: str) -> bool:
        """See the port."""
        try:
            async with reading(self._world):
                self._world.cluster.api.get("configmaps", namespace, name)
        except Missing:
            return False
        return True

    async def claims(self, namespace: str) -> list[Claim]:
        """See the port."""
        found = each(self._world, "persistentvolumeclaims", namespace)
        return [read_claim(item) async for item in found]

    async def stateful_sets(self, namespace: str) -> list[StatefulSet]:
        """See the port."""
        found = each(self._world, "statefulsets", namespace)
        return [read_stateful_set(item) async for item in found]

    async def services(self, namespace: str) -> list[Service]:
        """See the port."""
        return [read_service(item) async for item in each(self._world, "services", namespace)]

    async def mongodb(self, namespace: str) -> list[MongoDB]:
        """See the port."""
        found = each(self._world, "mongodbcommunity", namespace)
        return [read_mongodb(item) async for item in found]

    async def manifest(self, kind: Kind, namespace: str, name: str) -> str:
        """See the port."""
        async with reading(self._world):
            return manifest_of(self._world.cluster.api.get(plural_of(kind), namespace, name))

    async def annotate(
        self, kind: Kind, namespace: str, name: str, annotations: Mapping[str, str]
    ) -> None:
        """See the port."""
        change = {"metadata": {"annotations": dict(annotations)}}
        async with changing(self._world, "kubernetes.patch"):
            self._world.cluster.api.patch(plural_of(kind), namespace, name, change)

    async def restart(self, kind: Kind, namespace: str, name: str, at: datetime) -> None:
        """See the port."""
        change = restart_patch(kind, at)
        async with changing(self._world, "kubernetes.patch"):
            self._world.cluster.api.patch(plural_of(kind), namespace, name, change)
