"""The simulated chat as a Rocket.Chat server: REST at `/api`, the realtime link at `/websocket`.

Anybody with a token may call, so a page or a test can act as a person. Planted faults and the
world's latency meet bots only.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from weakref import WeakSet

from aiohttp import WSCloseCode, web

from adapters.sim.chatroom import SYSTEM
from adapters.sim.document import File, Refusal, User
from adapters.sim.servers import rocketchat_admin, rocketchat_chat, rocketchat_rooms
from adapters.sim.servers.rocketchat_call import (
    Call,
    Endpoint,
    Limiter,
    bad_gateway,
    limited,
    major,
    refused,
    unauthorized,
)
from adapters.sim.servers.rocketchat_ddp import Connection
from adapters.sim.world import World
from bot.errors import AdapterError, Denied, Limited, UnknownOutcome

_ENDPOINTS = rocketchat_chat.ENDPOINTS | rocketchat_rooms.ENDPOINTS | rocketchat_admin.ENDPOINTS
_LARGEST = 16 * 1024 * 1024
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def app(world: World) -> web.Application:
    """The server. Other routes may be added to it; they work while the chat is down."""
    server = _Server(world)
    made = web.Application(client_max_size=_LARGEST)
    made.router.add_get("/api/info", server.info)
    made.router.add_post("/api/v1/login", server.login)
    made.router.add_get("/websocket", server.websocket)
    made.router.add_get("/file-upload/{id}/{name}", server.download)
    for path in ("/api/v1/{name}", "/api/v1/{name}/{tail:.*}"):
        made.router.add_route("*", path, server.rest)
    made.on_shutdown.append(server.close)
    return made


class _Server:
    def __init__(self, world: World) -> None:
        self._world = world
        self._limiter = Limiter(world)
        self._uploads: dict[str, File] = {}
        self._sockets: WeakSet[web.WebSocketResponse] = WeakSet()

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """Any endpoint of version 1."""
        if not self._world.chat.up:
            return bad_gateway()
        name = request.match_info["name"]
        endpoint = _ENDPOINTS.get(name)
        if endpoint is None or major(self._world) >= endpoint.until:
            return web.json_response({"success": False, "error": "Resource not found"}, status=404)
        if request.method != endpoint.method:
            return web.json_response({"success": False, "error": "Method Not Allowed"}, status=405)
        return await self._asked(request, name, endpoint)

    async def _asked(self, request: web.Request, name: str, endpoint: Endpoint) -> web.Response:
        user = self._caller(request)
        if user is None:
            return unauthorized(self._world)
        try:
            call = await self._call(request, user)
            caller = user.id if major(self._world) >= 8 else str(request.remote)
            if no := self._limiter.take(call, caller, request.method, name):
                return no
            answer = await self._handled(endpoint, call)
        except (Refusal, AdapterError) as error:
            return self._failed(request, error)
        headers = _deprecation(name) if endpoint.until < 1000 else None
        return web.json_response({**answer, "success": True}, headers=headers)

    async def info(self, request: web.Request) -> web.StreamResponse:
        """Open to everybody; the patch level is for administrators."""
        if not self._world.chat.up:
            return bad_gateway()
        user = self._caller(request)
        try:
            if user and user.type == "bot":
                async with self._world.call("chat.server_version", SYSTEM):
                    pass
        except AdapterError as error:
            return self._failed(request, error)
        parts = self._world.chat.version.split(".")
        shown = parts if user and "admin" in user.roles else parts[:2]
        clients = {"desktop": "3.9.6", "mobile": "4.39.0"}
        body = {"version": ".".join(shown), "minimumClientVersions": clients, "success": True}
        return web.json_response(body)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """By username and password. The one failure there is says nothing of the cause."""
        if not self._world.chat.up:
            return bad_gateway()
        body = await _body(request)
        name = str(body.get("user") or body.get("username") or "")
        try:
            user, token = self._world.chat.people.log_in(name, str(body.get("password", "")))
        except Refusal:
            failed = {"status": "error", "error": "Unauthorized", "message": "Unauthorized"}
            return web.json_response(failed, status=401)
        data = {"userId": user.id, "authToken": token, "me": {"username": user.username}}
        return web.json_response({"status": "success", "data": data})

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        """The realtime link."""
        if not self._world.chat.up:
            return bad_gateway()
        socket = web.WebSocketResponse(max_msg_size=_LARGEST, timeout=1.0)
        await socket.prepare(request)
        self._sockets.add(socket)
        if self._world.chat.up:
            await Connection(self._world, socket).serve()
        return socket

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file that a message shows, to whoever may read that message."""
        user = self._caller(request)
        if user is None:
            return web.Response(status=403)
        found = self._world.chat.archive.file(request.match_info["id"])
        if found is None:
            return web.Response(status=404)
        document, file = found
        if not self._world.chat.people.may_read(user.id, document.room_id):
            return web.Response(status=403)
        return web.Response(body=file.content, content_type=file.type)

    async def close(self, _: web.Application) -> None:
        """End every socket, or the server would wait for them."""
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    def _caller(self, request: web.Request) -> User | None:
        id, token = (request.headers.get(name, "") for name in ("X-User-Id", "X-Auth-Token"))
        return self._world.chat.people.known(id, token)

    async def _call(self, request: web.Request, user: User) -> Call:
        tail = request.match_info.get("tail", "")
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await _body(request)
        return Call(self._world, user, request.query, body, tail, self._uploads, headers)

    async def _handled(self, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        if endpoint.method == "POST":
            endpoint.check(call.body)
        if call.user.type != "bot":
            return await endpoint.handle(call)
        async with self._world.call(endpoint.fault, SYSTEM):
            return await endpoint.handle(call)

    def _failed(self, request: web.Request, error: Refusal | AdapterError) -> web.Response:
        match error:
            case Refusal():
                return refused(self._world, error)
            case Limited():
                return limited(self._world, error.retry_after)
            case Denied():
                return unauthorized(self._world)
            case UnknownOutcome():
                if request.transport:
                    request.transport.abort()
                raise asyncio.CancelledError
            case _:
                html = "HTML" in error.message
                return bad_gateway(502 if html else 503)


async def _body(request: web.Request) -> dict[str, Any]:
    """The JSON body, or a form whose files are name, type and content. Raises Refusal."""
    if request.method != "POST":
        return {}
    if request.content_type in _FORMS:
        form = await request.post()
        return {key: _file(value) for key, value in form.items()}
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Refusal("invalid-params", "the body is not JSON") from None
    return body if isinstance(body, dict) else {}


def _file(value: str | bytes | bytearray | web.FileField) -> Any:
    if not isinstance(value, web.FileField):
        return value
    content = value.file.read()
    value.file.close()
    return value.filename, value.content_type, content


def _deprecation(name: str) -> dict[str, str]:
    return {
        "x-deprecation-type": "endpoint-deprecation",
        "x-deprecation-message": f'The endpoint "{name}" is deprecated',
        "x-deprecation-version": "8.0.0",
    }
