"""The Kubernetes port over the simulated world."""

from __future__ import annotations

from adapters.kubernetes_read import SYSTEM, read_rollout
from adapters.sim.kubernetes_call import each, reading
from adapters.sim.world import World
from bot.ports.kubernetes import Rollout

VERSION = "v1.32.4"


class SimKubernetes:
    """The one cluster of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def rollout(self, namespace: str, deployment: str) -> Rollout:
        """See the port."""
        async with reading(self._world):
            return read_rollout(self._world.cluster.api.get("deployments", namespace, deployment))

    async def rollouts(self, namespace: str) -> list[Rollout]:
        """See the port."""
        return [read_rollout(found) async for found in each(self._world, "deployments", namespace)]

    async def version(self) -> str:
        """See the port."""
        async with self._world.look("kubernetes.version", SYSTEM):
            return VERSION

    async def allowed(self, namespace: str, verb: str, resource: str, group: str = "") -> bool:
        """See the port."""
        async with self._world.look("kubernetes.review", SYSTEM):
            del group
            return self._world.cluster.api.allowed(namespace, verb, resource)
