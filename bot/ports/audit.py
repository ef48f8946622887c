"""The audit trail: who asked, who approved, what exactly, with what result; chained by hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.ports.engine import Json


@dataclass(frozen=True)
class Entry:
    """What is written down. It holds no secret: it was redacted before.

    `actor` is an account's id or `houston`, `event` a word like `operation.started`, `operation`
    the operation's id and `target` what was or would have been changed, where there is one.
    """

    at: datetime
    actor: str
    event: str
    operation: str = ""
    detail: dict[str, Json] = field(default_factory=dict)
    target: str = ""


@dataclass(frozen=True)
class Sealed:
    """An entry in its place: `number` counts from 1 without a gap, `hash` covers the entry, the
    number and `previous`, the hash of the entry before (hex of SHA-256; zeros before the first).
    """

    number: int
    entry: Entry
    previous: str
    hash: str


@dataclass(frozen=True)
class Head:
    """The end of the chain as it is remembered beside it: number and hash of the last entry.

    `seal` is made of both with the mounted key: who has no key cannot move the end back. Empty
    where no key is mounted.
    """

    number: int
    hash: str
    seal: str = ""


class Audit(Protocol):
    """The append-only chain. Writers queue: each entry is sealed on the one before it, in one
    transaction."""

    async def write(self, entry: Entry) -> Sealed:
        """Append. Raises Unavailable when it cannot be made durable."""
        ...

    async def of(self, operation: str) -> list[Entry]:
        """Everything of one operation, oldest first."""
        ...

    async def read(self, after: int, limit: int) -> list[Sealed]:
        """Up to `limit` entries with a number above `after`, in the order of their numbers."""
        ...

    async def search(
        self,
        *,
        actors: Sequence[str] = (),
        target: str = "",
        since: datetime | None = None,
        limit: int,
    ) -> list[Sealed]:
        """The newest entries that fit all that is given, newest first: by one of these actors,
        about this target, not before that moment."""
        ...

    async def head(self) -> Head:
        """The remembered end; number 0 before the first entry."""
        ...

    async def seal_end(self) -> Head:
        """Take the last entry there is for the end, whatever was remembered: for a person who has
        looked into why it was another."""
        ...
