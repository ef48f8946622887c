"""Metrics over HTTP: the hub through Grafana or by itself, the agent through the cluster's API."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from adapters.http import JsonClient
from adapters.kubernetes_client import KubernetesClient, namespaced
from adapters.metrics_read import (
    AGENT_ONLY,
    HUB,
    SYSTEM,
    read_running,
    read_series,
    read_targets,
    read_values,
)
from bot.clock import Clock
from bot.errors import Conflict, Invalid
from bot.ports.metrics import Running, ScrapeTarget, Series

_LATELY = timedelta(hours=1)


class HttpMetrics:
    """The hub.

    Args:
        client: speaks with Grafana or with Prometheus.
        datasource: uid of the data source that Grafana is to ask; empty for Prometheus itself.
    """

    def __init__(self, client: JsonClient, clock: Clock, *, datasource: str = "") -> None:
        self._client = client
        self._clock = clock
        self._grafana = bool(datasource)
        proxy = f"/api/datasources/proxy/uid/{quote(datasource, safe='')}"
        self._base = proxy if datasource else ""

    async def query(self, expression: str) -> list[Series]:
        """See the port."""
        asked = {"query": expression}
        return read_series(await self._get("/api/v1/query", asked), HUB)

    async def label_values(self, label: str, selector: str) -> list[str]:
        """See the port."""
        since = self._clock.now() - _LATELY
        asked = {"match[]": selector, "start": f"{since.timestamp():.0f}"}
        path = f"/api/v1/label/{quote(label, safe='')}/values"
        return read_values(await self._get(path, asked), HUB)

    async def version(self) -> str:
        """See the port."""
        if self._grafana:
            health = await self._client.get("/api/health")
            shown = health.get("version") if isinstance(health, dict) else None
            await self.query("vector(1)")
            return f"Grafana {shown or 'of a hidden version'}, the data source answers"
        await self.query("vector(1)")
        return "the Prometheus API answers"

    async def _get(self, path: str, params: dict[str, str]) -> Any:
        return await self._client.get(self._base + path, params=params)


class PodScraper:
    """A Prometheus in a pod, through the API server's proxy: no command runs in the pod, and the
    secrets of its configuration come masked."""

    def __init__(self, client: KubernetesClient, *, port: int = 9090) -> None:
        self._client = client
        self._port = port

    async def running(self, namespace: str, pod: str) -> Running:
        """See the port."""
        names = ("config", "flags", "runtimeinfo", "buildinfo")
        found = await asyncio.gather(
            *(self._get(namespace, pod, f"/api/v1/status/{name}") for name in names)
        )
        return read_running(*found)

    async def targets(self, namespace: str, pod: str) -> list[ScrapeTarget]:
        """See the port."""
        asked = {"state": "active"}
        return read_targets(await self._get(namespace, pod, "/api/v1/targets", asked))

    async def query(self, namespace: str, pod: str, expression: str) -> list[Series]:
        """See the port."""
        asked = {"query": expression}
        try:
            return read_series(await self._get(namespace, pod, "/api/v1/query", asked), SYSTEM)
        except Invalid as error:
            if AGENT_ONLY in error.message:
                raise Conflict(SYSTEM, AGENT_ONLY) from error
            raise

    async def _get(
        self, namespace: str, pod: str, path: str, query: dict[str, str] | None = None
    ) -> Any:
        proxy = namespaced("v1", namespace, "pods") + f"/{pod}:{self._port}/proxy"
        return await self._client.get(proxy + path, query=query)
