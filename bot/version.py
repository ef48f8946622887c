"""Rocket.Chat versions and the rules by which one may follow another."""

from __future__ import annotations

import re
from dataclasses import dataclass

import semver

from bot.errors import UsageError

_RELEASE_LINK = re.compile(r"https?://\S+/(?:tag|releases)/(?:tag/)?([^/?#\s]+)/?\Z")
_TAG = re.compile(r"[0-9A-Za-z.-]{1,128}")
"""What may be the tag of an image, as registries have it; `+` may not."""


@dataclass(frozen=True, order=False)
class Version:
    """Three numbers and perhaps a pre-release: `7.13.2`, `8.0.0-rc.1`."""

    text: str

    @classmethod
    def read(cls, text: str) -> Version:
        """From what a person types: a leading `v` and a pasted release page are understood.

        Raises UsageError.
        """
        link = _RELEASE_LINK.match(text)
        bare = (link.group(1) if link else text).strip("\"'")
        bare = bare[1:] if bare[:1] in {"v", "V"} else bare
        if not semver.Version.is_valid(bare) or not _TAG.fullmatch(bare):
            shown = "".join(c for c in text[:40] if c.isprintable() and c != "`")
            raise UsageError(f"`{shown}` is no version: it has three numbers, as 7.13.2.")
        return cls(bare)

    @property
    def parts(self) -> semver.Version:
        return semver.Version.parse(self.text)

    @property
    def major(self) -> int:
        return int(self.parts.major)

    @property
    def minor(self) -> int:
        return int(self.parts.minor)

    def __lt__(self, other: Version) -> bool:
        return bool(self.parts < other.parts)

    def __str__(self) -> str:
        return self.text

    def shown_as(self, said: str) -> bool:
        """Whether a server that says `said` runs this version; it may hide the patch level."""
        return said in {self.text, f"{self.major}.{self.minor}"}
