"""The values of the simulated chat: people, rooms, message documents, what listeners are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.ports.chat import Author, Message


class Refusal(Exception):
    """The chat server's no.

    Args:
        code: the vendor's error code; empty for an error the server did not foresee itself.
        text: what its answer says; may be empty.
    """

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code or text)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class User:
    """An account. `type` is the vendor's: `user`, `bot`, `app`."""

    id: str
    username: str
    name: str = ""
    roles: tuple[str, ...] = ("user",)
    type: str = "user"
    active: bool = True
    federated: bool = False

    @property
    def author(self) -> Author:
        return Author(self.id, self.username)


@dataclass(frozen=True)
class Place:
    """A room. `type` is `c` for a public channel, `p` for a private group, `d` for two people."""

    id: str
    name: str
    type: str = "c"
    members: frozenset[str] = frozenset()
    moderators: frozenset[str] = frozenset()
    archived: bool = False
    encrypted: bool = False


@dataclass(frozen=True)
class Url:
    """A link in a message; `title` is filled when its preview was fetched."""

    url: str
    title: str = ""


@dataclass(frozen=True)
class File:
    """An uploaded file, in the message that shows it."""

    id: str
    name: str
    type: str
    size: int
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Document:
    """A message as the database has it. `followers` are the ids of those who follow its thread."""

    id: str
    room_id: str
    text: str
    author: Author
    at: datetime
    updated: datetime
    thread: str | None = None
    edited: datetime | None = None
    edited_by: Author | None = None
    system: str | None = None
    alias: str | None = None
    webhook: str | None = None
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    replies: int = 0
    last_reply: datetime | None = None
    followers: tuple[str, ...] = ()
    pinned: datetime | None = None
    starred: tuple[str, ...] = ()
    urls: tuple[Url, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def message(self) -> Message:
        """The same in Houston's words."""
        return Message(
            id=self.id,
            room_id=self.room_id,
            text=self.text,
            author=self.author,
            at=self.at,
            updated=self.updated,
            thread=self.thread,
            edited_by=self.edited_by.id if self.edited_by else None,
            system=self.system,
            automated=bool(self.alias or self.webhook),
            reactions=dict(self.reactions),
            files=tuple(file.name for file in self.files),
        )


@dataclass(frozen=True)
class Changed:
    """The message's document was written, or looked at again by the server."""

    document: Document


@dataclass(frozen=True)
class Deleted:
    room_id: str
    message_id: str
    at: datetime


@dataclass(frozen=True)
class Joined:
    user_id: str
    place: Place


@dataclass(frozen=True)
class Removed:
    user_id: str
    place: Place


@dataclass(frozen=True)
class Closed:
    """The server ended the connection."""

    reason: str


Told = Changed | Deleted | Joined | Removed | Closed


def utf16(text: str) -> int:
    """The length as the server counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
