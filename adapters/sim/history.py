"""The history port over the simulated remote."""

from __future__ import annotations

from datetime import datetime

from adapters import gitrestore, gittree
from adapters.sim.git import SimGit
from adapters.sim.world import World
from bot.ports.git import Commit, Signature
from bot.ports.history import Restoration


class SimHistory:
    """The past of the world's remote."""

    def __init__(self, world: World, git: SimGit) -> None:
        self._world = world
        self._git = git

    async def lost(self, path: str, listing: str, entry: str) -> Restoration:
        """See the port."""
        async with self._world.look("git.fetch", gittree.SYSTEM):
            remote = self._world.remote
            return gitrestore.planned(remote.store, remote.head(), path, listing, entry)

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
                at=int(self._world.clock.now().timestamp()),
            ),
        )

    async def since(self, at: datetime, limit: int) -> list[Commit]:
        """See the port."""
        async with self._world.look("git.fetch", gittree.SYSTEM):
            remote = self._world.remote
            return gittree.since(remote.store, remote.head(), at, limit)
