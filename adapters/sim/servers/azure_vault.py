"""The world's Key Vault and the identity that reads it, over HTTPS."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from adapters.sim.azure import SYSTEM
from adapters.sim.power import ArmRefusal
from adapters.sim.world import World

_PAGE = 3


def add_to(app: web.Application, world: World) -> None:
    """Serve the vault's list of secrets, the identity and its federated credentials.

    A secret's own address is not served: it would give the value.
    """
    server = _Server(world)
    app.router.add_get("/secrets", server.secrets)
    app.router.add_get(world.custody.path, server.identity)
    app.router.add_get(f"{world.custody.path}/federatedIdentityCredentials", server.federations)


class _Server:
    def __init__(self, world: World) -> None:
        self._world = world

    async def secrets(self, request: web.Request) -> web.Response:
        """A page of names and attributes."""
        async with self._world.look("vault.secrets", SYSTEM):
            try:
                found = self._world.custody.secrets()
            except ArmRefusal as refusal:
                return web.json_response(_forbidden(refusal), status=refusal.status)
            start = int(request.query.get("$skiptoken", "0"))
            following = request.url.update_query({"$skiptoken": str(start + _PAGE)})
            more = start + _PAGE < len(found)
            return web.json_response(
                {
                    "value": found[start : start + _PAGE],
                    "nextLink": str(following) if more else None,
                }
            )

    async def identity(self, request: web.Request) -> web.Response:
        """The identity."""
        del request
        async with self._world.look("identity.get", SYSTEM):
            return web.json_response(self._world.custody.shown())

    async def federations(self, request: web.Request) -> web.Response:
        """Its federated credentials, in no order."""
        del request
        async with self._world.look("identity.get", SYSTEM):
            return web.json_response({"value": self._world.custody.trusted()})


def _forbidden(refusal: ArmRefusal) -> dict[str, Any]:
    """As Key Vault writes it: the reason stands inside."""
    inner = {"code": refusal.code}
    return {"error": {"code": "Forbidden", "message": refusal.message, "innererror": inner}}
