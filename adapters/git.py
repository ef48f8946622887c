"""The git remote over smart HTTP, by dulwich in a worker thread, with nothing kept on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import urllib3
from dulwich.client import GitClient, get_transport_and_path
from dulwich.errors import GitProtocolError
from dulwich.object_store import BaseObjectStore
from dulwich.objects import ShaFile
from dulwich.pack import pack_objects_to_data
from dulwich.refs import HEADREF
from dulwich.repo import MemoryRepo

from adapters import gittree
from adapters.git_errors import GARBLED, translated
from bot.errors import Denied, Missing, Unavailable, UnknownOutcome
from bot.ports.git import Commit, Document, Edit, File, Scalars, Signature
from bot.scalar import KeyPath

Value = TypeVar("Value")
Made = tuple[str, list[ShaFile]]
"""A commit's hash and every new object it needs."""
Make = Callable[[BaseObjectStore], Made]

_PROTECTED = ("pre-receive hook declined", "protected branch", "hook declined")
_DEPTH = gittree.LATEST + 1
_OK = 200


class _Pool(urllib3.PoolManager):
    """Closes every answer in the end: dulwich leaves those it did not like open.

    Refuses what is no answer of smart HTTP, such as a page to sign in: dulwich would read it as the
    list of files of a server without git.
    """

    def __init__(self, timeout: timedelta) -> None:
        super().__init__(timeout=timeout.total_seconds(), retries=False)
        self._answers: list[urllib3.BaseHTTPResponse] = []

    def urlopen(self, *words: Any, **options: Any) -> urllib3.BaseHTTPResponse:
        """As the library's, and remember the answer."""
        answer = super().urlopen(*words, **options)
        self._answers.append(answer)
        kind = answer.headers.get("Content-Type", "nothing named")
        if answer.status == _OK and not kind.startswith("application/x-git-"):
            raise GitProtocolError(f"{kind.split(';')[0]} in place of git's own")
        return answer

    def clear(self) -> None:
        """Close everything."""
        for answer in self._answers:
            answer.close()
        super().clear()


