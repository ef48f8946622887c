"""The applications port over the simulated world."""

from __future__ import annotations

from adapters.argocd_diff import read_changes
from adapters.argocd_read import (
    SYSTEM,
    read_application,
    read_applications,
    read_detail,
    read_revision,
)
from adapters.sim import argo_call, argo_json
from adapters.sim.argo_port import changing, reading
from adapters.sim.world import World
from bot.errors import AdapterError, Invalid, UnknownOutcome
from bot.ports.applications import Change, Detail, Revision
from bot.ports.argocd import Application, Phase


class SimApplications:
    """Every application of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def applications(self) -> list[Application]:
        """See the port."""
        async with reading(self._world, "argocd.list"):
            argo_call.known(self._world)
            return read_applications(argo_json.applications(self._world))

    async def detail(self, name: str) -> Detail:
        """See the port."""
        async with reading(self._world, "argocd.get"):
            found = argo_call.seen(self._world, name)
            return read_detail(argo_json.application(found, self._world))

    async def changes(self, name: str) -> list[Change]:
        """See the port."""
        async with reading(self._world, "argocd.resources"):
            found = argo_call.seen(self._world, name)
            return read_changes(argo_json.managed_resources(found))

    async def revision(self, name: str, source: int, revision: str) -> Revision:
        """See the port."""
        del source
        async with reading(self._world, "argocd.revision"):
            argo_call.seen(self._world, name)
            found = argo_json.revision(self._world, revision)
            if found is None:
                raise Invalid(SYSTEM, f"400 {argo_json.unresolved(revision)}")
            return read_revision(found)

    async def terminate(self, name: str) -> None:
        """See the port."""
        try:
            async with changing(self._world, "argocd.terminate"):
                argo_call.terminate(self._world, name)
        except UnknownOutcome as lost:
            if not await self._stopped(name):
                raise lost from None

    async def account(self) -> str:
        """See the port."""
        async with reading(self._world, "argocd.account"):
            argo_call.reached(self._world)
            return "" if self._world.argo.token else self._world.argo.account

    async def _stopped(self, name: str) -> bool:
        try:
            async with reading(self._world, "argocd.get"):
                found = argo_call.seen(self._world, name)
                run = read_application(argo_json.application(found, self._world)).run
        except AdapterError:
            return False
        return run is None or run.finished or run.phase is Phase.TERMINATING
