"""The world's Kubernetes API, generic enough for kubectl to read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from adapters.sim import objects
from adapters.sim.kubernetes import SYSTEM, VERSION, allowed
from adapters.sim.servers.faults import faulty
from adapters.sim.world import World

Lister = Callable[[Any], list[dict[str, Any]]]

_MONGODB = "mongodbcommunity.mongodb.com/v1"
_REVIEW = "authorization.k8s.io/v1"
_RESOURCES: dict[str, dict[str, tuple[str, bool, Lister]]] = {
    "v1": {
        "pods": ("Pod", True, objects.pods),
        "nodes": ("Node", False, objects.nodes),
        "namespaces": ("Namespace", False, objects.namespaces),
        "events": ("Event", True, lambda cluster: []),
    },
    "apps/v1": {
        "deployments": ("Deployment", True, objects.deployments),
        "replicasets": ("ReplicaSet", True, objects.replica_sets),
    },
    _MONGODB: {"mongodbcommunity": ("MongoDBCommunity", True, objects.mongodb)},
}
"""By API version and plural: the kind, whether it lives in a namespace, and where it comes from."""

_EQUALS = re.compile(r"([^=!,]+)(=|==|!=)([^,]*)")


def app(world: World, token: str) -> web.Application:
    """Serve the cluster to whoever has the token."""
    server = _Server(world, token)
    made = web.Application(
        middlewares=[faulty(lambda: (401, _status(401, "Unauthorized", "Unauthorized")))]
    )
    made.router.add_get("/version", server.version)
    made.router.add_get("/api", server.core)
    made.router.add_get("/apis", server.groups)
    made.router.add_post(f"/apis/{_REVIEW}/selfsubjectaccessreviews", server.review)
    for prefix in ("/api/{version}", "/apis/{group}/{version}"):
        made.router.add_get(prefix, server.resources)
        made.router.add_get(prefix + "/{plural}", server.read)
        made.router.add_get(prefix + "/namespaces/{namespace}/{plural}", server.read)
        made.router.add_get(prefix + "/namespaces/{namespace}/{plural}/{name}", server.read)
        made.router.add_get(prefix + "/{plural}/{name}", server.read)
    return made


def write_kubeconfig(path: Path, url: str, token: str) -> None:
    """Write what kubectl and Houston need to reach the server, readable by its owner only."""
    path.touch(mode=0o600)
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": {"server": url}}],
        "users": [{"name": "houston", "user": {"token": token}}],
        "contexts": [
            {
                "name": "lab",
                "context": {"cluster": "lab", "user": "houston", "namespace": "rocketchat"},
            }
        ],
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")


def _status(code: int, reason: str, message: str) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }


class _Server:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    async def version(self, request: web.Request) -> web.Response:
        """The server's version."""
        del request
        async with self._world.look("kubernetes.version", SYSTEM):
            return web.json_response({"major": "1", "minor": "32", "gitVersion": VERSION})

    async def core(self, request: web.Request) -> web.Response:
        """Discovery: the versions of the core group."""
        del request
        return web.json_response({"kind": "APIVersions", "versions": ["v1"]})

    async def groups(self, request: web.Request) -> web.Response:
        """Discovery: the other groups."""
        del request
        named = [version for version in (*_RESOURCES, _REVIEW) if "/" in version]
        groups = []
        for group_version in named:
            group, _, version = group_version.partition("/")
            shown = {"groupVersion": group_version, "version": version}
            groups.append({"name": group, "versions": [shown], "preferredVersion": shown})
        return web.json_response({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})

    async def resources(self, request: web.Request) -> web.Response:
        """Discovery: what a group has."""
        version = _version(request)
        found = [
            {"name": plural, "singularName": kind.lower(), "namespaced": namespaced,
             "kind": kind, "verbs": ["get", "list", "watch"],
             "shortNames": {"deployments": ["deploy"], "pods": ["po"]}.get(plural, [])}
            for plural, (kind, namespaced, _) in _RESOURCES.get(version, {}).items()
        ]  # fmt: skip
        return web.json_response(
            {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version,
             "resources": found}
        )  # fmt: skip

    async def review(self, request: web.Request) -> web.Response:
        """SelfSubjectAccessReview."""
        body = await request.json()
        async with self._world.look("kubernetes.review", SYSTEM):
            refused = self._refused(request)
            if refused:
                return refused
            asked = body["spec"]["resourceAttributes"]
            yes = allowed(
                asked.get("namespace", ""),
                asked.get("verb", ""),
                asked.get("resource", ""),
                asked.get("group", ""),
            )
            return web.json_response({**body, "status": {"allowed": yes}}, status=201)

    async def read(self, request: web.Request) -> web.StreamResponse:
        """Get, list, or watch until the asked time is over."""
        async with self._world.look("kubernetes.get", SYSTEM):
            refused = self._refused(request)
            if refused:
                return refused
            plural = request.match_info["plural"]
            known = _RESOURCES.get(_version(request), {}).get(plural)
            if known is None:
                text = "the server could not find the requested resource"
                return web.json_response(_status(404, "NotFound", text), status=404)
            kind, _, lister = known
            found = [item for item in lister(self._world.cluster) if _wanted(item, request)]
            name = request.match_info.get("name")
            if name:
                return _one(found, plural, name)
            return _page(kind, _version(request), found, request, self._world.cluster.version)

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {self._token}":
            return None
        return web.json_response(_status(401, "Unauthorized", "Unauthorized"), status=401)


def _version(request: web.Request) -> str:
    group = request.match_info.get("group")
    version = request.match_info["version"]
    return f"{group}/{version}" if group else version


def _one(found: list[dict[str, Any]], plural: str, name: str) -> web.Response:
    for item in found:
        if item["metadata"]["name"] == name:
            return web.json_response(item)
    return web.json_response(_status(404, "NotFound", f'{plural} "{name}" not found'), status=404)


def _page(
    kind: str, api_version: str, found: list[dict[str, Any]], request: web.Request, version: int
) -> web.Response:
    start = int(request.query.get("continue") or 0)
    limit = int(request.query.get("limit") or len(found) or 1)
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if start + limit < len(found):
        metadata["continue"] = str(start + limit)
    items = [
        {key: value for key, value in item.items() if key not in {"apiVersion", "kind"}}
        for item in found[start : start + limit]
    ]
    body = {"kind": f"{kind}List", "apiVersion": api_version, "metadata": metadata, "items": items}
    return web.json_response(body)


def _wanted(item: dict[str, Any], request: web.Request) -> bool:
    metadata = item["metadata"]
    namespace = request.match_info.get("namespace")
    if namespace and metadata.get("namespace") != namespace:
        return False
    labels = _matches(request.query.get("labelSelector", ""), metadata.get("labels", {}))
    fields = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata.get("namespace", ""),
        "status.phase": item.get("status", {}).get("phase", ""),
    }
    return labels and _matches(request.query.get("fieldSelector", ""), fields)


def _matches(selector: str, values: dict[str, str]) -> bool:
    return all(
        (values.get(key.strip(), "") == value) is (sign != "!=")
        for key, sign, value in _EQUALS.findall(selector)
    )
