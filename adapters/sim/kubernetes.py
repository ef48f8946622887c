"""The Kubernetes port over the simulated world."""

from __future__ import annotations

from adapters.sim.workloads import Deployment
from adapters.sim.world import World
from bot.errors import Missing
from bot.ports.kubernetes import Pod, Rollout

SYSTEM = "Kubernetes"
VERSION = "v1.32.4"


class SimKubernetes:
    """The one cluster of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def rollout(self, namespace: str, deployment: str) -> Rollout:
        """See the port."""
        async with self._world.look("kubernetes.get", SYSTEM):
            return self._deployment(namespace, deployment).rollout(namespace)

    async def rollouts(self, namespace: str) -> list[Rollout]:
        """See the port."""
        async with self._world.look("kubernetes.get", SYSTEM):
            cluster = self._world.cluster
            found = cluster.deployments.values() if namespace == cluster.namespace else ()
            return sorted((d.rollout(namespace) for d in found), key=lambda seen: seen.name)

    async def pods(self, namespace: str, deployment: str) -> list[Pod]:
        """See the port."""
        async with self._world.look("kubernetes.get", SYSTEM):
            found = self._deployment(namespace, deployment).pods
            pods = (Pod(pod.name, (pod.image,), pod.ready, pod.status) for pod in found)
            return sorted(pods, key=lambda pod: pod.name)

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
            return allowed(namespace, verb, resource, group)

    def _deployment(self, namespace: str, name: str) -> Deployment:
        cluster = self._world.cluster
        if namespace != cluster.namespace or name not in cluster.deployments:
            raise Missing(SYSTEM, f"there is no Deployment {name} in {namespace}")
        return cluster.deployment(name)


def allowed(namespace: str, verb: str, resource: str, group: str) -> bool:
    """What Houston's account may do in the simulated cluster: read, and never Secrets."""
    del namespace, group
    return verb in {"get", "list", "watch"} and resource != "secrets"
