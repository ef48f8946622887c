"""The nodes port over the simulated world."""

from __future__ import annotations

from adapters.kubernetes_read_objects import read_node
from adapters.kubernetes_read_pods import read_requests
from adapters.sim.kubernetes_call import each
from adapters.sim.world import World
from bot.ports.nodes import Amount, Node

_GOING_ON = "status.phase!=Succeeded,status.phase!=Failed"


class SimNodes:
    """The nodes of the world's cluster."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def nodes(self) -> list[Node]:
        """See the port."""
        return [read_node(item) async for item in each(self._world, "nodes")]

    async def requests(self) -> dict[str, Amount]:
        """See the port."""
        found: dict[str, Amount] = {}
        async for item in each(self._world, "pods", fields=_GOING_ON):
            node = item["spec"].get("nodeName")
            if node:
                found[node] = found.get(node, Amount()) + read_requests(item)
        return found
