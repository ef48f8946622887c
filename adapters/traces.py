"""Tempo through Grafana's data source proxy."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from adapters.http import JsonClient
from adapters.traces_read import explore, read_traces
from bot.ports.traces import Trace


class GrafanaTraces:
    """The hub of traces.

    Args:
        client: speaks with Grafana.
        url: Grafana's address, as people open it.
        datasource: uid of the Tempo data source.
    """

    def __init__(self, client: JsonClient, url: str, *, datasource: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._datasource = datasource

    async def search(
        self, query: str, since: datetime, until: datetime, *, limit: int = 20
    ) -> list[Trace]:
        """See the port. Without times Tempo searches only what is recent."""
        asked = {
            "q": query,
            "start": f"{since.timestamp():.0f}",
            "end": f"{until.timestamp():.0f}",
            "limit": str(limit),
        }
        path = f"/api/datasources/proxy/uid/{quote(self._datasource, safe='')}/api/search"
        return read_traces(await self._client.get(path, params=asked))

    def address(self, trace: str) -> str:
        """See the port."""
        return explore(self._url, self._datasource, trace)
