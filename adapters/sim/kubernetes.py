"""The Kubernetes port over the simulated world."""

from __future__ import annotations

from adapters.kubernetes_read import SYSTEM, read_rollout
from adapters.kubernetes_read_pods import read_pod, running
from adapters.sim.kubernetes_call import each, reading
from adapters.sim.world import World
from bot.ports.kubernetes import Pod, Rollout

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

    async def pods(self, namespace: str, deployment: str) -> list[Pod]:
        """See the port."""
        async with reading(self._world):
            owner = self._world.cluster.api.get("deployments", namespace, deployment)
        labels = owner["spec"]["selector"]["matchLabels"]
        chosen = ",".join(f"{key}={value}" for key, value in labels.items())
        found = each(self._world, "pods", namespace, labels=chosen)
        return [running(read_pod(pod)) async for pod in found]

    async def mongodb_version(self, namespace: str) -> str | None:
        """See the port."""
        async with self._world.look("kubernetes.get", SYSTEM):
            cluster = self._world.cluster
            return cluster.mongodb if namespace == cluster.namespace else None

    async def version(self) -> str:
        """See the port."""
        async with self._world.look("kubernetes.version", SYSTEM):
            return VERSION

    async def allowed(self, namespace: str, verb: str, resource: str, group: str = "") -> bool:
        """See the port."""
        async with self._world.look("kubernetes.review", SYSTEM):
            del group
            return self._world.cluster.api.allowed(namespace, verb, resource)
