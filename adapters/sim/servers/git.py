"""The world's git remote over smart HTTP. No git binary is needed: an image has none."""

from __future__ import annotations

import asyncio
import base64
import hmac
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import web
from dulwich.objects import ZERO_SHA
from dulwich.refs import Ref
from dulwich.repo import Repo
from dulwich.server import Backend, ReceivePackHandler, UploadPackHandler
from dulwich.web import HTTPGitApplication

from adapters.sim.servers.faults import faulty
from adapters.sim.world import World

_SYSTEM = "git"
_LARGEST = 64 * 1024 * 1024


def app(world: World, *, username: str, password: str) -> web.Application:
    """Serve the bare repository of `world.remote` below any first path part, with Basic auth."""
    path = world.remote.path
    if path is None:
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
                return await _backend(path, request)
        async with world.look("git.fetch", _SYSTEM):
            return await _backend(path, request)

    made = web.Application(
        middlewares=[faulty(lambda: (403, {"message": "forbidden"}))], client_max_size=_LARGEST
    )
    made.router.add_route("*", "/{repository}/{rest:.*}", serve)
    return made


async def _backend(path: Path, request: web.Request) -> web.Response:
    """One request of git's smart HTTP. The body is here already, and no longer compressed."""
    body = await request.read()
    environment = {
        "PATH_INFO": "/" + request.match_info["rest"],
        "QUERY_STRING": request.query_string,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "wsgi.input": BytesIO(body),
    }
    return await asyncio.to_thread(_answer, path, environment)


def _answer(path: Path, environment: dict[str, Any]) -> web.Response:
    written = BytesIO()
    head: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
        head[:] = [int(status.split(maxsplit=1)[0]), dict(headers)]
        return written.write

    with Repo(str(path)) as repo:
        for part in HTTPGitApplication(_One(repo), handlers=_HANDLERS)(environment, start):
            written.write(part)
    status, headers = head
    return web.Response(status=status, body=written.getvalue(), headers=headers)


class _One(Backend):
    """The same repository at every path."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo

    def open_repository(self, path: object) -> Repo:
        """The remote, whatever its address."""
        del path
        return self._repo


class _Receive(ReceivePackHandler):
    """Refuses a push onto a commit that is not the branch's any more, and says so.

    The library compares too, but reports such a push as done.
    """

    def _on_update(self, ref: Ref, oldsha: bytes, sha: bytes) -> bytes | None:
        del sha
        now = self.repo.refs.read_ref(ref) or ZERO_SHA
        return None if now == oldsha else b"fetch first"


_HANDLERS: dict[bytes, Any] = {b"git-upload-pack": UploadPackHandler, b"git-receive-pack": _Receive}
