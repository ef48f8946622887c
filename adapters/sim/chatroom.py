"""The simulated Rocket.Chat: what people do in it, what the server does for its clients.

A message is emitted whenever its document changes, whole, to everybody who listens: after a
reaction, a reply, an edit, a pin, a star, a preview. Reactions name people by username.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from adapters.sim.archive import Archive, reacted
from adapters.sim.directory import Directory
from adapters.sim.document import Document, File, Joined, Place, Refusal, Removed, Told, User, utf16
from adapters.sim.links import Link, Links
from bot.errors import Unavailable
from bot.ports.chat import Message

if TYPE_CHECKING:
    from adapters.sim.world import World

LONGEST = 5000
"""UTF-16 units a message may have (the server's default)."""
SYSTEM = "Rocket.Chat"
_WRITE_SECONDS = 0.05
"""Between the server's read of a document and its write: what arrives meanwhile is lost."""


class ChatRoom:
    """The chat server's state.

    Rooms are given by name or id. Methods raise Refusal where the server says no, and
    Unavailable while it is down. `rate_limit` is how many calls of one endpoint an account may
    make in a minute, None for any number; the roles bot, app and admin are exempt.
    `restricted` refuses every message, as a workspace cut off from its vendor does.
    `answer_delay` is how many simulated seconds the answer to a post comes after its effect,
    `ready_delay` the same for a subscription.
    """

    def __init__(self, seed: int = 1) -> None:
        self.people = Directory(seed)
        self.links = Links(seed)
        self.archive = Archive(self.links, self._now)
        self._started = True
        self._reachable = True
        self.version = "7.12.2"
        self.rate_limit: int | None = None
        self.restricted = False
        self.answer_delay = 0.0
        self.ready_delay = 0.0
        self._world: World | None = None

    def bind(self, world: World) -> None:
        self._world = world
        self.links.bind(world)

    @property
    def world(self) -> World:
        if self._world is None:
            raise RuntimeError("this chat belongs to no world yet")
        return self._world

    def say(
        self,
        user_id: str,
        text: str,
        room: str = "ops",
        thread: str | None = None,
        id: str | None = None,
    ) -> Message:
        """Post as this account; gives the message."""
        return self.send(user_id, text, room=room, thread=thread, id=id).message

    def edit(self, user_id: str, message_id: str, text: str) -> Message:
        """Replace a message's text, all in one moment."""
        old = self._editable(user_id, message_id)
        return self.archive.edited(old, self.people.user(user_id), text).message

    def react(self, user_id: str, message_id: str, emoji: str, on: bool = True) -> None:
        """Set or take back a reaction, all in one moment. Who can read the room may."""
        document = self._readable(user_id, message_id)
        username = self.people.user(user_id).username
        reactions = reacted(document, username, emoji, on=on)
        self.archive.write(replace(document, reactions=reactions))

    def delete(self, message_id: str) -> None:
        """Delete a message; the root of a thread stays as a tombstone."""
        self._require_up()
        self.archive.remove(self.archive.get(message_id))

    def rename(self, user_id: str, new_username: str) -> None:
        """Change a username. Reactions keep the old one; no message is emitted."""
        self.archive.renamed(self.people.rename(user_id, new_username))

    def pin(self, message_id: str, by: str = "uAna") -> None:
        """Pin it, which posts a system message too."""
        document = self._readable(by, message_id)
        self.archive.write(replace(document, pinned=self._now()))
        self._notice(by, document.room_id, "message_pinned")

    def star(self, message_id: str, by: str = "uAna") -> None:
        document = self._readable(by, message_id)
        self.archive.write(replace(document, starred=(*document.starred, by)))

    def preview(self, message_id: str) -> None:
        """The previews of its links arrive, late."""
        document = self.archive.get(message_id)
        filled = tuple(replace(url, title="A page") for url in document.urls)
        self.archive.write(replace(document, urls=filled))

    def remove_from_room(self, user_id: str, room: str) -> None:
        place = self.people.leave(user_id, room)
        self.links.tell(Removed(user_id, place))
        self._notice(user_id, place.id, "ru")

    def add_to_room(self, user_id: str, room: str) -> Place:
        """Make the account a member; nothing when it is one already."""
        place = self.people.place(room)
        if user_id in place.members:
            return place
        place = self.people.join(user_id, place.id)
        self.links.tell(Joined(user_id, place))
        self._notice(user_id, place.id, "uj")
        return place

    def add_room(self, name: str, *, private: bool = False, members: tuple[str, ...] = ()) -> Place:
        """A new room; without `members` everybody is in it."""
        return self.people.add_place(name, private=private, members=members)

    def add_user(self, user: User) -> None:
        """A new account, or the same one changed."""
        self.people.add(user)

    def direct(self, one: str, other: str) -> Place:
        """The room of two people; when it is made, both are told that they are in it."""
        known = {place.id for place in self.people.all_places()}
        place = self.people.direct(one, other)
        if place.id not in known:
            for user_id in (one, other):
                self.links.tell(Joined(user_id, place))
        return place

    def deactivate(self, user_id: str) -> None:
        """Close the account: its token and its connections end."""
        self.people.deactivate(user_id)
        self.links.end("the account was deactivated", user_id)

    def revoke(self, user_id: str) -> None:
        """Make the account's token worthless; `token` gives a new one."""
        self.people.revoke(user_id)
        self.links.end("the token was revoked", user_id)

    def token(self, user_id: str) -> str:
        """The account's personal access token."""
        return self.people.token(user_id)

    def message(self, message_id: str) -> Message:
        """The message as it stands now. Raises Refusal."""
        return self.archive.get(message_id).message

    def messages(self, room: str = "ops") -> list[Message]:
        """Every message of the room, oldest first."""
        return [document.message for document in self.archive.of(self.people.place(room).id)]

    def thread(self, root_id: str) -> list[Message]:
        """The replies below a message, oldest first."""
        return [document.message for document in self.archive.below(root_id)]

    @property
    def up(self) -> bool:
        """Whether the server answers."""
        return self._started and self._reachable

    def set_up(self, up: bool, version: str | None = None) -> None:
        """Start or stop the server. Stopping closes every connection."""
        self._started = up
        self.version = version or self.version
        if not up:
            self.links.end("the server went away")

    def set_reachable(self, reachable: bool) -> None:
        """Break or mend the way to the server, whether it runs or not."""
        self._reachable = reachable
        if not reachable:
            self.links.end("the way to the server is broken")

    def drop_links(self) -> None:
        """Close every connection; the server itself stays."""
        self.links.end("the connection was closed")

    def go_silent(self) -> None:
        """Make every connection half-open: nothing is told on it again. New ones work."""
        self.links.silence()

    def lose_subscriptions(self, room: str = "ops") -> None:
        """Forget every connection's subscription of the room, without a word to anybody."""
        self.links.forget(self.people.place(room).id)

    def listen(self, user_id: str, hear: Callable[[Told], None]) -> Link:
        """A connection. Raises Unavailable while the server is down."""
        self._require_up()
        return self.links.open(user_id, hear)

    def send(
        self,
        user_id: str,
        text: str,
        *,
        room: str,
        thread: str | None = None,
        id: str | None = None,
        files: tuple[File, ...] = (),
    ) -> Document:
        """Insert a message, refused as the server refuses it.

        A reply goes below the root of its thread and into the root's room. For an id that is
        taken the server has no code of its own.
        """
        self._require_up()
        parent = self.archive.get(thread) if thread else None
        place = self.people.place(parent.room_id if parent else room)
        if self.restricted:
            raise Refusal("restricted-workspace", "Workspace is restricted")
        if user_id not in place.members or place.archived:
            raise Refusal("error-not-allowed", "Not allowed")
        if utf16(text) > LONGEST:
            raise Refusal("error-message-size-exceeded", "Message size exceeds the limit")
        return self.archive.insert(
            self.people.user(user_id),
            text.strip(),
            place.id,
            thread=(parent.thread or parent.id) if parent else None,
            id=id,
            files=files,
        )

    def upload(self, name: str, type: str, content: bytes) -> File:
        """Store a file; nobody sees it until a message shows it."""
        return File(self.archive.new_id(), name, type, len(content), content)

    async def update(self, user_id: str, message_id: str, text: str) -> Document:
        """Edit as the server does: read, think, write the whole old document back.

        A reaction or a reply that arrives in between is erased from the document.
        """
        old = self._editable(user_id, message_id)
        await self.world.pause(_WRITE_SECONDS)
        self._editable(user_id, message_id)
        return self.archive.edited(old, self.people.user(user_id), text)

    async def set_reaction(self, user_id: str, message_id: str, emoji: str, on: bool) -> None:
        """React as the server does: read the map, write the map. Of two at once one is lost."""
        username = self.people.user(user_id).username
        reactions = reacted(self._readable(user_id, message_id), username, emoji, on=on)
        await self.world.pause(_WRITE_SECONDS)
        document = self._readable(user_id, message_id)
        self.archive.write(replace(document, reactions=reactions))

    def read(self, user_id: str, message_id: str) -> Document:
        """A document, to somebody who may read its room. Raises Refusal."""
        return self._readable(user_id, message_id)

    def changed_since(self, user_id: str, room: str, at: datetime) -> list[Document]:
        """Every document of the room written after `at`, the newest message first."""
        self._require_up()
        place = self.people.place(room)
        if not self.people.may_read(user_id, place.id):
            raise Refusal("error-not-allowed", "Not allowed")
        return self.archive.changed_since(place.id, at)

    def _notice(self, user_id: str, room_id: str, system: str) -> None:
        user = self.people.user(user_id)
        self.archive.insert(user, user.username, room_id, system=system)

    def _require_up(self) -> None:
        if not self.up:
            raise Unavailable(SYSTEM, "502 with an HTML page: the server is away")

    def _now(self) -> datetime:
        now = self.world.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def _readable(self, user_id: str, message_id: str) -> Document:
        self._require_up()
        document = self.archive.get(message_id)
        if not self.people.may_read(user_id, document.room_id):
            raise Refusal("error-not-allowed", "Not allowed")
        return document

    def _editable(self, user_id: str, message_id: str) -> Document:
        document = self._readable(user_id, message_id)
        if document.author.id != user_id:
            if self.people.moderates(user_id, document.room_id):
                return document
            raise Refusal("error-action-not-allowed", "Message editing not allowed")
        return document
