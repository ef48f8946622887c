"""The secrets port over the simulated world."""

from __future__ import annotations

from datetime import datetime

from adapters.kubernetes_read import refresh_patch
from adapters.kubernetes_read_objects import (
    read_external_secret,
    read_secret,
    read_secret_store,
)
from adapters.sim.kubernetes_call import changing, each, reading
from adapters.sim.world import World
from bot.ports.secrets import ExternalSecret, Secret, SecretStore


class SimSecrets:
    """The Secrets of the world's cluster."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def secret(self, namespace: str, name: str) -> Secret:
        """See the port."""
        async with reading(self._world):
            found = self._world.cluster.api.get("secrets", namespace, name)
        return read_secret({"metadata": found["metadata"]})

    async def secrets(self, namespace: str) -> list[Secret]:
        """See the port."""
        found = each(self._world, "secrets", namespace)
        return [read_secret({"metadata": item["metadata"]}) async for item in found]

    async def external_secrets(self, namespace: str | None = None) -> list[ExternalSecret]:
        """See the port."""
        found = each(self._world, "externalsecrets", namespace)
        return [read_external_secret(item) async for item in found]

    async def stores(self) -> list[SecretStore]:
        """See the port."""
        return [read_secret_store(item) async for item in each(self._world, "clustersecretstores")]

    async def refresh(self, namespace: str, name: str, at: datetime) -> None:
        """See the port."""
        async with changing(self._world, "kubernetes.patch"):
            self._world.cluster.api.patch("externalsecrets", namespace, name, refresh_patch(at))
