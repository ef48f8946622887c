"""The simulated Argo CD: its applications, and the laws of refresh, sync, prune and history.

Which applications there are is what the repository says. Laws: a refresh compares with the newest
commit; an automated application syncs by itself once a commit; a sync takes its time, goes wave by
wave, fails when the cluster refuses an object, deletes only with prune, and is noted in the
history.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from adapters.sim import manifests
from adapters.sim.applied import applied, pruned
from adapters.sim.argo_records import HOUSTON, Entry, Item, Outcome, Run, States
from adapters.sim.manifests import Key, Manifest
from bot.errors import Missing
from bot.ports.applications import Done
from bot.ports.argocd import Health, Phase, Sync

if TYPE_CHECKING:
    from adapters.sim.world import World

_AUTOMATED = 3.0
_STOPS = 1.0
_KEPT = 10
_WORST = (Health.HEALTHY, Health.SUSPENDED, Health.PROGRESSING, Health.MISSING, Health.DEGRADED)
_JUDGED = {"Deployment", "StatefulSet", "DaemonSet", "Job", "Service", "PersistentVolumeClaim",
           "ExternalSecret", "ClusterSecretStore", "Ingress"}  # fmt: skip


@dataclass
class Application:
    """An application made from a folder of the repository, or from a chart.

    `live` is what it has applied and still runs. `ailing` says which objects are not healthy, and
    why. `refusals` are objects the cluster does not take, and its reason. `broken` is why the
    comparison fails, empty when it does not. `sync_seconds` is how long a sync takes.
    """

    spec: Manifest
    world: World
    live: dict[Key, Manifest] = field(default_factory=dict)
    ailing: dict[Key, tuple[Health, str]] = field(default_factory=dict)
    refusals: dict[Key, str] = field(default_factory=dict)
    broken: str = ""
    sync_seconds: float = 4.0
    window_closed: bool = False
    noticed: str = ""
    runs: list[Run] = field(default_factory=list)
    history: list[Entry] = field(default_factory=list)
    _targets: dict[str, dict[Key, Manifest]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name: str = self.spec["metadata"]["name"]
        self.noticed = self.world.remote.head()
        self.live = dict(self.target())
        now = self.world.clock.now()
        self.history = [Entry(0, now - timedelta(days=3, hours=1), self.compared)]

    @property
    def version(self) -> int:
        return 100 + len(self.runs) * 10 + len(self.history)

    @property
    def automated(self) -> bool:
        found = (self.spec["spec"].get("syncPolicy") or {}).get("automated")
        return found is not None and found.get("enabled") is not False

    def pause(self) -> None:
        """Somebody switches automation off."""
        self.spec["spec"]["syncPolicy"]["automated"]["enabled"] = False

    @property
    def sources(self) -> list[dict[str, Any]]:
        """The spec's sources, whether it has one or several."""
        spec = self.spec["spec"]
        return list(spec.get("sources") or [spec["source"]])

    @property
    def compared(self) -> tuple[str, ...]:
        return tuple(
            str(source["targetRevision"]) if source.get("chart") else self.noticed
            for source in self.sources
        )

    @property
    def run(self) -> Run | None:
        return self.runs[-1] if self.runs else None

    @property
    def busy(self) -> bool:
        return self.run is not None and not self.run.finished

    @property
    def failure(self) -> str:
        """Why Argo CD cannot compare, empty when it can."""
        try:
            self.target()
        except Missing as error:
            return error.message.removeprefix("Argo CD: ")
        return self.broken

    @property
    def conditions(self) -> list[tuple[str, str]]:
        found = [("ComparisonError", self.failure)] if self.failure else []
        run = self.run
        if run and run.finished and run.phase is Phase.FAILED and run.by == "":
            text = f"Failed last sync attempt to {list(run.revisions)}: {run.message}"
            found.append(("SyncError", text))
        return found

    @property
    def sync(self) -> Sync:
        if self.failure:
            return Sync.UNKNOWN
        even = all(item.sync is Sync.SYNCED for item in self.items())
        return Sync.SYNCED if even else Sync.OUT_OF_SYNC

    @property
    def health(self) -> Health:
        if self.failure:
            return Health.UNKNOWN
        found = [item.health for item in self.items() if item.health]
        return max(found, key=_WORST.index, default=Health.HEALTHY)

    def target(self) -> dict[Key, Manifest]:
        """What git asks for at the newest commit that was noticed. Raises Missing."""
        if self.noticed not in self._targets:
            namespace = self.spec["spec"]["destination"].get("namespace", "default")
            found: dict[Key, Manifest] = {}
            for source in self.sources:
                found |= self._made(source, namespace)
            self._targets[self.noticed] = found
        return self._targets[self.noticed]

    def _made(self, source: dict[str, Any], namespace: str) -> dict[Key, Manifest]:
        if source.get("chart"):
            release = (source.get("helm") or {}).get("releaseName") or source["chart"]
            version = str(source["targetRevision"])
            return manifests.of_chart(source["chart"], version, release, namespace)
        if not source.get("path"):
            return {}
        return manifests.of_folder(self.world.remote, self.noticed, source["path"], namespace)

    def states(self) -> list[States]:
        """Every object there is or should be."""
        wanted = self.live if self.failure else self.target()
        return [
            States(key, self.live.get(key), wanted.get(key), _after(self.live.get(key), made))
            for key in sorted({*wanted, *self.live})
            for made in (wanted.get(key),)
        ]

    def items(self) -> list[Item]:
        """Every object, judged."""
        return [self._item(state) for state in self.states()]

    def _item(self, state: States) -> Item:
        version = str((state.live or state.target or {}).get("apiVersion", "v1"))
        extra = state.target is None and not self.failure
        even = state.live is not None and not extra and state.live == state.predicted
        health, message = self.ailing.get(state.key, (Health.HEALTHY, ""))
        if state.live is None:
            health, message = Health.MISSING, ""
        judged = state.key[1] in _JUDGED or health is not Health.HEALTHY
        return Item(
            key=state.key,
            version=version.rpartition("/")[2],
            sync=Sync.SYNCED if even else Sync.OUT_OF_SYNC,
            health=health if judged else None,
            message=message,
            extra=extra,
            wave=_wave(state),
        )

    def refresh(self, *, hard: bool = False) -> None:
        """Argo CD looks at git; hard, it forgets what it made of this commit before."""
        self.noticed = self.world.remote.head()
        if hard:
            self._targets.pop(self.noticed, None)
        if self.automated and self.sync is Sync.OUT_OF_SYNC and not self._tried():
            self.world.begin(self._by_itself(self.noticed))

    def ask_sync(self, operation: str, *, prune: bool = False, by: str = HOUSTON) -> None:
        """Somebody asks for a sync. Only when not `busy`."""
        now = self.world.clock.now()
        text = "one or more tasks are running"
        self.runs.append(Run(Phase.RUNNING, text, self.compared, now, operation, by, prune))
        self.world.begin(self._carry_out(len(self.runs) - 1))

    def terminate(self) -> None:
        """Somebody stops the running sync. Only when `busy`."""
        index = len(self.runs) - 1
        self._note(index, phase=Phase.TERMINATING, message="operation is terminating")
        self.world.begin(self._stop(index))

    def _tried(self) -> bool:
        """A sync that failed is not repeated by itself for the same commit."""
        return any(run.revisions == self.compared for run in self.runs if run.by == "")

    async def _by_itself(self, commit: str) -> None:
        await self.world.pause(_AUTOMATED)
        while self.busy:
            await self.world.pause(1.0)
        if self.noticed == commit and self.sync is Sync.OUT_OF_SYNC and not self._tried():
            automated = self.spec["spec"]["syncPolicy"]["automated"]
            self.ask_sync("", prune=bool(automated.get("prune")), by="")

    async def _stop(self, index: int) -> None:
        await self.world.pause(_STOPS)
        self._end(index, Phase.FAILED, "Operation terminated")

    async def _carry_out(self, index: int) -> None:
        """Wave after wave: the next begins when the objects of the one before are healthy."""
        waves = sorted({_wave(state) for state in self.states()})
        for wave in waves:
            await self.world.pause(self.sync_seconds / len(waves))
            run = self.runs[index]
            if run.phase is not Phase.RUNNING:
                return
            if self.failure:
                self._end(index, Phase.ERROR, f"ComparisonError: {self.failure}")
                return
            here = [state for state in self.states() if _wave(state) == wave]
            outcomes = [self._applied(state, run.prune) for state in here]
            self._note(index, outcomes=(*run.outcomes, *outcomes))
            refused = [outcome for outcome in outcomes if outcome.done is Done.FAILED]
            if refused:
                text = f"one or more objects failed to apply, reason: {refused[0].message}"
                self._end(index, Phase.FAILED, text)
                return
        self._succeeded(index)

    def _succeeded(self, index: int) -> None:
        run = self.runs[index]
        self._end(index, Phase.SUCCEEDED, "successfully synced (all tasks run)")
        number = self.history[-1].id + 1 if self.history else 0
        entry = Entry(number, self.world.clock.now(), run.revisions, run.by)
        self.history = [*self.history, entry][-_KEPT:]

    def _applied(self, state: States, prune: bool) -> Outcome:
        kind = state.key[1].lower()
        if state.predicted is None and not prune:
            return Outcome(state.key, Done.SKIPPED, "ignored (requires pruning)")
        if state.predicted is None:
            del self.live[state.key]
            pruned(self.world, state.key)
            self.ailing.pop(state.key, None)
            return Outcome(state.key, Done.PRUNED, "pruned")
        refusal = self.refusals.get(state.key)
        if refusal:
            return Outcome(state.key, Done.FAILED, refusal)
        word = "created" if state.live is None else "configured"
        if state.live == state.predicted:
            word = "unchanged"
        else:
            applied(self.world, state.predicted)
        self.live[state.key] = state.predicted
        return Outcome(state.key, Done.SYNCED, f"{kind}/{state.key[3]} {word}")

    def _end(self, index: int, phase: Phase, message: str) -> None:
        now = self.world.clock.now()
        self._note(index, phase=phase, message=message, finished=True, ended=now)

    def _note(self, index: int, **changed: Any) -> None:
        self.runs[index] = replace(self.runs[index], **changed)


def _wave(state: States) -> int:
    """When in a sync it is applied: lower ones first, 0 when nothing is said."""
    metadata = (state.target or state.live or {}).get("metadata") or {}
    return int((metadata.get("annotations") or {}).get("argocd.argoproj.io/sync-wave", 0))


def _after(live: Any, target: Any) -> Any:
    """What a sync makes of an object: git's fields win, what only the cluster has stays."""
    if live == target:
        return live
    if isinstance(live, dict) and isinstance(target, dict):
        return {**live, **{key: _after(live.get(key), value) for key, value in target.items()}}
    return target
