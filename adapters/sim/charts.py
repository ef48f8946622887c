"""Chart repositories in the simulated world."""

from __future__ import annotations

from adapters.sim.world import World
from bot.errors import Missing
from bot.ports.charts import ChartVersion

SYSTEM = "charts"


class SimCharts:
    """The chart repositories of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def versions(self, repository: str, chart: str) -> list[ChartVersion]:
        """See the port."""
        async with self._world.look("charts.get", SYSTEM):
            known = self._world.charts.get(repository)
            if known is None:
                raise Missing(SYSTEM, f"{repository} has no index of charts")
            if chart not in known:
                raise Missing(SYSTEM, f"there is no chart {chart}")
            return list(known[chart])
