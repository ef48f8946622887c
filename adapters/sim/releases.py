"""Rocket.Chat's release information in the simulated world."""

from __future__ import annotations

from adapters.sim.world import World
from bot.ports.registry import Release


class SimReleases:
    """What the world has published."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def release(self, version: str) -> Release | None:
        """See the port."""
        async with self._world.look("releases.get", "Rocket.Chat releases"):
            return self._world.cluster.release(version)
