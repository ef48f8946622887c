"""Where new versions are looked up."""

from __future__ import annotations

from pydantic import SecretStr, field_validator

from bot.section import Section
from bot.sections import http


class RegistryEndpoint(Section):
    """Where and how an image registry is reached, when not simply at `https://<host>`."""

    url: str | None = None
    """Its address, `https://registry.example.org`."""
    username: str = ""
    """Empty: the registry is asked without an account."""
    password: SecretStr = SecretStr("")
    """A password or token that may read."""

    @field_validator("url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        return None if url is None else http(url)


class ChartsEndpoint(Section):
    """Where and how a repository of Helm charts is reached, when not as Argo CD has it."""

    url: str | None = None
    """The address that takes the place of `https://<host>`; the repository's path follows it."""
    username: str = ""
    """Empty: the repository is asked without an account."""
    password: SecretStr = SecretStr("")
    """A password or token that may read."""

    @field_validator("url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        return None if url is None else http(url)


class ReleasesSection(Section):
    """Rocket.Chat's release information."""

    url: str = "https://releases.rocket.chat"
    """The address, for those who must go through a mirror."""

    _url = field_validator("url")(http)
