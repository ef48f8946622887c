"""The world's hub of metrics, behind Grafana's data source proxy and as a Prometheus API."""

from __future__ import annotations

from aiohttp import web

from adapters.metrics_read import HUB
from adapters.sim import monitoring_json
from adapters.sim.monitoring_json import ApiError
from adapters.sim.servers.faults import faulty
from adapters.sim.world import World

DATASOURCE = "mimir"
"""The uid of the data source."""
VERSION = "12.3.1"


def app(world: World, token: str) -> web.Application:
    """Serve Grafana to whoever has the token, and the same API without Grafana below `/prom`."""
    server = _Server(world, token)
    unauthorized = {"message": "Invalid API key", "messageId": "api-key.invalid"}
    made = web.Application(middlewares=[faulty(lambda: (401, unauthorized))])
    made.router.add_get("/api/health", server.health)
    made.router.add_get("/api/datasources/proxy/uid/{uid}/{path:.*}", server.proxy)
    made.router.add_get("/prom/{path:.*}", server.prometheus)
    return made


class _Server:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    async def health(self, request: web.Request) -> web.Response:
        """Grafana's own; it needs no token."""
        del request
        return web.json_response({"database": "ok", "version": VERSION, "commit": "0" * 7})

    async def proxy(self, request: web.Request) -> web.Response:
        """The data source's API through Grafana."""
        if request.match_info["uid"] != DATASOURCE and self._known(request):
            return web.json_response({"message": "Unable to load datasource metadata"}, status=404)
        return await self._answer(request)

    async def prometheus(self, request: web.Request) -> web.Response:
        """The same API, asked directly."""
        return await self._answer(request)

    def _known(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self._token}"

    async def _answer(self, request: web.Request) -> web.Response:
        if not self._known(request):
            return web.json_response({"message": "Invalid API key"}, status=401)
        async with self._world.look("metrics.get", HUB):
            try:
                path = "/" + request.match_info["path"]
                return web.json_response(monitoring_json.hub(self._world, path, request.query))
            except ApiError as error:
                return web.json_response(error.body, status=error.status)
