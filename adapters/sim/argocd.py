"""The Argo CD port over the simulated world."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from adapters.argocd_read import SYSTEM, read_application
from adapters.sim import argo_call, argo_json
from adapters.sim.argo_port import changing, reading
from adapters.sim.world import World
from bot.errors import AdapterError, Unavailable, UnknownOutcome
from bot.ports.argocd import Application

VERSION = "v3.1.9+8665140"
REFRESH_LIMIT = 40.0
"""Simulated seconds after which a refresh is not waited for."""

__all__ = ["REFRESH_LIMIT", "SYSTEM", "VERSION", "SimArgoCD"]


class SimArgoCD:
    """One application of the world at a time."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def application(self, name: str) -> Application:
        """See the port."""
        async with reading(self._world, "argocd.get"):
            found = argo_call.seen(self._world, name)
            return read_application(argo_json.application(found, self._world))

    async def refresh(self, name: str, *, hard: bool = False) -> Application:
        """See the port."""
        looking = self._world.begin(self._look_at_git(name, hard=hard))
        await asyncio.wait({looking}, timeout=REFRESH_LIMIT / self._world.speed)
        if looking.done():
            with suppress(Unavailable):
                looking.result()
        return await self.application(name)

    async def sync(self, name: str, operation: str, *, prune: bool = False) -> None:
        """See the port."""
        if await self._ours(name, operation):
            return
        try:
            async with changing(self._world, "argocd.sync"):
                argo_call.sync(self._world, name, operation, prune=prune)
        except UnknownOutcome as lost:
            if not await self._arrived(name, operation):
                raise lost from None

    async def version(self) -> str:
        """See the port."""
        async with reading(self._world, "argocd.version"):
            argo_call.reached(self._world)
            return VERSION

    async def _look_at_git(self, name: str, *, hard: bool) -> None:
        async with reading(self._world, "argocd.refresh"):
            found = argo_call.seen(self._world, name)
            await self._world.pause(1.0)
            found.refresh(hard=hard)

    async def _ours(self, name: str, operation: str) -> bool:
        run = (await self.application(name)).run
        return run is not None and run.operation == operation

    async def _arrived(self, name: str, operation: str) -> bool:
        try:
            return await self._ours(name, operation)
        except AdapterError:
            return False
