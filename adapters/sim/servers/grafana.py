"""The world's Grafana over HTTP, with Tempo behind its data source proxy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from adapters.grafana_read import SYSTEM
from adapters.sim.panels import TRACES, VERSION, GrafanaRefusal
from adapters.sim.servers.faults import faulty
from adapters.sim.tracing import BadTraceQuery
from adapters.sim.world import World

_RULES = "/api/v1/provisioning/alert-rules"


def app(world: World, token: str) -> web.Application:
    """Serve Grafana to whoever has the token."""
    server = _Server(world, token)
    unauthorized = {"message": "Invalid API key", "messageId": "api-key.invalid"}
    made = web.Application(middlewares=[faulty(lambda: (401, unauthorized)), server.guarded()])
    made.router.add_get("/api/health", server.health)
    made.router.add_get("/api/datasources", server.sources)
    made.router.add_get("/api/datasources/proxy/uid/{uid}/api/search", server.search)
    made.router.add_get("/api/dashboards/uid/{uid}", server.board)
    made.router.add_post("/api/dashboards/db", server.save)
    made.router.add_get("/api/folders/{uid}", server.folder)
    made.router.add_post("/api/folders", server.make_folder)
    made.router.add_get(_RULES + "/{uid}", server.rule)
    made.router.add_post(_RULES, server.make_rule)
    made.router.add_put(_RULES + "/{uid}", server.change_rule)
    return made


class _Server:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    def guarded(self) -> Any:
        """A middleware that asks for the token and says Grafana's refusals in its own way."""

        @web.middleware
        async def middleware(request: web.Request, handler: Any) -> web.StreamResponse:
            known = request.headers.get("Authorization") == f"Bearer {self._token}"
            if not known and request.path != "/api/health":
                return web.json_response({"message": "Invalid API key"}, status=401)
            try:
                answer: web.StreamResponse = await handler(request)
            except GrafanaRefusal as refusal:
                return web.json_response(refusal.body, status=refusal.status)
            except BadTraceQuery as error:
                return web.Response(text=str(error), status=400)
            return answer

        return middleware

    async def health(self, request: web.Request) -> web.Response:
        """It needs no token."""
        del request
        return web.json_response({"database": "ok", "version": VERSION, "commit": "0" * 7})

    async def sources(self, request: web.Request) -> web.Response:
        """Every data source."""
        del request
        return await self._look(self._world.panels.listed)

    async def search(self, request: web.Request) -> web.Response:
        """Tempo's search, through the proxy."""
        async with self._world.look("traces.get", SYSTEM):
            found = self._world.panels.source(request.match_info["uid"])
            if found["uid"] != TRACES:
                raise GrafanaRefusal(404, "404 page not found")
            return web.json_response(self._world.tracing.found(request.query))

    async def board(self, request: web.Request) -> web.Response:
        """A dashboard."""
        return await self._look(lambda: self._world.panels.board(request.match_info["uid"]))

    async def save(self, request: web.Request) -> web.Response:
        """A dashboard is written."""
        body = await request.json()
        return await self._change(lambda: self._world.panels.save(body))

    async def folder(self, request: web.Request) -> web.Response:
        """A folder."""
        return await self._look(lambda: self._world.panels.folder(request.match_info["uid"]))

    async def make_folder(self, request: web.Request) -> web.Response:
        """A folder is made."""
        body = await request.json()
        return await self._change(lambda: self._world.panels.make_folder(body))

    async def rule(self, request: web.Request) -> web.Response:
        """An alert rule."""
        return await self._look(lambda: self._world.panels.rule(request.match_info["uid"]))

    async def make_rule(self, request: web.Request) -> web.Response:
        """An alert rule is made."""
        body = await request.json()
        return await self._change(lambda: self._world.panels.put_rule(body), 201)

    async def change_rule(self, request: web.Request) -> web.Response:
        """An alert rule is changed."""
        body, uid = await request.json(), request.match_info["uid"]
        return await self._change(lambda: self._world.panels.put_rule(body, uid))

    async def _look(self, work: Callable[[], Any]) -> web.Response:
        async with self._world.look("grafana.get", SYSTEM):
            return web.json_response(work())

    async def _change(self, work: Callable[[], Any], status: int = 200) -> web.Response:
        async with self._world.call("grafana.change", SYSTEM):
            return web.json_response(work(), status=status)
