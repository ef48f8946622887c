"""The registry port over the simulated world."""

from __future__ import annotations

import hashlib

from adapters.sim.world import World

SYSTEM = "registry"


class SimRegistry:
    """Every image of the world, whatever its host."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def digest(self, repository: str, tag: str) -> str | None:
        """See the port."""
        async with self._world.look("registry.head", SYSTEM):
            exists = self._world.cluster.tag_exists(repository, tag)
            return digest_of(repository, tag) if exists else None

    async def reachable(self) -> dict[str, str]:
        """See the port."""
        async with self._world.look("registry.ping", SYSTEM):
            return {"registry.rocket.chat": "ok", "registry-1.docker.io": "ok"}


def digest_of(repository: str, tag: str) -> str:
    """The digest the simulated registries give an image."""
    return f"sha256:{hashlib.sha256(f'{repository}:{tag}'.encode()).hexdigest()}"
