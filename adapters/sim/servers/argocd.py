"""The world's Argo CD in its own REST protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from adapters.sim import argo_call, argo_json
from adapters.sim.argo_call import NotArgoCD, Refusal
from adapters.sim.argo_fleet import Front
from adapters.sim.argo_records import Managed
from adapters.sim.argocd import SYSTEM, VERSION
from adapters.sim.servers.faults import faulty
from adapters.sim.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOGIN = "<!DOCTYPE html><html><title>Sign in</title><body>oauth2-proxy</body></html>"


def app(world: World, token: str) -> web.Application:
    """Serve the applications to whoever has the token."""
    server = _Server(world, token)
    denied = faulty(lambda: (401, _error(16, "invalid session")))
    made = web.Application(middlewares=[denied, refusing])
    path = "/api/v1/applications/{name}"
    made.router.add_get("/api/version", server.version)
    made.router.add_get("/api/v1/session/userinfo", server.userinfo)
    made.router.add_get("/api/v1/applications", server.list)
    made.router.add_get(path, server.get)
    made.router.add_post(path + "/sync", server.sync)
    made.router.add_delete(path + "/operation", server.terminate)
    made.router.add_get(path + "/managed-resources", server.resources)
    made.router.add_get(path + "/revisions/{sha}/metadata", server.revision)
    return made


@web.middleware
async def refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals as the gateway writes them, or the answer of what stands before it."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return web.json_response(_error(refusal.code, refusal.text), status=refusal.status)
    except NotArgoCD as other:
        if other.front is Front.LOGIN_PAGE:
            return web.Response(text=_LOGIN, content_type="text/html")
        if other.front is Front.CLOSED and request.transport is not None:
            request.transport.abort()
            raise asyncio.CancelledError from None
        trailers = {"Content-Type": "application/grpc", "grpc-status": "12"}
        return web.Response(headers=trailers)


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": message, "code": code, "message": message}


def _is_json(request: web.Request) -> None:
    """Every change must say exactly that it is JSON, also one without a body."""
    if request.headers.get("Content-Type", "").lower() != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Invalid content type")


class _Server:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    async def version(self, request: web.Request) -> web.Response:
        """Open to everybody."""
        del request
        async with self._world.look("argocd.version", SYSTEM):
            argo_call.reached(self._world)
            return web.json_response({"Version": VERSION})

    async def userinfo(self, request: web.Request) -> web.Response:
        """Who the token belongs to; empty for nobody."""
        async with self._world.look("argocd.account", SYSTEM):
            argo_call.reached(self._world)
            argo = self._world.argo
            known = {"loggedIn": True, "username": argo.account, "iss": "argocd"}
            return web.json_response(known if self._knows(request) and not argo.token else {})

    async def list(self, request: web.Request) -> web.Response:
        """Every application the account may see: without the right an empty list, no error."""
        async with self._world.look("argocd.list", SYSTEM):
            self._authenticate(request)
            argo_call.known(self._world)
            return web.json_response(argo_json.applications(self._world))

    async def get(self, request: web.Request) -> web.Response:
        """One application; a refresh blocks until Argo CD has looked at git."""
        refresh = request.query.get("refresh")
        async with self._world.look("argocd.refresh" if refresh else "argocd.get", SYSTEM):
            found = self._seen(request)
            if refresh:
                await self._world.pause(1.0)
                found.refresh(hard=refresh == "hard")
            return web.json_response(argo_json.application(found, self._world))

    async def resources(self, request: web.Request) -> web.Response:
        """What runs and what git asks for."""
        async with self._world.look("argocd.resources", SYSTEM):
            return web.json_response(argo_json.managed_resources(self._seen(request)))

    async def revision(self, request: web.Request) -> web.Response:
        """Who made a commit, and its message."""
        sha = request.match_info["sha"]
        async with self._world.look("argocd.revision", SYSTEM):
            self._seen(request)
            found = argo_json.revision(self._world, sha)
            if found is None:
                raise Refusal(400, 9, argo_json.unresolved(sha))
            return web.json_response(found)

    async def sync(self, request: web.Request) -> web.Response:
        """Ask for a sync: it is a request, not a result."""
        _is_json(request)
        body = await request.json()
        async with self._world.call("argocd.sync", SYSTEM):
            self._authenticate(request)
            infos = {info["name"]: info["value"] for info in body.get("infos") or ()}
            found = argo_call.sync(
                self._world,
                request.match_info["name"],
                infos.get("houston-operation", ""),
                prune=body.get("prune") is True,
                project="project" in body,
            )
            shown = argo_json.application(found, self._world, just_asked=True)
            return web.json_response(shown)

    async def terminate(self, request: web.Request) -> web.Response:
        """Ask the running sync to stop."""
        _is_json(request)
        async with self._world.call("argocd.terminate", SYSTEM):
            self._authenticate(request)
            name, project = request.match_info["name"], "project" in request.query
            argo_call.terminate(self._world, name, project=project)
            return web.json_response({})

    def _seen(self, request: web.Request) -> Managed:
        self._authenticate(request)
        project = "project" in request.query
        return argo_call.seen(self._world, request.match_info["name"], project=project)

    def _authenticate(self, request: web.Request) -> None:
        if not self._knows(request):
            raise Refusal(401, 16, "no session information")

    def _knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self._token}"
