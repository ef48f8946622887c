"""Where the contracts of the Kubernetes ports are held: in process, and over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.jobs import JobsApi
from adapters.kubernetes import KubernetesApi
from adapters.kubernetes_client import KubernetesClient
from adapters.nodes import NodesApi
from adapters.pods import PodsApi
from adapters.resources import ResourcesApi
from adapters.secrets import SecretsApi
from adapters.sim.chatroom import ChatRoom
from adapters.sim.cluster import Cluster
from adapters.sim.jobs import SimJobs
from adapters.sim.kubernetes import SimKubernetes
from adapters.sim.nodes import SimNodes
from adapters.sim.pods import SimPods
from adapters.sim.remote import Remote
from adapters.sim.resources import SimResources
from adapters.sim.secrets import SimSecrets
from adapters.sim.seed import seed
from adapters.sim.servers import kubernetes as server
from adapters.sim.servers.loopback import serve
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.ports.jobs import Jobs
from bot.ports.kubernetes import Kubernetes
from bot.ports.nodes import Nodes
from bot.ports.pods import Pods
from bot.ports.resources import Resources
from bot.ports.secrets import Secrets

SPEED = 100.0
TOKEN = "opens nothing"
BOTH = ("sim", "http")


@dataclass
class Place:
    """The ports of one cluster, and the world behind them. `url` is empty in process."""

    world: World
    kubernetes: Kubernetes
    pods: Pods
    jobs: Jobs
    nodes: Nodes
    resources: Resources
    secrets: Secrets
    url: str = ""

    async def until(self, holds: Callable[[], bool], seconds: float = 120) -> None:
        """Let simulated time pass until it holds."""
        for _ in range(int(seconds)):
            if holds():
                return
            await self.world.pause(1.0)
        raise AssertionError(f"not so after {seconds} simulated seconds")


def make_world() -> World:
    """A world whose clock runs as fast as its laws."""
    clock = LoopClock(datetime(2026, 11, 24, 15, 0, tzinfo=UTC), SPEED)
    return World(clock, Remote.in_memory(*seed()), ChatRoom(), Cluster(), speed=SPEED)


@asynccontextmanager
async def place(kind: str, directory: Path) -> AsyncIterator[Place]:
    """The ports `sim`, or `http` over a server on loopback."""
    async with AsyncExitStack() as stack:
        world = make_world()
        stack.push_async_callback(world.close)
        if kind == "sim":
            yield Place(
                world,
                SimKubernetes(world),
                SimPods(world),
                SimJobs(world),
                SimNodes(world),
                SimResources(world),
                SimSecrets(world),
            )
            return
        url = await serve(stack, server.app(world, TOKEN))
        client = await connected(stack, directory, url)
        yield Place(
            world,
            KubernetesApi(client),
            PodsApi(client),
            JobsApi(client),
            NodesApi(client),
            ResourcesApi(client),
            SecretsApi(client),
            url,
        )


async def connected(
    stack: AsyncExitStack, directory: Path, url: str, token: str = TOKEN
) -> KubernetesClient:
    """A client with this token."""
    path = directory / f"kubeconfig-{len(token)}"
    server.write_kubeconfig(path, url, token)
    client = await KubernetesClient.connect(kubeconfig=path)
    stack.push_async_callback(client.close)
    return client
