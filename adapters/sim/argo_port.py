"""A call to the simulated Argo CD, with its refusals as the port's errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.argocd_call import asking
from adapters.argocd_read import SYSTEM
from adapters.sim.argo_call import NotArgoCD, Refusal
from adapters.sim.argo_fleet import Front
from adapters.sim.world import World
from bot.errors import AdapterError, Denied, Invalid, Missing, Unavailable

_INSTEAD = {
    Front.LOGIN_PAGE: "200 with something else than JSON: Sign in (a page for people)",
    Front.GRPC_ONLY: "200 in gRPC where JSON was asked for",
    Front.CLOSED: "argocd.fernhill.example:443 refuses the connection",
}


@asynccontextmanager
async def reading(world: World, call: str) -> AsyncIterator[None]:
    """A call that changes nothing."""
    async with asking(), world.look(call, SYSTEM), _named():
        yield


@asynccontextmanager
async def changing(world: World, call: str) -> AsyncIterator[None]:
    """A call that changes something; its answer can be lost."""
    async with asking(), world.call(call, SYSTEM), _named():
        yield


@asynccontextmanager
async def _named() -> AsyncIterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise _error(refusal) from None
    except NotArgoCD as other:
        raise Unavailable(SYSTEM, _INSTEAD[other.front]) from None


def _error(refusal: Refusal) -> AdapterError:
    said = f"{refusal.status} {refusal.text}"
    match refusal.status:
        case 401 | 403:
            return Denied(SYSTEM, said)
        case 404:
            return Missing(SYSTEM, said)
        case _:
            return Invalid(SYSTEM, said)
