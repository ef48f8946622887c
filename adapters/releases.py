"""Rocket.Chat's release information."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from adapters.http import JsonClient
from bot.errors import Missing, Unavailable
from bot.ports.registry import Release


class HttpReleases:
    """The vendor's release service."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    async def release(self, version: str) -> Release | None:
        """See the port."""
        try:
            payload = await self._client.get(f"/{quote(version, safe='')}/info")
        except Missing:
            return None
        return read_release(payload, version)


def read_release(payload: Any, version: str) -> Release:
    """From the vendor's JSON; what it leaves out is unknown, not wrong.

    Raises Unavailable when it is no release at all.
    """
    if not isinstance(payload, dict):
        raise Unavailable("Rocket.Chat releases", "an answer that is no release", "Try again later")
    mongodb = payload.get("compatibleMongoVersions") or ()
    return Release(str(payload.get("tag") or version), tuple(str(series) for series in mongodb))
