"""Grafana over its HTTP API, with a service account's token."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from adapters.grafana_read import (
    SYSTEM,
    read_dashboard,
    read_rule,
    read_sources,
    write_dashboard,
    write_rule,
)
from adapters.http import JsonClient
from bot.errors import Conflict, Missing, Moved
from bot.ports.grafana import AlertRule, Dashboard, DataSource

_RULES = "/api/v1/provisioning/alert-rules"
_EDITABLE = {"X-Disable-Provenance": "true"}
"""So that people may change the rule in Grafana's own pages."""


class HttpGrafana:
    """One organisation, the one the token is of.

    Args:
        client: speaks with Grafana.
        url: its address, as people open it.
    """

    def __init__(self, client: JsonClient, url: str) -> None:
        self._client = client
        self._url = url.rstrip("/")

    async def data_sources(self) -> list[DataSource]:
        """See the port."""
        return read_sources(await self._client.get("/api/datasources"))

    async def dashboard(self, uid: str) -> Dashboard:
        """See the port."""
        found = await self._client.get(f"/api/dashboards/uid/{quote(uid, safe='')}")
        return read_dashboard(found, self._url)

    async def save(self, dashboard: Dashboard, message: str) -> None:
        """See the port."""
        try:
            await self._client.post("/api/dashboards/db", write_dashboard(dashboard, message))
        except Conflict as error:
            said = error.message.removeprefix(f"{SYSTEM}: ")
            raise Moved(SYSTEM, f"the dashboard is another by now: {said}") from error

    async def folder(self, uid: str) -> str:
        """See the port."""
        found = await self._client.get(f"/api/folders/{quote(uid, safe='')}")
        return str(found.get("title", "")) if isinstance(found, dict) else ""

    async def make_folder(self, uid: str, title: str) -> None:
        """See the port."""
        await self._client.post("/api/folders", {"uid": uid, "title": title})

    async def rule(self, uid: str) -> AlertRule:
        """See the port."""
        return read_rule(await self._rule(uid))

    async def put_rule(self, rule: AlertRule) -> None:
        """See the port. A change names the rule's uid, so it may be sent twice."""
        body = write_rule(rule)
        try:
            await self._rule(rule.uid)
        except Missing:
            await self._client.post(_RULES, body, headers=_EDITABLE)
        else:
            path = f"{_RULES}/{quote(rule.uid, safe='')}"
            await self._client.put(path, body, headers=_EDITABLE)

    async def version(self) -> str:
        """See the port."""
        health = await self._client.get("/api/health")
        shown = health.get("version") if isinstance(health, dict) else None
        sources = await self.data_sources()
        return f"{shown or 'of a hidden version'}, {len(sources)} data sources"

    async def _rule(self, uid: str) -> Any:
        return await self._client.get(f"{_RULES}/{quote(uid, safe='')}")
