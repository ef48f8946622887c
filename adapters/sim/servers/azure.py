"""The world's Azure: sign-in, the managed cluster and its long-running operations, over HTTPS."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from adapters.sim.azure import SYSTEM
from adapters.sim.power import DONE, FAILED, GOING_ON, SUBSCRIPTION, ArmRefusal
from adapters.sim.servers import azure_automation, azure_cost, azure_vault
from adapters.sim.servers.faults import faulty
from adapters.sim.world import World

TENANT = "5ad1e000-0000-4000-8000-0000000000aa"
CLIENT = "5ad1e000-0000-4000-8000-0000000000cc"
_EXPIRED = "ExpiredAuthenticationToken"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def app(world: World, secret: str) -> web.Application:
    """Serve sign-in and resources to whoever has the client's secret."""
    server = _Server(world, secret)
    expired = error_body(_EXPIRED, "The access token expiry UTC time is earlier than now.")
    made = web.Application(middlewares=[faulty(lambda: (401, expired)), refusing, server.signed_in])
    made.router.add_post("/{tenant}/oauth2/v2.0/token", server.token)
    path = world.power.id.replace("resourcegroups", "{groups}")
    made.router.add_get(path, server.cluster)
    made.router.add_post(path + "/{verb:start|stop}", server.change)
    operations = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerService/locations"
    made.router.add_get(operations + "/{location}/operations/{id}", server.operation)
    made.router.add_get(operations + "/{location}/operationresults/{id}", server.result)
    azure_automation.add_to(made, world)
    azure_cost.add_to(made, world)
    azure_vault.add_to(made, world)
    return made


def error_body(code: str, message: str) -> dict[str, Any]:
    """An error as Azure's front door writes it."""
    return {"error": {"code": code, "message": message}}


def flat_body(code: str, message: str, path: str) -> dict[str, Any]:
    """An error as the services behind it write theirs, each in its own way."""
    if "Microsoft.ContainerService" in path:
        return {"code": code, "details": None, "message": message, "subcode": ""}
    return {"code": code, "message": message}


@web.middleware
async def refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what the world's Azure refuses into its answers."""
    try:
        return await handler(request)
    except ArmRefusal as refusal:
        body = error_body(refusal.code, refusal.message)
        if refusal.flat:
            body = flat_body(refusal.code, refusal.message, request.path)
        return web.json_response(body, status=refusal.status)


class _Server:
    def __init__(self, world: World, secret: str) -> None:
        self._world = world
        self._secret = secret
        self._tokens: set[str] = set()

    async def token(self, request: web.Request) -> web.Response:
        """Sign in with the client's secret."""
        form = await request.post()
        error = self._world.power.sign_in_error
        if not error and form.get("client_secret") != self._secret:
            error = "AADSTS7000215"
        if error:
            said = f"{error}: Invalid client. Trace ID: {TENANT} Correlation ID: {CLIENT}"
            body = {"error": "invalid_client", "error_description": said, "error_codes": [7000215]}
            return web.json_response(body, status=401)
        made = secrets.token_urlsafe(16)
        self._tokens.add(made)
        return web.json_response(
            {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
             "access_token": made}
        )  # fmt: skip

    @property
    def signed_in(self) -> Any:
        """Whoever is not signed in is refused, but for the sign-in itself."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if request.path.endswith("/token") or token in self._tokens:
                return await handler(request)
            body = error_body("InvalidAuthenticationToken", "The access token is invalid.")
            return web.json_response(body, status=401)

        return middleware

    async def cluster(self, request: web.Request) -> web.Response:
        """The managed cluster."""
        del request
        async with self._world.look("azure.cluster", SYSTEM):
            self._world.power.allow("read")
            return web.json_response(self._cluster())

    async def change(self, request: web.Request) -> web.Response:
        """Start or stop: accepted, and followed by the addresses in the headers."""
        verb = request.match_info["verb"]
        async with self._world.call(f"azure.{verb}", SYSTEM):
            power = self._world.power
            run = power.change(verb)
            base = (
                f"{request.url.origin()}/subscriptions/{SUBSCRIPTION}/providers"
                f"/Microsoft.ContainerService/locations/{power.location}"
            )
            signed = f"{run.id}?api-version=2016-03-30&t=1&c={'A%2Bb' * 500}&s=x%2Fy%3D&h=z"
            headers = {"Location": f"{base}/operationresults/{signed}"}
            if not power.location_only:
                headers["Azure-AsyncOperation"] = f"{base}/operations/{signed}"
            return web.Response(status=202, headers=headers)

    async def operation(self, request: web.Request) -> web.Response:
        """How an operation stands. The address must come back exactly as it was given."""
        async with self._world.look("azure.operation", SYSTEM):
            run = self._run(request)
            body: dict[str, Any] = {"name": run.id, "status": run.status, "startTime": run.started}
            if run.ended:
                body["endTime"] = run.ended
            if run.error:
                body["error"] = dict(zip(("code", "message"), run.error, strict=True))
            return web.json_response(body)

    async def result(self, request: web.Request) -> web.Response:
        """The older way to follow an operation."""
        async with self._world.look("azure.operation", SYSTEM):
            run = self._run(request)
            if run.status == FAILED and run.error:
                raise ArmRefusal(409, *run.error)
            return web.Response(status=202 if run.status == GOING_ON else 204)

    def _run(self, request: web.Request) -> Any:
        run = self._world.power.runs.get(request.match_info["id"])
        if run is None or "s=x%2Fy%3D" not in request.raw_path:
            raise ArmRefusal(404, "NotFound", "The entity was not found.")
        return run

    def _cluster(self) -> dict[str, Any]:
        power, issuer = self._world.power, self._world.custody.issuer
        state = {"code": power.state}
        pool = {
            "name": "system", "count": power.nodes, "vmSize": power.size, "mode": "System",
            "type": "VirtualMachineScaleSets", "enableAutoScaling": False, "powerState": state,
            "provisioningState": DONE, "orchestratorVersion": power.kubernetes,
            "currentOrchestratorVersion": power.kubernetes, "osType": "Linux", "osSKU": "Ubuntu",
        }  # fmt: skip
        return {
            "id": power.id,
            "name": power.name,
            "location": power.location,
            "type": "Microsoft.ContainerService/ManagedClusters",
            "sku": {"name": "Base", "tier": "Free"},
            "properties": {
                "provisioningState": power.provisioning,
                "powerState": state,
                "kubernetesVersion": power.kubernetes,
                "currentKubernetesVersion": power.kubernetes,
                "dnsPrefix": power.name,
                "fqdn": power.host,
                "agentPoolProfiles": [pool],
                "nodeResourceGroup": power.node_group,
                "oidcIssuerProfile": {"enabled": True, "issuerURL": issuer},
            },
        }
