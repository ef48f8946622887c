"""The history port over smart HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters import gitrestore, gittree
from adapters.git import DulwichGit
from bot.ports.git import Commit, Signature
from bot.ports.history import Restoration


class DulwichHistory:
    """The past of the branch that this git adapter pushes to."""

    def __init__(self, git: DulwichGit) -> None:
        self._git = git

    async def lost(self, path: str, listing: str, entry: str) -> Restoration:
        """See the port."""
        return await self._git.looking(
            gitrestore.DEPTH,
            lambda store, head: gitrestore.planned(store, head, path, listing, entry),
        )

    async def restore(
        self, lost: Restoration, *, operation: str, subject: str, author: Signature
    ) -> str:
        """See the port."""
        return await self._git.land(
            lost.base,
            operation,
            lambda store: gitrestore.apply(
                store,
                lost,
                message=gittree.message_of(subject, operation),
                who=(author, self._git.committer),
                at=int(datetime.now(UTC).timestamp()),
            ),
            depth=gitrestore.DEPTH,
        )

    async def since(self, at: datetime, limit: int) -> list[Commit]:
        """See the port."""
        # One more: what a commit changed is seen beside its parent.
        return await self._git.looking(
            limit + 1, lambda store, head: gittree.since(store, head, at, limit)
        )
