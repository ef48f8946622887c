"""What Houston needs of the Key Vault and of the identity that reads it: never a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class VaultSecret:
    """One secret of the vault, without its value. `expires` is None when it never does."""

    name: str
    enabled: bool = True
    expires: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True)
class ReadingIdentity:
    """The managed identity by which the operator reads the vault."""

    name: str
    client: str
    tenant: str


@dataclass(frozen=True)
class Federation:
    """One federated credential: whose tokens the identity trusts.

    `subject` is None when Azure matches it by an expression, which cannot be judged here.
    """

    name: str
    issuer: str
    subject: str | None
    audiences: tuple[str, ...]


class Vault(Protocol):
    """The one Key Vault that is configured. Every method may raise Unavailable or Denied."""

    async def secrets(self) -> list[VaultSecret]:
        """Every secret by name; deleted ones are not among them."""
        ...


class Identities(Protocol):
    """Who may read the vault. Every method may raise Unavailable or Denied."""

    async def identity(self) -> ReadingIdentity:
        """The managed identity that is configured. Raises Missing."""
        ...

    async def federations(self) -> list[Federation]:
        """Its federated credentials, by name. Raises Missing without the identity."""
        ...

    async def issuer(self) -> str:
        """The cluster's own OIDC issuer, to the letter; empty when it has none."""
        ...
