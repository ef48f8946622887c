"""The traces port over the simulated world."""

from __future__ import annotations

from datetime import datetime

from adapters.sim.grafana import ADDRESS, refusing
from adapters.sim.panels import TRACES
from adapters.sim.tracing import BadTraceQuery
from adapters.sim.world import World
from adapters.traces_read import SYSTEM, explore, read_traces
from bot.errors import Invalid
from bot.ports.traces import Trace


class SimTraces:
    """The world's hub of traces."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def search(
        self, query: str, since: datetime, until: datetime, *, limit: int = 20
    ) -> list[Trace]:
        """See the port."""
        times = {"start": f"{since.timestamp():.0f}", "end": f"{until.timestamp():.0f}"}
        async with self._world.look("traces.get", SYSTEM):
            try:
                with refusing(SYSTEM):
                    self._world.panels.source(TRACES)
                asked = {"q": query, "limit": str(limit), **times}
                return read_traces(self._world.tracing.found(asked))
            except BadTraceQuery as error:
                raise Invalid(SYSTEM, f"400 {error}") from None

    def address(self, trace: str) -> str:
        """See the port."""
        return explore(ADDRESS, TRACES, trace)
