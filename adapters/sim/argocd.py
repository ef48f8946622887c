"""The Argo CD port over the simulated world."""

from __future__ import annotations

from datetime import datetime

from adapters.sim.world import World
from bot.errors import Busy, Conflict, Missing
from bot.ports.argocd import Application, Source, SyncRun

SYSTEM = "Argo CD"
VERSION = "v3.1.9+8665140"
CHARTS = "https://rocketchat.github.io/helm-charts"
REPOSITORY = "https://git.fernhill.example/ops.git"


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
        async with self._world.look("argocd.refresh", SYSTEM):
            self._application(name)
            await self._world.pause(1.0)
            self._world.cluster.refresh()
            return self._application(name)

    async def sync(self, name: str, operation: str) -> None:
        """See the port."""
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

    async def version(self) -> str:
        """See the port."""
        async with self._world.look("argocd.version", SYSTEM):
            return VERSION

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
            sync=cluster.sync,
            health=cluster.health,
            sources=(
                Source(CHARTS, cluster.chart, cluster.chart, "rocketchat"),
                Source(REPOSITORY, cluster.follows, cluster.revision),
            ),
            automated=cluster.automated,
            run=run,
            resource_version=str(cluster.version),
        )
