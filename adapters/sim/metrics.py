"""The metrics ports over the simulated world."""

from __future__ import annotations

from typing import Any

from adapters.metrics_read import (
    HUB,
    SYSTEM,
    read_running,
    read_series,
    read_targets,
    read_values,
)
from adapters.sim import monitoring_json
from adapters.sim.kubernetes_call import reading
from adapters.sim.monitoring_json import ApiError
from adapters.sim.world import World
from bot.errors import Conflict, Invalid
from bot.ports.metrics import Running, ScrapeTarget, Series


class SimMetrics:
    """The world's hub."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def query(self, expression: str) -> list[Series]:
        """See the port."""
        return read_series(await self._get("/api/v1/query", {"query": expression}), HUB)

    async def label_values(self, label: str, selector: str) -> list[str]:
        """See the port."""
        path = f"/api/v1/label/{label}/values"
        return read_values(await self._get(path, {"match[]": selector}), HUB)

    async def version(self) -> str:
        """See the port."""
        await self.query("vector(1)")
        return "the simulated hub answers"

    async def _get(self, path: str, query: dict[str, str]) -> Any:
        async with self._world.look("metrics.get", HUB):
            try:
                return monitoring_json.hub(self._world, path, query)
            except ApiError as error:
                raise Invalid(HUB, f"{error.status} {error}") from None


class SimScraper:
    """The Prometheus in the world's cluster."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def running(self, namespace: str, pod: str) -> Running:
        """See the port."""
        names = ("config", "flags", "runtimeinfo", "buildinfo")
        found = [await self._get(namespace, pod, f"/api/v1/status/{name}") for name in names]
        return read_running(*found)

    async def targets(self, namespace: str, pod: str) -> list[ScrapeTarget]:
        """See the port."""
        return read_targets(await self._get(namespace, pod, "/api/v1/targets"))

    async def query(self, namespace: str, pod: str, expression: str) -> list[Series]:
        """See the port."""
        asked = {"query": expression}
        return read_series(await self._get(namespace, pod, "/api/v1/query", asked), SYSTEM)

    async def _get(
        self, namespace: str, pod: str, path: str, query: dict[str, str] | None = None
    ) -> Any:
        async with reading(self._world, "kubernetes.proxy"):
            found = self._world.cluster.api.proxied(namespace, pod)
            try:
                return monitoring_json.agent(self._world, found, path, query or {})
            except ApiError as error:
                kind = Conflict if error.status == 422 else Invalid
                raise kind(SYSTEM, f"{error.status} {error}") from None
