"""The world's git remote over smart HTTP, by git's own `http-backend`."""

from __future__ import annotations

import asyncio
import base64
import hmac

from aiohttp import web

from adapters.sim.servers.faults import faulty
from adapters.sim.world import World

_SYSTEM = "git"
_LARGEST = 64 * 1024 * 1024


def app(world: World, *, username: str, password: str) -> web.Application:
    """Serve the bare repository of `world.remote` below any first path part, with Basic auth."""
    if world.remote.path is None:
        raise ValueError("only a remote on disk can be served")
    login = base64.b64encode(f"{username}:{password}".encode()).decode()

    async def serve(request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        if not hmac.compare_digest(given, login):
            realm = {"WWW-Authenticate": 'Basic realm="git"'}
            return web.Response(status=401, text="Unauthorized", headers=realm)
        push = "git-receive-pack" in (request.path_qs)
        if push and request.method == "POST":
            async with world.call("git.push", _SYSTEM):
                return await _backend(world, request)
        async with world.look("git.fetch", _SYSTEM):
            return await _backend(world, request)

    made = web.Application(
        middlewares=[faulty(lambda: (403, {"message": "forbidden"}))], client_max_size=_LARGEST
    )
    made.router.add_route("*", "/{repository}/{rest:.*}", serve)
    return made


async def _backend(world: World, request: web.Request) -> web.Response:
    body = await request.read()
    environment = {
        "GIT_PROJECT_ROOT": str(world.remote.path),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": "/" + request.match_info["rest"],
        "QUERY_STRING": request.query_string,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": "",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": "houston",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "http.receivepack",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_CONFIG_KEY_1": "safe.directory",
        "GIT_CONFIG_VALUE_1": "*",
    }
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(body)
    head, separator, content = output.partition(b"\r\n\r\n")
    if not separator:
        return web.Response(status=500, body=errors)
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200").split()[0])
    return web.Response(status=status, body=content, headers=headers)
