"""Where secrets come from, which must be there, and where git names what Azure has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.ports.git import Document
from bot.scalar import KeyPath


@dataclass(frozen=True)
class Spot:
    """One scalar in the repository, and the application that deploys its file."""

    path: str
    key: KeyPath
    application: str
    document: Document = ()
    inside: KeyPath = ()


@dataclass(frozen=True)
class Custody:
    """From the configuration.

    `vault` is the Key Vault's address, empty when Houston does not look at it. `required` are the
    keys each Secret must have, by `namespace/name`; of those in `advisory` only a note is made.
    `otherwise` are Secrets that something else than the operator manages. `client`, `tenant` and
    `address` are where git has the identity's client id, the tenant and the vault's address.
    `searched` are files and folders in which placeholders and credentials are looked for.
    """

    vault: str
    store: str
    subject: str
    audience: str
    required: Mapping[str, tuple[str, ...]]
    advisory: tuple[str, ...]
    otherwise: tuple[str, ...]
    operator: str
    operator_application: str
    application: str
    client: Spot
    tenant: Spot
    address: Spot
    searched: tuple[str, ...]
    placeholders: tuple[str, ...]
