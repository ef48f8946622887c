"""What Houston needs of image registries and of Rocket.Chat's release information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

_DOCKER_HUB = "registry-1.docker.io"


class Registry(Protocol):
    """Every image registry that is configured, chosen by the image's name."""

    async def digest(self, repository: str, tag: str) -> str | None:
        """The digest of `repository:tag`, None when the registry says there is none.

        `repository` is the full name: `registry.rocket.chat/rocketchat/rocket.chat`, or
        `rocketchat/presence-service` for Docker Hub. Raises Unavailable when the registry cannot
        be asked, Denied when the image is not visible to us: neither means missing.
        """
        ...

    async def tags(self, repository: str) -> list[str]:
        """Every tag of the image, in no order that could be relied on.

        Raises Missing when the registry says that there is no such image, Invalid when there are
        more than Houston reads, Unavailable and Denied as `digest` does.
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


def split(repository: str) -> tuple[str, str]:
    """Host and name of an image, by Docker's rules for names without a host."""
    first, _, rest = repository.partition("/")
    if not rest or not ("." in first or ":" in first or first == "localhost"):
        first, rest = "docker.io", repository
    if first != "docker.io":
        return first, rest
    return _DOCKER_HUB, rest if "/" in rest else f"library/{rest}"
