"""What Houston needs of the chat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.harmless import harmless


@dataclass(frozen=True)
class Author:
    """Who wrote a message. `id` never changes; `username` may."""

    id: str
    username: str


@dataclass(frozen=True)
class Message:
    """One message as it stands now.

    `reactions` maps the emoji as stored (`:+1:`) to the usernames that chose it. `thread` is the
    root's id when this is a reply. `edited_by` is the id of its last editor. `system` is the
    system message type (`uj`, `rm` …), None for what a person said. `automated` is true for posts
    of webhooks and for posts under an alias. `files` are the names of the files it shows.
    `direct` is set by who knows the room: it was said where only Houston and its author are.
    """

    id: str
    room_id: str
    text: str
    author: Author
    at: datetime
    updated: datetime
    thread: str | None = None
    edited_by: str | None = None
    system: str | None = None
    automated: bool = False
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    direct: bool = False


class Kind(StrEnum):
    """What sort of account this is; only a `person` may vote."""

    PERSON = "person"
    BOT = "bot"
    APP = "app"
    GUEST = "guest"
    FEDERATED = "federated"


@dataclass(frozen=True)
class Account:
    """An account as the server knows it at this moment."""

    id: str
    username: str
    active: bool
    kind: Kind


@dataclass(frozen=True)
class Room:
    """A room that is heard; `direct` is one of Houston and one person, its name that person's."""

    id: str
    name: str
    direct: bool = False


@dataclass(frozen=True)
class File:
    """A file shown below a message. By its name it is found again, so the name is unique there."""

    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Post:
    """A message to send. `id` is ours: sending the same id twice is one message.

    `room_id` is a room's id, `@` and a user's id for a direct message, or `#` and a room's name;
    Houston joins that one when it may. `seeds` are the
    emojis (`:+1:`) Houston puts below it so that a vote is one tap. `files` are shown in its
    thread.
    """

    id: str
    room_id: str
    text: str
    thread: str | None = None
    seeds: tuple[str, ...] = ()
    files: tuple[File, ...] = ()

    def __post_init__(self) -> None:
        """Nothing reaches people that was not disarmed, whoever wrote the text."""
        object.__setattr__(self, "text", harmless(self.text))


@dataclass(frozen=True)
class Heard:
    """A message is new or its document changed: an edit, a reaction, a thread counter, anything."""

    message: Message


@dataclass(frozen=True)
class Linked:
    """The link is up and every room below is subscribed: nothing said from here on is missed.

    The configured rooms come first, then those of direct messages.
    """

    rooms: tuple[Room, ...]


@dataclass(frozen=True)
class Unlinked:
    """The link is down; the adapter is already trying again."""

    reason: str


@dataclass(frozen=True)
class RoomLost:
    """Houston was removed from this room, or may no longer read it."""

    room: Room
    reason: str


Event = Heard | Linked | Unlinked | RoomLost


class Chat(Protocol):
    """The chat server. Every method may raise Unavailable, Limited or Denied."""

    def events(self) -> AsyncIterator[Event]:
        """Connect, and go on for ever: reconnects are inside. Never raises for a lost link.

        Events may come twice and out of order. Close the iterator to disconnect.
        """
        ...

    async def relink(self, reason: str) -> None:
        """End the link, which is of no use, and connect again; nothing while there is none.

        Unlinked with this reason comes, and Linked when it is up again.
        """
        ...

    async def since(self, room_id: str, at: datetime) -> list[Message]:
        """Every message of the room whose document changed after `at` (server time), oldest first.

        Replies, edits and reactions included.
        """
        ...

    async def post(self, post: Post) -> None:
        """Send once: if a message with this id of ours is already there, that is success.

        Seeds and files are not set here. Raises Invalid when the server will never take it, Missing
        when there is no such room, Denied when Houston may not write there.
        """
        ...

    async def edit(self, room_id: str, message_id: str, text: str) -> None:
        """Replace the text of one of our own messages. Raises Missing when it is gone."""
        ...

    async def react(self, message_id: str, emoji: str) -> None:
        """Set Houston's own reaction; setting it twice is setting it once."""
        ...

    async def attach(self, room_id: str, thread: str, file: File) -> None:
        """Show a file below the message `thread`; one of this name of ours there is success.

        Raises Invalid when the server will never take it.
        """
        ...

    async def message(self, message_id: str) -> Message:
        """The message as the server has it now. Raises Missing."""
        ...

    async def account(self, username: str) -> Account:
        """Who holds this username now. Raises Missing."""
        ...

    async def server_version(self) -> str:
        """The server's own word on its version: `7.13.2`, or `7.13` where the patch level is
        not shown to this account."""
        ...
