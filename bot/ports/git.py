"""What Houston needs of the git remote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.scalar import KeyPath

Document = tuple[tuple[KeyPath, str], ...]
"""Which document of a file with several: scalars it must have, `((("kind",), "CronJob"),)`."""


Scalars = tuple[tuple[KeyPath, str], ...]
"""Scalars by their keys, with what they are to say."""


@dataclass(frozen=True)
class File:
    """A file at a commit. `commit` is a full hash; `content` the exact bytes."""

    path: str
    commit: str
    content: bytes


@dataclass(frozen=True)
class Edit:
    """One scalar of one file, from `before` to `after`, planned on commit `base`.

    `key` is the path of keys; `inside` goes on in the YAML text that stands there as a block.
    `more` are other scalars of the same document that change with it, and their new values.
    `blob_before` and `blob_after` are the git blob ids of the whole file; `diff` is a unified diff
    without context that a person can read.
    """

    path: str
    key: KeyPath
    before: str
    after: str
    base: str
    blob_before: str
    blob_after: str
    diff: str
    document: Document = ()
    inside: KeyPath = ()
    more: Scalars = ()

    @property
    def changes(self) -> bool:
        """False when the file already says so and a commit would be empty."""
        return self.blob_before != self.blob_after


@dataclass(frozen=True)
class Signature:
    name: str
    email: str


TRAILER = "Operation-Id: "
"""What the line of a commit's message begins with that names the operation it is of."""


@dataclass(frozen=True)
class Commit:
    """`at` is when it was committed; a change that was rebased may be older."""

    id: str
    author: Signature
    message: str
    at: datetime
    paths: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return self.message.strip().split("\n", 1)[0]

    @property
    def operation(self) -> str:
        """The operation of Houston's that made it; empty for everybody else's."""
        lines = (line for line in self.message.splitlines() if line.startswith(TRAILER))
        return next((line.removeprefix(TRAILER).strip() for line in lines), "")


class Git(Protocol):
    """One branch of one remote. Every method may raise Unavailable or Denied."""

    @property
    def branch(self) -> str:
        """The branch Houston pushes to, from the configuration."""
        ...

    async def head(self) -> str:
        """The branch's commit now, a full hash. Raises Missing when there is no such branch."""
        ...

    async def default(self) -> str:
        """The branch the remote gives whoever names none; empty when it does not tell."""
        ...

    async def read(self, path: str, commit: str | None = None) -> File:
        """A file at a commit, or at the branch's head. Raises Missing."""
        ...

    async def files(self, under: str = "") -> list[File]:
        """Every file at the branch's head by path; of one folder, or the one file of that name."""
        ...

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
        """Plan the change of one scalar, and of `more`, at the branch's head; changes nothing.

        Raises Missing for the file, Refused when the scalar cannot be changed safely.
        """
        ...

    async def commit(self, edit: Edit, *, operation: str, subject: str, author: Signature) -> str:
        """Push the edit as one commit on top of `edit.base`; gives its full hash.

        Safe to call again: a commit that carries this operation's id is found, not repeated.
        The message is `subject`, a blank line and the trailer `Operation-Id: <operation>`.
        Raises Moved when the branch is no longer at `edit.base`, UnknownOutcome when the answer
        to the push was lost and the remote could not be read afterwards.
        """
        ...

    async def between(self, old: str, new: str) -> list[Commit]:
        """The commits after `old` up to `new`, newest first, at most 20."""
        ...
