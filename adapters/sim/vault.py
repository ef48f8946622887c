"""The vault ports over the simulated world."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.sim.azure import SYSTEM, refusals
from adapters.sim.world import World
from adapters.vault_read import read_federation, read_identity, read_secret
from bot.ports.vault import Federation, ReadingIdentity, VaultSecret


class SimVault:
    """The world's Key Vault."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def secrets(self) -> list[VaultSecret]:
        """See the port."""
        async with _asked(self._world, "vault.secrets"):
            return [read_secret(found) for found in self._world.custody.secrets()]


class SimIdentities:
    """The identity that reads it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def identity(self) -> ReadingIdentity:
        """See the port."""
        async with _asked(self._world, "identity.get"):
            return read_identity(self._world.custody.shown())

    async def federations(self) -> list[Federation]:
        """See the port."""
        async with _asked(self._world, "identity.get"):
            found = [read_federation(one) for one in self._world.custody.trusted()]
        return sorted(found, key=lambda federation: federation.name)

    async def issuer(self) -> str:
        """See the port."""
        async with _asked(self._world, "azure.cluster"):
            self._world.power.allow("read")
            return self._world.custody.issuer


@asynccontextmanager
async def _asked(world: World, call: str) -> AsyncIterator[None]:
    async with world.look(call, SYSTEM):
        with refusals(world):
            yield
