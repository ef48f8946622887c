"""What the simulated Argo CD keeps of its applications, and what every one of them can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from adapters.sim.manifests import Key, Manifest
from bot.ports.applications import Done
from bot.ports.argocd import Health, Phase, Sync

HOUSTON = "houston"
"""Houston's account."""


@dataclass(frozen=True)
class Outcome:
    """What one sync did with one object."""

    key: Key
    done: Done
    message: str


@dataclass(frozen=True)
class Run:
    """One sync operation. `by` is empty for Argo CD itself; `revisions` are by source."""

    phase: Phase
    message: str
    revisions: tuple[str, ...]
    started: datetime
    operation: str = ""
    by: str = ""
    prune: bool = False
    finished: bool = False
    ended: datetime | None = None
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One line of an application's history."""

    id: int
    at: datetime
    revisions: tuple[str, ...]
    by: str = ""


@dataclass(frozen=True)
class Item:
    """One object as an application sees it."""

    key: Key
    version: str
    sync: Sync
    health: Health | None
    message: str = ""
    extra: bool = False
    wave: int = 0


@dataclass(frozen=True)
class States:
    """One object as it runs, as git asks for it, and as it would be after a sync."""

    key: Key
    live: Manifest | None
    target: Manifest | None
    predicted: Manifest | None


class Managed(Protocol):
    """An application of the simulated Argo CD, whatever it is made of."""

    @property
    def spec(self) -> Manifest: ...
    @property
    def name(self) -> str: ...
    @property
    def window_closed(self) -> bool: ...
    @property
    def sync(self) -> Sync: ...
    @property
    def health(self) -> Health: ...
    @property
    def conditions(self) -> list[tuple[str, str]]: ...
    @property
    def compared(self) -> tuple[str, ...]: ...
    @property
    def history(self) -> list[Entry]: ...
    @property
    def run(self) -> Run | None: ...
    @property
    def version(self) -> int: ...
    def items(self) -> list[Item]: ...
    def states(self) -> list[States]: ...
    def refresh(self, *, hard: bool = False) -> None: ...
    def ask_sync(self, operation: str, *, prune: bool = False, by: str = HOUSTON) -> None: ...
    def terminate(self) -> None: ...
