"""The world's Kubernetes API, generic enough for kubectl to get, list, describe and watch."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from adapters.kubernetes_read import SYSTEM
from adapters.sim import monitoring_json
from adapters.sim.apiserver import since_of
from adapters.sim.kinds import KINDS
from adapters.sim.kubernetes import VERSION
from adapters.sim.monitoring_json import ApiError
from adapters.sim.objectstore import Refusal
from adapters.sim.servers.faults import faulty
from adapters.sim.servers.kubernetes_discovery import Discovery
from adapters.sim.servers.kubernetes_list import limited, metadata_only, one, page, watch
from adapters.sim.world import World

_REVIEW = "authorization.k8s.io/v1"


def app(world: World, token: str) -> web.Application:
    """Serve the cluster to whoever has the token."""
    server = _Server(world, token)
    made = web.Application(middlewares=[faulty(_unauthorized), refusing(token)])
    made.router.add_get("/version", server.version)
    Discovery().add(made.router)
    made.router.add_post(f"/apis/{_REVIEW}/selfsubjectaccessreviews", server.review)
    for root in ("/api/{version}", "/apis/{group}/{version}"):
        for prefix in (root, root + "/namespaces/{namespace}"):
            made.router.add_get(prefix + "/{plural}", server.list)
            made.router.add_post(prefix + "/{plural}", server.create)
            made.router.add_get(prefix + "/{plural}/{name}", server.get)
            made.router.add_patch(prefix + "/{plural}/{name}", server.patch)
            made.router.add_delete(prefix + "/{plural}/{name}", server.delete)
    pod = "/api/v1/namespaces/{namespace}/pods/{name}"
    made.router.add_get(pod + "/log", server.logs)
    made.router.add_post(pod + "/eviction", server.evict)
    made.router.add_get(pod + "/proxy/{path:.*}", server.proxy)
    return made


def _unauthorized() -> tuple[int, Any]:
    return 401, Refusal(401, "Unauthorized", "Unauthorized").body


def refusing(token: str) -> Any:
    """A middleware that asks for the token, and gives what the API server refuses as a Status."""

    @web.middleware
    async def middleware(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            if request.headers.get("Authorization") != f"Bearer {token}":
                raise Refusal(401, "Unauthorized", "Unauthorized")
            answer: web.StreamResponse = await handler(request)
            return answer
        except Refusal as refused:
            headers = {"Retry-After": "10"} if refused.status == 429 else {}
            return web.json_response(refused.body, status=refused.status, headers=headers)

    return middleware


def write_kubeconfig(path: Path, url: str, token: str, trusted: Path | None = None) -> None:
    """Write what kubectl and Houston need to reach the server, readable by its owner only.

    Args:
        trusted: the PEM file of whoever signed the server's certificate. Without TLS kubectl
            sends no token.
    """
    path.touch(mode=0o600)
    cluster = {"server": url}
    if trusted is not None:
        cluster["certificate-authority-data"] = base64.b64encode(trusted.read_bytes()).decode()
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": cluster}],
        "users": [{"name": "houston", "user": {"token": token}}],
        "contexts": [
            {
                "name": "lab",
                "context": {"cluster": "lab", "user": "houston", "namespace": "rocketchat"},
            }
        ],
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")


class _Server:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    async def version(self, request: web.Request) -> web.Response:
        """The server's version."""
        del request
        async with self._world.look("kubernetes.version", SYSTEM):
            return web.json_response({"major": "1", "minor": "32", "gitVersion": VERSION})

    async def review(self, request: web.Request) -> web.Response:
        """SelfSubjectAccessReview."""
        body = await request.json()
        async with self._world.look("kubernetes.review", SYSTEM):
            asked = body["spec"]["resourceAttributes"]
            resource = "/".join(
                part for part in (asked.get("resource", ""), asked.get("subresource", "")) if part
            )
            yes = self._world.cluster.api.allowed(
                asked.get("namespace", ""), asked.get("verb", ""), resource
            )
            return web.json_response({**body, "status": {"allowed": yes}}, status=201)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """A list, or a watch until the asked time is over."""
        async with self._world.look("kubernetes.get", SYSTEM):
            kind, namespace = KINDS[_plural(request)], request.match_info.get("namespace")
            if request.query.get("watch") not in {"true", "1"}:
                return page(self._world, kind, namespace, request)
            self._world.cluster.api.watch(kind.plural, namespace)
        return await watch(self._world, kind, namespace, request)

    async def get(self, request: web.Request) -> web.Response:
        """One object, or only its metadata."""
        async with self._world.look("kubernetes.get", SYSTEM):
            found = self._world.cluster.api.get(*_named(request))
            if found["kind"] == "Secret" and not metadata_only(request):
                self._world.calls.append("kubernetes.secret.values")
            return one(found, request)

    async def logs(self, request: web.Request) -> web.Response:
        """What a container wrote."""
        query = request.query
        async with self._world.look("kubernetes.logs", SYSTEM):
            text = self._world.cluster.api.logs(
                request.match_info["namespace"],
                request.match_info["name"],
                container=query.get("container", ""),
                previous=query.get("previous") == "true",
                since=since_of(query.get("sinceSeconds")),
                tail=int(query["tailLines"]) if "tailLines" in query else None,
            )
            return web.Response(text=limited(text, query.get("limitBytes")))

    async def proxy(self, request: web.Request) -> web.Response:
        """What a pod answers on its port: only the agent's pods do."""
        name, _, port = request.match_info["name"].partition(":")
        async with self._world.look("kubernetes.proxy", SYSTEM):
            pod = self._world.cluster.api.proxied(request.match_info["namespace"], name)
            if pod["metadata"]["labels"].get("app") != "prometheus-agent" or port != "9090":
                raise Refusal(503, "ServiceUnavailable", "error trying to reach service")
            try:
                path = "/" + request.match_info["path"]
                found = monitoring_json.agent(self._world, pod, path, request.query)
                return web.json_response(found)
            except ApiError as error:
                return web.json_response(error.body, status=error.status)

    async def create(self, request: web.Request) -> web.Response:
        """Create an object."""
        body = await _json(request)
        async with self._world.call("kubernetes.create", SYSTEM):
            made = self._world.cluster.api.create(
                _plural(request),
                request.match_info.get("namespace", ""),
                body,
                dry=request.query.get("dryRun") == "All",
            )
            return web.json_response(made, status=201)

    async def patch(self, request: web.Request) -> web.Response:
        """A merge patch, or a strategic one; of a custom resource no strategic one."""
        plural, namespace, name = _named(request)
        kind = request.content_type
        custom = "." in KINDS[plural].group and not KINDS[plural].group.endswith("k8s.io")
        known = {"application/merge-patch+json"}
        if not custom:
            known.add("application/strategic-merge-patch+json")
        if kind not in known:
            text = (
                f"the body of the request was in an unknown format - accepted are {sorted(known)}"
            )
            raise Refusal(415, "UnsupportedMediaType", text)
        body = await request.json()
        async with self._world.call("kubernetes.patch", SYSTEM):
            return web.json_response(self._world.cluster.api.patch(plural, namespace, name, body))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete an object."""
        options = await _json(request) if request.can_read_body else {}
        async with self._world.call("kubernetes.delete", SYSTEM):
            gone = self._world.cluster.api.delete(*_named(request), options)
            return web.json_response(gone)

    async def evict(self, request: web.Request) -> web.Response:
        """Delete a pod if its disruption budget allows it."""
        body = await _json(request)
        async with self._world.call("kubernetes.evict", SYSTEM):
            self._world.cluster.api.evict(
                request.match_info["namespace"], request.match_info["name"], body
            )
            done = {"kind": "Status", "apiVersion": "v1", "status": "Success", "code": 201}
            return web.json_response(done, status=201)


async def _json(request: web.Request) -> Any:
    """The body. Raises Refusal for kubectl's binary form, which this server does not speak."""
    if not request.content_type.endswith("json"):
        text = f"{request.content_type} is not spoken here: send JSON"
        raise Refusal(415, "UnsupportedMediaType", text)
    return await request.json()


def _plural(request: web.Request) -> str:
    """The kind asked for, in the version asked for. Raises Refusal."""
    group, version = request.match_info.get("group"), request.match_info["version"]
    found = KINDS.get(request.match_info["plural"])
    if found is None or found.version != (f"{group}/{version}" if group else version):
        raise Refusal(404, "NotFound", "the server could not find the requested resource")
    return found.plural


def _named(request: web.Request) -> tuple[str, str, str]:
    return _plural(request), request.match_info.get("namespace", ""), request.match_info["name"]
