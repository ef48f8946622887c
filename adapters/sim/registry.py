"""The registry port over the simulated world."""

from __future__ import annotations

import hashlib

from adapters.sim.world import World
from bot.errors import AdapterError, Denied, Missing

SYSTEM = "registry"
HOSTS = ("registry.rocket.chat", "registry-1.docker.io", "ghcr.io")
PRIVATE = "It is private or was never there; give registries credentials"


class SimRegistry:
    """Every image of the world, whatever its host."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def digest(self, repository: str, tag: str) -> str | None:
        """See the port."""
        async with self._world.look("registry.head", SYSTEM):
            if repository in self._world.cluster.private_images:
                raise Denied(SYSTEM, f"401: {repository} is not visible to us", PRIVATE)
            exists = self._world.cluster.tag_exists(repository, tag)
            return digest_of(repository, tag) if exists else None

    async def tags(self, repository: str) -> list[str]:
        """See the port."""
        async with self._world.look("registry.tags", SYSTEM):
            if repository in self._world.cluster.private_images:
                raise Denied(SYSTEM, f"401: {repository} is not visible to us", PRIVATE)
            found = self._world.cluster.tags(repository)
            if found is None:
                raise Missing(SYSTEM, f"there is no image {repository}")
            return found

    async def reachable(self) -> dict[str, str]:
        """See the port."""
        return {host: await self._ping() for host in HOSTS}

    async def _ping(self) -> str:
        try:
            async with self._world.look("registry.ping", SYSTEM):
                return "ok"
        except AdapterError as error:
            return error.message


def digest_of(repository: str, tag: str) -> str:
    """The digest the simulated registries give an image."""
    return f"sha256:{hashlib.sha256(f'{repository}:{tag}'.encode()).hexdigest()}"
