"""What Houston needs of the past of git: files that were there once, and their way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.ports.git import Commit, Signature


@dataclass(frozen=True)
class Restoration:
    """A file that git had once, to be put back byte for byte, and listed where it was.

    `source` is the last commit that had it, `removed` the one that took it away and `removed_by`
    its subject. `listing` is the kustomization that gets `entry` again; empty when it lists it.
    `blob` and `blob_listing` are the git blob ids of both files as they will be.
    """

    path: str
    source: str
    removed: str
    removed_by: str
    base: str
    blob: str
    diff: str
    listing: str = ""
    entry: str = ""
    blob_listing: str = ""


class History(Protocol):
    """The past of the branch. Every method may raise Unavailable or Denied."""

    async def lost(self, path: str, listing: str, entry: str) -> Restoration:
        """Plan to put back a file; changes nothing.

        `listing` is a kustomization whose `resources` must have `entry`. Raises Missing when git
        never had the file, Refused when it is there or the listing cannot be changed safely.
        """
        ...

    async def restore(
        self, lost: Restoration, *, operation: str, subject: str, author: Signature
    ) -> str:
        """Push it as one commit on top of `lost.base`; gives its full hash.

        Safe to call again, as `Git.commit`. Raises Moved, UnknownOutcome.
        """
        ...

    async def since(self, at: datetime, limit: int) -> list[Commit]:
        """Those of the branch's newest `limit` commits that were made after `at`, newest first.

        A merge is one commit here, whatever it brought.
        """
        ...
