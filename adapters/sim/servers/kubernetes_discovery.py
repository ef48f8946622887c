"""What the world's Kubernetes API says it serves."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from adapters.sim.kinds import KINDS, VERSIONS
from adapters.sim.objectstore import Refusal

_REVIEW = "authorization.k8s.io/v1"


class Discovery:
    """Groups, their versions, and the kinds in them."""

    def add(self, router: web.UrlDispatcher) -> None:
        """Serve it."""
        router.add_get("/api", self.core)
        router.add_get("/apis", self.groups)
        router.add_get("/apis/{group}", self.group)
        router.add_get("/api/{version}", self.kinds)
        router.add_get("/apis/{group}/{version}", self.kinds)

    async def core(self, request: web.Request) -> web.Response:
        """The versions of the core group."""
        del request
        return web.json_response({"kind": "APIVersions", "versions": ["v1"]})

    async def groups(self, request: web.Request) -> web.Response:
        """The other groups."""
        del request
        named = [version for version in (*VERSIONS, _REVIEW) if "/" in version]
        return web.json_response(
            {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(v) for v in named]}
        )

    async def group(self, request: web.Request) -> web.Response:
        """One group. Raises Refusal."""
        wanted = request.match_info["group"]
        for version in VERSIONS:
            if version.startswith(f"{wanted}/"):
                return web.json_response({"kind": "APIGroup", "apiVersion": "v1"} | _group(version))
        raise Refusal(404, "NotFound", "the server could not find the requested resource")

    async def kinds(self, request: web.Request) -> web.Response:
        """The kinds of a version."""
        group, version = request.match_info.get("group"), request.match_info["version"]
        wanted = f"{group}/{version}" if group else version
        found = [
            {
                "name": kind.plural,
                "singularName": kind.kind.lower(),
                "namespaced": kind.namespaced,
                "kind": kind.kind,
                "verbs": list(kind.verbs),
                "shortNames": list(kind.short),
            }
            for kind in KINDS.values()
            if kind.version == wanted
        ]
        return web.json_response(
            {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": wanted,
             "resources": found}
        )  # fmt: skip


def _group(group_version: str) -> dict[str, Any]:
    name, _, version = group_version.partition("/")
    shown = {"groupVersion": group_version, "version": version}
    return {"name": name, "versions": [shown], "preferredVersion": shown}
