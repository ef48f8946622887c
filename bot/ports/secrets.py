"""What Houston needs of Secrets: their names, keys and ages. Values are never asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.ports.pods import Condition, Owner


@dataclass(frozen=True)
class Secret:
    """A Secret without its values.

    `keys` are the names of its keys, from the record of who manages which field; None when the
    server keeps no such record. `changed` is when a value was last written.
    """

    namespace: str
    name: str
    created: datetime
    changed: datetime
    resource_version: str
    keys: frozenset[str] | None = None
    owner: Owner | None = None


@dataclass(frozen=True)
class ExternalSecret:
    """An ExternalSecret. `target` is the Secret it writes, `remote` the store's name of each key.

    `refreshed` is when it last wrote; `interval` None means that it is never refreshed by itself.
    """

    namespace: str
    name: str
    target: str
    store: str
    interval: timedelta | None
    remote: tuple[tuple[str, str], ...]
    refreshed: datetime | None = None
    ready: Condition | None = None


@dataclass(frozen=True)
class SecretStore:
    """A ClusterSecretStore. `vault` is the address of its Azure Key Vault, empty for others."""

    name: str
    vault: str = ""
    tenant: str = ""
    ready: Condition | None = None


class Secrets(Protocol):
    """Secrets of one cluster. Every method may raise Unavailable or Denied."""

    async def secret(self, namespace: str, name: str) -> Secret:
        """Raises Missing."""
        ...

    async def secrets(self, namespace: str) -> list[Secret]:
        """Every Secret, by name. Raises Denied where Houston may only see the named ones."""
        ...

    async def external_secrets(self, namespace: str | None = None) -> list[ExternalSecret]:
        """By namespace and name. Raises Missing when the operator is not installed."""
        ...

    async def stores(self) -> list[SecretStore]:
        """Every ClusterSecretStore. Raises Missing when the operator is not installed."""
        ...

    async def refresh(self, namespace: str, name: str, at: datetime) -> None:
        """Make the operator read the ExternalSecret's values again; done when `refreshed` moves.

        The same `at` twice is one refresh. Raises Missing, UnknownOutcome.
        """
        ...
