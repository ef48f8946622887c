"""The world's image registries in the distribution API, v2."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

from aiohttp import web

from adapters.sim.registry import SYSTEM, digest_of
from adapters.sim.servers.faults import faulty
from adapters.sim.world import World

_INDEX = "application/vnd.oci.image.index.v1+json"
_LIFE = 300
_PAGE = 4
"""Tags in one answer, however many are asked for."""
DOCKER_HUB = "registry-1.docker.io"


def app(world: World, host: str) -> web.Application:
    """Serve one registry host; tokens are given to everybody who asks for the right scope."""
    server = _Server(world, host)
    made = web.Application(middlewares=[faulty(lambda: (403, {"errors": [{"code": "DENIED"}]}))])
    made.router.add_get("/v2/", server.ping)
    made.router.add_get("/token", server.token)
    made.router.add_get("/v2/{name:.+}/tags/list", server.tags)
    made.router.add_get("/v2/{name:.+}/manifests/{tag}", server.manifest)
    return made


class _Server:
    def __init__(self, world: World, host: str) -> None:
        self._world = world
        self._host = host

    async def ping(self, request: web.Request) -> web.Response:
        """Whether this is a registry: it asks for a token."""
        async with self._world.look("registry.ping", SYSTEM):
            return self._challenge(request, "")

    async def token(self, request: web.Request) -> web.Response:
        """A token for a scope."""
        async with self._world.look("registry.token", SYSTEM):
            given = self._token_of(request.query.get("scope", ""))
            return web.json_response({"token": given, "expires_in": _LIFE})

    async def manifest(self, request: web.Request) -> web.Response:
        """An index, for who says that indexes are understood."""
        name, tag = request.match_info["name"], request.match_info["tag"]
        async with self._world.look("registry.head", SYSTEM):
            image = self._image(name)
            if not self._open_to(request, name):
                return self._challenge(request, f"repository:{name}:pull")
            known = self._world.cluster.tag_exists(image, tag)
            if not known or _INDEX not in request.headers.get("Accept", ""):
                return _errors(404, "MANIFEST_UNKNOWN", {})
            headers = {"Docker-Content-Digest": digest_of(image, tag), "Content-Type": _INDEX}
            return web.Response(headers=headers, body=b"{}")

    async def tags(self, request: web.Request) -> web.Response:
        """One page of an image's tags, in the order of their letters."""
        name = request.match_info["name"]
        async with self._world.look("registry.tags", SYSTEM):
            if not self._open_to(request, name):
                return self._challenge(request, f"repository:{name}:pull")
            known = self._world.cluster.tags(self._image(name))
            if known is None:
                return _errors(404, "NAME_UNKNOWN", {})
            size = min(int(request.query.get("n", _PAGE)), _PAGE)
            left = sorted(tag for tag in known if tag > request.query.get("last", ""))
            query = urlencode({"last": left[size - 1], "n": size}) if len(left) > size else ""
            next_ = {"Link": f'</v2/{name}/tags/list?{query}>; rel="next"'} if query else {}
            return web.json_response({"name": name, "tags": left[:size]}, headers=next_)

    def _image(self, name: str) -> str:
        """As people write it."""
        if self._host == DOCKER_HUB:
            return name.removeprefix("library/")
        return f"{self._host}/{name}"

    def _open_to(self, request: web.Request, name: str) -> bool:
        """Whether who asks has a token for this image, and it is given to everybody."""
        token = f"Bearer {self._token_of(f'repository:{name}:pull')}"
        private = self._image(name) in self._world.cluster.private_images
        return request.headers.get("Authorization") == token and not private

    def _token_of(self, scope: str) -> str:
        return hashlib.sha256(f"{self._host} {scope}".encode()).hexdigest()

    def _challenge(self, request: web.Request, scope: str) -> web.Response:
        realm = f"{request.url.origin()}/token"
        asked = f'Bearer realm="{realm}",service="{self._host}",scope="{scope}"'
        return _errors(401, "UNAUTHORIZED", {"WWW-Authenticate": asked})


def _errors(status: int, code: str, headers: dict[str, str]) -> web.Response:
    body = {"errors": [{"code": code, "message": code.lower()}]}
    return web.json_response(body, status=status, headers=headers)