class DulwichGit:
    """One branch of one remote.

    Args:
        url: the remote's smart HTTP address.
        branch: the branch to read and push.
        username: for HTTP Basic authentication; empty for none.
        password: a token or password; it never shows in errors.
        committer: who commits; the author is whoever asked.
        timeout: of each request.
    """

    def __init__(
        self,
        url: str,
        branch: str,
        *,
        username: str = "",
        password: str = "",
        committer: Signature,
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        self._url = url
        self._branch = branch
        self._username = username
        self._password = password
        self.committer = committer
        self._timeout = timeout
        self._one_push = asyncio.Lock()

    @property
    def branch(self) -> str:
        """See the port."""
        return self._branch

    async def head(self) -> str:
        """See the port."""
        return await self._in_thread(self._head)

    async def default(self) -> str:
        """See the port."""
        return await self._in_thread(self._default)

    async def read(self, path: str, commit: str | None = None) -> File:
        """See the port."""

        def work() -> File:
            repo, head = self._fetch(1 if commit is None else _DEPTH)
            return gittree.file_of(repo.object_store, commit or head, path)

        return await self._in_thread(work)

    async def files(self, under: str = "") -> list[File]:
        """See the port."""

        def work() -> list[File]:
            repo, head = self._fetch(1)
            return gittree.files_of(repo.object_store, head, under)

        return await self._in_thread(work)

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

        def work() -> Edit:
            repo, head = self._fetch(1)
            file = gittree.file_of(repo.object_store, head, path)
            return gittree.planned(file, key, value, document, inside, more=more)

        return await self._in_thread(work)

    async def commit(self, edit: Edit, *, operation: str, subject: str, author: Signature) -> str:
        """See the port."""

        def make(store: BaseObjectStore) -> Made:
            return gittree.apply(
                store,
                edit,
                message=gittree.message_of(subject, operation),
                author=author,
                committer=self.committer,
                at=datetime.now(UTC),
            )

        return await self.land(edit.base, operation, make)

    async def land(self, base: str, operation: str, make: Make, *, depth: int = _DEPTH) -> str:
        """Push what `make` makes on `base`, once for an operation, by the rules of `commit`."""
        async with self._one_push:
            return await self._in_thread(lambda: self._land(base, operation, make, depth))

    async def looking(self, depth: int, look: Callable[[BaseObjectStore, str], Value]) -> Value:
        """What `look` finds in the branch's newest commits and its head."""

        def work() -> Value:
            repo, head = self._fetch(depth)
            return look(repo.object_store, head)

        return await self._in_thread(work)

    async def between(self, old: str, new: str) -> list[Commit]:
        """See the port."""

        def work() -> list[Commit]:
            repo, _ = self._fetch(_DEPTH)
            found = gittree.commits_from(repo.object_store, new, _DEPTH)
            ids = [commit.id.decode() for commit in found]
            last = ids.index(old) if old in ids else len(ids)
            return [gittree.seen(repo.object_store, commit) for commit in found[:last]][:20]

        return await self._in_thread(work)

    def _land(self, base: str, operation: str, make: Make, depth: int) -> str:
        repo, head = self._fetch(depth)
        known = gittree.carrying(repo.object_store, head, operation)
        if known:
            return known
        if head != base:
            raise gittree.moved(base, head, self._branch)
        commit, objects = make(repo.object_store)
        try:
            self._push(base, commit, objects)
        except Exception as error:
            if isinstance(translated(error), Unavailable):
                return self._look_again(operation)
            raise
        return commit

    def _push(self, base: str, commit: str, objects: list[Any]) -> None:
        ref = self._ref

        found: list[str] = []

        def update(refs: dict[Any, Any]) -> dict[Any, Any]:
            found.append(refs.get(ref, b"").decode())
            # Raising in here would leave the connection open; asking for nothing ends it well.
            return {ref: commit.encode()} if found[0] == base else {}

        def pack(have: Any, want: Any, **options: Any) -> Any:
            del have, want, options
            return pack_objects_to_data([(item, None) for item in objects])

        with self._client() as (client, path):
            result = client.send_pack(path.encode(), update, pack)
        if found != [base]:
            raise gittree.moved(base, found[0], self._branch)
        refused = (result.ref_status or {}).get(ref)
        if refused is None:
            return
        if any(text in refused for text in _PROTECTED):
            raise Denied(
                gittree.SYSTEM,
                f"{self._branch} is protected: {refused}",
                "Let Houston's account push to it",
            )
        raise gittree.moved(base, self._head(), self._branch)

    def _look_again(self, operation: str) -> str:
        """After a lost answer: is our commit there?"""
        try:
            repo, head = self._fetch(_DEPTH)
        except Exception as error:
            raise UnknownOutcome(
                gittree.SYSTEM, "the push was sent, and the remote cannot be read since"
            ) from error
        known = gittree.carrying(repo.object_store, head, operation)
        if known is None:
            raise Unavailable(gittree.SYSTEM, "the push did not arrive")
        return known

    def _head(self) -> str:
        with self._client() as (client, path):
            refs = client.get_refs(path.encode()).refs
        found = refs.get(self._ref)
        if found is None:
            raise self._no_branch()
        return found.decode()

    def _default(self) -> str:
        with self._client() as (client, path):
            told = client.get_refs(path.encode()).symrefs
        return told.get(HEADREF, b"").decode().removeprefix("refs/heads/")

    def _fetch(self, depth: int) -> tuple[MemoryRepo, str]:
        """The branch with so many commits, in memory."""
        repo = MemoryRepo()
        head: list[bytes] = []

        def wants(refs: Any, depth: int | None = None) -> list[Any]:
            del depth
            head.extend(refs[name] for name in refs if name == self._ref)
            return head

        with self._client() as (client, path):
            client.fetch(path, repo, determine_wants=wants, depth=depth)
        if not head:
            raise self._no_branch()
        return repo, head[0].decode()

    @contextmanager
    def _client(self) -> Iterator[tuple[GitClient, str]]:
        with _Pool(self._timeout) as pool:
            try:
                yield get_transport_and_path(
                    self._url,
                    pool_manager=pool,
                    username=self._username or None,
                    password=self._password or None,
                )
            except GARBLED as error:
                raise GitProtocolError(f"{type(error).__name__}, not git's own") from error

    @property
    def _ref(self) -> Any:
        return f"refs/heads/{self._branch}".encode()

    def _no_branch(self) -> Missing:
        return Missing(gittree.SYSTEM, f"there is no branch {self._branch}", "Check git.branch")

    async def _in_thread(self, work: Callable[[], Value]) -> Value:
        def guarded() -> Value:
            try:
                return work()
            except Exception as error:
                raise translated(error) from error

        return await asyncio.to_thread(guarded)
