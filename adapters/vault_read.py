"""Key Vault's and the identity's JSON in the bot's words. Pure; a value is never in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.errors import Unavailable
from bot.ports.vault import Federation, ReadingIdentity, VaultSecret

SYSTEM = "Azure"
Read = TypeVar("Read")


def read_secret(payload: Any) -> VaultSecret:
    """From an element of the vault's list; its id ends in the name."""
    attributes = payload.get("attributes") or {}
    return VaultSecret(
        name=str(payload["id"]).rstrip("/").rpartition("/")[2],
        enabled=bool(attributes.get("enabled", True)),
        expires=_moment(attributes.get("exp")),
        updated=_moment(attributes.get("updated")),
    )


def read_identity(payload: Any) -> ReadingIdentity:
    """From Azure's JSON."""
    properties = payload["properties"]
    return ReadingIdentity(
        str(payload["name"]), str(properties["clientId"]), str(properties["tenantId"])
    )


def read_federation(payload: Any) -> Federation:
    """From Azure's JSON; newer versions may leave the subject out."""
    properties = payload["properties"]
    subject = properties.get("subject")
    return Federation(
        name=str(payload["name"]),
        issuer=str(properties.get("issuer") or ""),
        subject=None if subject is None else str(subject),
        audiences=tuple(str(audience) for audience in properties.get("audiences") or ()),
    )


def read_issuer(payload: Any) -> str:
    """From the managed cluster; Azure has spelled the key in two ways."""
    profile = payload["properties"].get("oidcIssuerProfile") or {}
    return str(profile.get("issuerURL") or profile.get("issuerUrl") or "")


def each(found: Sequence[Any], read: Callable[[Any], Read]) -> list[Read]:
    """Every element, read. Raises Unavailable for what is none."""
    try:
        return [read(payload) for payload in found]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unavailable(
            SYSTEM, "an answer in a shape nobody knows", "A proxy may stand in between"
        ) from None


def _moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
