"""What Houston needs of Argo CD."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Sync(StrEnum):
    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


class Health(StrEnum):
    HEALTHY = "Healthy"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"
    SUSPENDED = "Suspended"
    MISSING = "Missing"
    UNKNOWN = "Unknown"


class Phase(StrEnum):
    RUNNING = "Running"
    TERMINATING = "Terminating"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ERROR = "Error"


@dataclass(frozen=True)
class Source:
    """One source of an application. `chart` is empty for git; `revision` is what is deployed:
    a commit for git, a version for a chart, empty when never synced. `compared` is the newest one
    Argo CD has looked at: what a sync would deploy."""

    repository: str
    target_revision: str
    revision: str
    chart: str = ""
    compared: str = ""


class Stage(StrEnum):
    """The phases of one sync, in their order; the last only after a failure. Hooks run before and
    after the objects themselves."""

    PRE_SYNC = "PreSync"
    SYNC = "Sync"
    POST_SYNC = "PostSync"
    SYNC_FAIL = "SyncFail"


@dataclass(frozen=True)
class Progress:
    """How far a running sync is: `done` of `total` objects, or hooks, of the stage it is in.

    The objects of the stage `Sync` are those of `wave`, one of `waves` in their order. Of hooks
    only those that have begun are known, and not their waves: `waves` is empty there.
    """

    stage: Stage
    done: int
    total: int
    wave: int = 0
    waves: tuple[int, ...] = ()

    def __str__(self) -> str:
        """`Sync, wave 1 of 0, 1, 5: 2 of 4 objects applied`."""
        if self.stage is not Stage.SYNC:
            return f"{self.stage}: {self.done} of {self.total} hooks done"
        waves = ", ".join(map(str, self.waves))
        where = f", wave {self.wave} of {waves}" if len(self.waves) > 1 else ""
        return f"{self.stage}{where}: {self.done} of {self.total} objects applied"


@dataclass(frozen=True)
class SyncRun:
    """The application's current or last sync. `operation` is the id Houston put into it, if any.

    `finished` is true only when it will not be retried any more; `ended` is when it, or its latest
    try, did. `by` is the account that asked for it, empty for Argo CD itself. `progress` is None
    where nothing was begun, and when it is over.
    """

    phase: Phase
    message: str
    finished: bool
    started: datetime | None
    operation: str = ""
    revisions: tuple[str, ...] = ()
    ended: datetime | None = None
    by: str = ""
    progress: Progress | None = None

    @property
    def told(self) -> str:
        """What a running sync is at: its progress, and Argo CD's own words."""
        return "; ".join(filter(None, (str(self.progress or ""), self.message)))


@dataclass(frozen=True)
class Application:
    """`deployed` is when the last sync succeeded, None when none ever has."""

    name: str
    sync: Sync
    health: Health
    sources: tuple[Source, ...]
    automated: bool
    run: SyncRun | None = None
    conditions: tuple[str, ...] = ()
    resource_version: str = ""
    deployed: datetime | None = None

    @property
    def git(self) -> Source | None:
        """The git source, the one whose revision is a commit."""
        return next((source for source in self.sources if not source.chart), None)

    @property
    def busy(self) -> bool:
        return self.run is not None and not self.run.finished

    @property
    def well(self) -> bool:
        """Synced and healthy, and the last sync did not fail."""
        failed = self.run is not None and self.run.phase in {Phase.FAILED, Phase.ERROR}
        return self.sync is Sync.SYNCED and self.health is Health.HEALTHY and not failed


class ArgoCD(Protocol):
    """The Argo CD server. Every method may raise Unavailable or Denied."""

    async def application(self, name: str) -> Application:
        """Raises Missing."""
        ...

    async def refresh(self, name: str, *, hard: bool = False) -> Application:
        """Ask Argo CD to look at git again, and wait at most the time limit for its answer.

        `hard` drops its cache of manifests too.
        When the limit passes first, gives the application as it is: the refresh still happens.
        Raises Missing.
        """
        ...

    async def sync(self, name: str, operation: str, *, prune: bool = False) -> None:
        """Ask for a sync; returns when accepted, not when done. Names no revision.

        `prune` also deletes what git does not ask for any more.
        `operation` is stored in the request; asking twice with the same id is one sync.
        Raises Busy when another sync is running, Missing, Conflict when a sync window forbids it.
        """
        ...

    async def version(self) -> str:
        """The server's version, `v3.5.1+…`. Needs no right beyond reaching it."""
        ...
