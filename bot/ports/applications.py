"""What Houston needs of Argo CD to show every application, and what is inside one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.ports.argocd import Application, Health, Sync


@dataclass(frozen=True)
class Thing:
    """What one object of a cluster is called. `namespace` is empty for what has none."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


@dataclass(frozen=True)
class Resource:
    """One object an application manages. `health` is None for kinds that have none.

    `extra` says that git does not ask for it any more: only a sync with prune removes it.
    """

    thing: Thing
    sync: Sync
    health: Health | None = None
    message: str = ""
    extra: bool = False


class Done(StrEnum):
    """What the last sync did with one object."""

    SYNCED = "Synced"
    FAILED = "SyncFailed"
    PRUNED = "Pruned"
    SKIPPED = "PruneSkipped"
    PENDING = ""


@dataclass(frozen=True)
class Result:
    """One object in the last sync. `message` is the cluster's own, such as why it refused it."""

    thing: Thing
    done: Done
    message: str = ""


@dataclass(frozen=True)
class Deployed:
    """One entry of an application's history. `revisions` are in the order of its sources.

    `by` is the account that asked for it, empty when Argo CD did so by itself or did not note it.
    """

    id: int
    at: datetime
    revisions: tuple[str, ...]
    by: str = ""


@dataclass(frozen=True)
class Detail:
    """An application with what is inside. `history` has the newest entry first.

    `reconciled` is when Argo CD last compared it: all of this is as old as that.
    """

    application: Application
    resources: tuple[Resource, ...] = ()
    results: tuple[Result, ...] = ()
    history: tuple[Deployed, ...] = ()
    reconciled: datetime | None = None


class Fate(StrEnum):
    """What a sync does with an object that is not as git wants it."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    """Only with prune."""


@dataclass(frozen=True)
class Change:
    """One object that is not as git wants it.

    `diff` is a unified diff of its YAML, from what runs to what git asks for, as Argo CD compares
    them. It is empty for Secrets and ConfigMaps, of which only the changed `fields` are told.
    """

    thing: Thing
    fate: Fate
    fields: tuple[str, ...] = ()
    diff: str = ""


@dataclass(frozen=True)
class Revision:
    """A commit as Argo CD knows it. `author` is a name, without the address."""

    subject: str
    author: str
    at: datetime


class Applications(Protocol):
    """The Argo CD server's applications. Every method may raise Unavailable or Denied."""

    async def applications(self) -> list[Application]:
        """Every application Houston's account may see, by name; none without the right."""
        ...

    async def detail(self, name: str) -> Detail:
        """Raises Missing."""
        ...

    async def changes(self, name: str) -> list[Change]:
        """What a sync with prune would change, by namespace, kind and name. Raises Missing."""
        ...

    async def revision(self, name: str, source: int, revision: str) -> Revision:
        """What is known of a commit of the application's source number `source`, from 0.

        Raises Missing, Invalid when Argo CD cannot resolve it.
        """
        ...

    async def terminate(self, name: str) -> None:
        """Stop the running sync; returns when accepted. Raises Conflict when none runs, Missing."""
        ...

    async def account(self) -> str:
        """Who Houston is to Argo CD; empty when it knows nobody by this token."""
        ...
