"""The application that deploys Rocket.Chat: a view of the cluster's own laws."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from adapters.sim.argo_records import HOUSTON, Entry, Item, Outcome, Run, States
from adapters.sim.manifests import Manifest, key_of
from adapters.sim.workloads import Deployment
from bot.ports.applications import Done
from bot.ports.argocd import Health, Phase, Sync
from bot.ports.kubernetes import RolloutState

if TYPE_CHECKING:
    from adapters.sim.syncing import Syncing
    from adapters.sim.world import World

CHARTS = "https://rocketchat.github.io/helm-charts"
REPOSITORY = "https://git.fernhill.example/ops.git"


class Release:
    """The chart with the values of the repository."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cluster = world.cluster
        self._wanted: dict[str, list[Deployment]] = {}
        first = world.clock.now() - timedelta(days=3)
        self._first = Entry(0, first, (self._cluster.chart, self._cluster.revision))

    @property
    def name(self) -> str:
        return self._cluster.application

    @property
    def window_closed(self) -> bool:
        return self._cluster.window_closed

    @property
    def spec(self) -> Manifest:
        cluster = self._cluster
        automated = {"automated": {"prune": True, "selfHeal": True}} if cluster.automated else {}
        chart = {"repoURL": CHARTS, "chart": "rocketchat", "targetRevision": cluster.chart}
        values = {"repoURL": REPOSITORY, "targetRevision": cluster.follows, "ref": "values"}
        return {
            "metadata": {"name": cluster.application, "labels": {"app": "rocketchat"}},
            "spec": {
                "project": "default",
                "sources": [chart, values],
                "destination": {
                    "server": "https://aks-fernhill.example:443",
                    "namespace": cluster.namespace,
                },
                "syncPolicy": automated,
            },
        }

    @property
    def sync(self) -> Sync:
        return self._cluster.sync_shown

    @property
    def health(self) -> Health:
        return self._cluster.health

    @property
    def conditions(self) -> list[tuple[str, str]]:
        last = self.run
        if last and last.finished and last.phase is Phase.FAILED and not last.by:
            text = f"Failed last sync attempt to {list(last.revisions)}: {last.message}"
            return [("SyncError", text)]
        return []

    @property
    def compared(self) -> tuple[str, ...]:
        return (self._cluster.chart, self._cluster.noticed)

    @property
    def history(self) -> list[Entry]:
        done = [sync for sync in self._cluster.syncs if sync.phase is Phase.SUCCEEDED]
        return [self._first, *(self._entry(n, sync) for n, sync in enumerate(done, start=1))]

    @property
    def run(self) -> Run | None:
        syncs = self._cluster.syncs
        return self._run(syncs[-1]) if syncs else None

    @property
    def version(self) -> int:
        return self._cluster.version

    def states(self) -> list[States]:
        """Every Deployment there is or should be."""
        cluster = self._cluster
        live = {name: self._shown(found) for name, found in cluster.deployments.items()}
        if cluster.noticed not in self._wanted:
            self._wanted = {cluster.noticed: cluster.wanted(cluster.noticed)}
        wanted = {found.name: self._shown(found) for found in self._wanted[cluster.noticed]}
        return [
            States(key_of(shown), live.get(name), wanted.get(name), wanted.get(name))
            for name, shown in sorted((live | wanted).items())
        ]

    def items(self) -> list[Item]:
        """Every Deployment, judged."""
        return [self._item(state) for state in self.states()]

    def refresh(self, *, hard: bool = False) -> None:
        """Look at git; a hard refresh finds nothing more."""
        del hard
        self._cluster.refresh()

    def ask_sync(self, operation: str, *, prune: bool = False, by: str = HOUSTON) -> None:
        """Somebody asks for a sync."""
        del by
        self._cluster.ask_sync(operation, prune=prune)

    def terminate(self) -> None:
        """Somebody stops the running sync."""
        self._cluster.terminate()

    def _item(self, state: States) -> Item:
        live = self._cluster.deployments.get(state.key[3])
        health, message = _judged(live)
        even = state.live == state.target and live is not None
        return Item(
            state.key, "v1", Sync.SYNCED if even else Sync.OUT_OF_SYNC, health, message,
            extra=state.target is None,
        )  # fmt: skip

    def _shown(self, found: Deployment) -> Manifest:
        container: dict[str, Any] = {"name": found.container, "image": found.image}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": found.name, "namespace": self._cluster.namespace},
            "spec": {
                "replicas": found.replicas,
                "template": {"spec": {"containers": [container]}},
            },
        }

    def _entry(self, number: int, sync: Syncing) -> Entry:
        by = "" if sync.automated else HOUSTON
        return Entry(number, datetime.fromisoformat(sync.ended), sync.revisions, by)

    def _run(self, sync: Syncing) -> Run:
        applied: tuple[Outcome, ...] = ()
        if sync.phase is Phase.SUCCEEDED:
            applied = tuple(
                Outcome(state.key, Done.SYNCED, f"deployment.apps/{state.key[3]} configured")
                for state in self.states()
            )
        return Run(
            phase=sync.phase,
            message=sync.message,
            revisions=sync.revisions,
            started=datetime.fromisoformat(sync.started),
            operation=sync.operation,
            by="" if sync.automated else HOUSTON,
            prune=sync.prune,
            finished=sync.finished,
            ended=datetime.fromisoformat(sync.ended) if sync.ended else None,
            outcomes=applied,
        )


def _judged(live: Deployment | None) -> tuple[Health, str]:
    """As Argo CD judges a Deployment."""
    if live is None:
        return Health.MISSING, ""
    found = live.rollout("")
    if found.state is RolloutState.FAILED:
        return Health.DEGRADED, f'Deployment "{live.name}" {found.text}'
    if found.state is RolloutState.WAITING:
        return Health.PROGRESSING, f"Waiting for rollout to finish: {found.text}"
    return Health.HEALTHY, ""
