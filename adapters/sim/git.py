"""The git port over the simulated world."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dulwich.object_store import BaseObjectStore
from dulwich.objects import ShaFile

from adapters import gittree
from adapters.sim.world import World
from bot.errors import Unavailable, UnknownOutcome
from bot.ports.git import Commit, Document, Edit, File, Scalars, Signature
from bot.scalar import KeyPath

Made = tuple[str, list[ShaFile]]
Make = Callable[[BaseObjectStore], Made]


class SimGit:
    """The remote of the world, as Houston's account may use it."""

    def __init__(self, world: World, *, committer: Signature) -> None:
        self._world = world
        self.committer = committer
        self._one_push = asyncio.Lock()

    @property
    def branch(self) -> str:
        """See the port."""
        return self._world.remote.branch

    async def head(self) -> str:
        """See the port."""
        async with self._world.look("git.fetch", gittree.SYSTEM):
            return self._world.remote.head()

    async def default(self) -> str:
        """See the port."""
        async with self._world.look("git.fetch", gittree.SYSTEM):
            return self._world.remote.default

    async def read(self, path: str, commit: str | None = None) -> File:
        """See the port."""
        async with self._world.look("git.fetch", gittree.SYSTEM):
            remote = self._world.remote
            return gittree.file_of(remote.store, commit or remote.head(), path)

    async def files(self, under: str = "") -> list[File]:
        """See the port."""
        async with self._world.look("git.fetch", gittree.SYSTEM):
            return gittree.files_of(self._world.remote.store, self._world.remote.head(), under)

    async def edit(
        self,
        path: str,
        key: KeyPath,
        value: str | int,
        *,
        document: Document = (),
        inside: KeyPath = (),
        more: Scalars = (),
    ) -> Edit:
        """See the port."""
        return gittree.planned(await self.read(path), key, value, document, inside, more=more)

    async def commit(self, edit: Edit, *, operation: str, subject: str, author: Signature) -> str:
        """See the port."""

        def make(store: BaseObjectStore) -> Made:
            return gittree.apply(
                store,
                edit,
                message=gittree.message_of(subject, operation),
                author=author,
                committer=self.committer,
                at=self._world.clock.now(),
            )

        return await self.land(edit.base, operation, make)

    async def land(self, base: str, operation: str, make: Make) -> str:
        """Push what `make` makes on `base`, once for an operation, by the rules of `commit`."""
        async with self._one_push:
            try:
                head = await self.head()
                known = gittree.carrying(self._world.remote.store, head, operation)
                return known or await self._push(base, make)
            except UnknownOutcome:
                return await self._look_again(operation)

    async def between(self, old: str, new: str) -> list[Commit]:
        """See the port."""
        async with self._world.look("git.fetch", gittree.SYSTEM):
            store = self._world.remote.store
            found = gittree.commits_from(store, new, 20)
            ids = [commit.id.decode() for commit in found]
            last = ids.index(old) if old in ids else len(ids)
            return [gittree.seen(store, commit) for commit in found[:last]]

    async def _push(self, base: str, make: Make) -> str:
        remote = self._world.remote
        if remote.head() != base:
            raise gittree.moved(base, remote.head(), self.branch)
        commit, objects = make(remote.store)
        async with self._world.call("git.push", gittree.SYSTEM):
            if remote.head() != base:
                raise gittree.moved(base, remote.head(), self.branch)
            remote.land(objects, commit)
        return commit

    async def _look_again(self, operation: str) -> str:
        try:
            known = gittree.carrying(self._world.remote.store, await self.head(), operation)
        except Unavailable as error:
            raise UnknownOutcome(
                gittree.SYSTEM, "the push was sent, and the remote cannot be read since"
            ) from error
        if known is None:
            raise Unavailable(gittree.SYSTEM, "the push did not arrive")
        return known
