"""What Houston needs of image registries and of Rocket.Chat's release information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Registry(Protocol):
    """Every image registry that is configured, chosen by the image's name."""

    async def digest(self, repository: str, tag: str) -> str | None:
        """The digest of `repository:tag`, None when the registry says there is none.

        `repository` is the full name: `registry.rocket.chat/rocketchat/rocket.chat`, or
        `rocketchat/presence-service` for Docker Hub. Raises Unavailable when the registry cannot
        be asked, Denied when the image is not visible to us: neither means missing.
        """
        ...

    async def reachable(self) -> dict[str, str]:
        """Each registry host that images may come from, with `ok` or what is wrong."""
        ...


@dataclass(frozen=True)
class Release:
    """A published release. `mongodb` are the MongoDB versions it runs on, such as `7.0`."""

    version: str
    mongodb: tuple[str, ...]


class Releases(Protocol):
    """Rocket.Chat's release information. Every method may raise Unavailable."""

    async def release(self, version: str) -> Release | None:
        """What is known of a version; None when it was never released. `latest` is the newest."""
        ...
