"""The Argo CD port over the simulated world."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

from adapters.sim.world import World
from bot.errors import AdapterError, Busy, Conflict, Missing, Unavailable, UnknownOutcome
from bot.ports.argocd import Application, Source, SyncRun

SYSTEM = "Argo CD"
VERSION = "v3.1.9+8665140"
CHARTS = "https://rocketchat.github.io/helm-charts"
REPOSITORY = "https://git.fernhill.example/ops.git"
REFRESH_LIMIT = 40.0
"""Simulated seconds after which a refresh is not waited for."""


class SimArgoCD:
    """The one application of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def application(self, name: str) -> Application:
        """See the port."""
        async with self._world.look("argocd.get", SYSTEM):
            return self._application(name)

    async def refresh(self, name: str) -> Application:
        """See the port."""
        looking = self._world.begin(self._look_at_git(name))
        await asyncio.wait({looking}, timeout=REFRESH_LIMIT / self._world.speed)
        if looking.done():
            with suppress(Unavailable):
                looking.result()
        return await self.application(name)

    async def sync(self, name: str, operation: str) -> None:
        """See the port."""
        try:
            await self._sync(name, operation)
        except UnknownOutcome as lost:
            if not await self._arrived(name, operation):
                raise lost from None

    async def version(self) -> str:
        """See the port."""
        async with self._world.look("argocd.version", SYSTEM):
            return VERSION

    async def _look_at_git(self, name: str) -> None:
        async with self._world.look("argocd.refresh", SYSTEM):
            self._application(name)
            await self._world.pause(1.0)
            self._world.cluster.refresh()

    async def _sync(self, name: str, operation: str) -> None:
        cluster = self._world.cluster
        async with self._world.call("argocd.sync", SYSTEM):
            self._application(name)
            if cluster.syncs and cluster.syncs[-1].operation == operation:
                return
            if cluster.window_closed:
                raise Conflict(
                    SYSTEM, "a sync window forbids syncs now", "Wait until the window ends"
                )
            if cluster.busy:
                raise Busy(SYSTEM, "another sync is running", "Wait until it has finished")
            cluster.ask_sync(operation)

    async def _arrived(self, name: str, operation: str) -> bool:
        try:
            run = (await self.application(name)).run
        except AdapterError:
            return False
        return run is not None and run.operation == operation

    def _application(self, name: str) -> Application:
        cluster = self._world.cluster
        if name != cluster.application:
            raise Missing(SYSTEM, f"there is no application {name}", "Check argocd.application")
        last = cluster.syncs[-1] if cluster.syncs else None
        run = None
        if last:
            run = SyncRun(
                last.phase,
                last.message,
                last.finished,
                datetime.fromisoformat(last.started),
                last.operation,
                last.revisions,
            )
        return Application(
            name=name,
            sync=cluster.sync_shown,
            health=cluster.health,
            sources=(
                Source(CHARTS, cluster.chart, cluster.chart, "rocketchat"),
                Source(REPOSITORY, cluster.follows, cluster.revision),
            ),
            automated=cluster.automated,
            run=run,
            resource_version=str(cluster.version),
        )
