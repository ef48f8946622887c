"""The world's Argo CD in its own REST protocol."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from adapters.sim.argocd import CHARTS, REPOSITORY, SYSTEM, VERSION
from adapters.sim.cluster import Cluster, Syncing
from adapters.sim.servers.faults import faulty
from adapters.sim.world import World

_BUSY = "another operation is already in progress"


def app(world: World, token: str) -> web.Application:
    """Serve one application to whoever has the token."""
    server = _Server(world, token)
    made = web.Application(middlewares=[faulty(lambda: (401, _error(16, "invalid session")))])
    path = "/api/v1/applications/{name}"
    made.router.add_get("/api/version", server.version)
    made.router.add_get("/api/v1/session/userinfo", server.userinfo)
    made.router.add_get("/api/v1/applications", server.list)
    made.router.add_get(path, server.get)
    made.router.add_post(path + "/sync", server.sync)
    return made


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": message, "code": code, "message": message}


def _answer(status: int, code: int, message: str) -> web.Response:
    return web.json_response(_error(code, message), status=status)


class _Server:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    async def version(self, request: web.Request) -> web.Response:
        """Open to everybody."""
        del request
        async with self._world.look("argocd.version", SYSTEM):
            return web.json_response({"Version": VERSION})

    async def userinfo(self, request: web.Request) -> web.Response:
        """Who the token belongs to; empty for nobody."""
        known = {"loggedIn": True, "username": "houston", "iss": "argocd"}
        return web.json_response(known if self._knows(request) else {})

    async def list(self, request: web.Request) -> web.Response:
        """Every application."""
        async with self._world.look("argocd.get", SYSTEM):
            refused = self._refused(request)
            if refused:
                return refused
            return web.json_response({"metadata": {}, "items": [self._application()]})

    async def get(self, request: web.Request) -> web.Response:
        """One application; a refresh blocks until Argo CD has looked at git."""
        refresh = "refresh" in request.query
        async with self._world.look("argocd.refresh" if refresh else "argocd.get", SYSTEM):
            refused = self._refused(request) or self._absent(request)
            if refused:
                return refused
            if refresh:
                await self._world.pause(1.0)
                self._world.cluster.refresh()
            return web.json_response(self._application())

    async def sync(self, request: web.Request) -> web.Response:
        """Ask for a sync: it is a request, not a result."""
        if request.headers.get("Content-Type", "").lower() != "application/json":
            return web.Response(status=415, text="Invalid content type")
        body = await request.json()
        async with self._world.call("argocd.sync", SYSTEM):
            refused = self._refused(request) or self._absent(request, body.get("project"))
            if refused:
                return refused
            cluster = self._world.cluster
            if cluster.window_closed:
                return _answer(403, 7, "cannot sync: blocked by sync window")
            if cluster.busy:
                return _answer(400, 9, _BUSY)
            infos = {info["name"]: info["value"] for info in body.get("infos") or ()}
            cluster.ask_sync(infos.get("houston-operation", ""))
            return web.json_response(self._application(just_asked=True))

    def _knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self._token}"

    def _refused(self, request: web.Request) -> web.Response | None:
        return None if self._knows(request) else _answer(401, 16, "no session information")

    def _absent(self, request: web.Request, project: str | None = None) -> web.Response | None:
        name = request.match_info["name"]
        if name == self._world.cluster.application:
            return None
        if project or "project" in request.query:
            return _answer(404, 5, f'applications.argoproj.io "{name}" not found')
        return _answer(403, 7, "permission denied")

    def _application(self, *, just_asked: bool = False) -> dict[str, Any]:
        cluster = self._world.cluster
        status: dict[str, Any] = {
            "sync": {"status": cluster.sync_shown, "revisions": [cluster.chart, cluster.revision]},
            "health": {"status": cluster.health},
            "conditions": [],
        }
        made: dict[str, Any] = {
            "metadata": {
                "name": cluster.application,
                "namespace": "argocd",
                "resourceVersion": str(cluster.version),
                "labels": {"app": "rocketchat"},
            },
            "spec": _spec(cluster),
            "status": status,
        }
        if cluster.syncs:
            last = cluster.syncs[-1]
            if not last.finished:
                made["operation"] = _operation(last)
            if not just_asked:
                status["operationState"] = _state(last)
        return made


def _spec(cluster: Cluster) -> dict[str, Any]:
    return {
        "project": "default",
        "sources": [
            {"repoURL": CHARTS, "chart": "rocketchat", "targetRevision": cluster.chart},
            {"repoURL": REPOSITORY, "targetRevision": cluster.follows, "ref": "values"},
        ],
        "destination": {
            "server": "https://aks-fernhill.example:443",
            "namespace": cluster.namespace,
        },
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}} if cluster.automated else {},
    }


def _operation(last: Syncing) -> dict[str, Any]:
    info = [{"name": "houston-operation", "value": last.operation}] if last.operation else []
    return {
        "sync": {"revisions": list(last.revisions)},
        "initiatedBy": {"automated": True} if last.automated else {"username": "houston"},
        "info": info,
    }


def _state(last: Syncing) -> dict[str, Any]:
    state: dict[str, Any] = {
        "operation": _operation(last),
        "phase": last.phase,
        "message": last.message,
        "startedAt": last.started,
        "syncResult": {"revisions": list(last.revisions)},
    }
    if last.ended:
        state["finishedAt"] = last.ended
    return state
