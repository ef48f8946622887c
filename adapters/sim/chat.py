"""The chat over the simulated world, as Houston's account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from adapters.sim.chatroom import LONGEST, SYSTEM
from adapters.sim.directory import HOUSTON
from adapters.sim.document import (
    Changed,
    Closed,
    Document,
    Joined,
    Place,
    Refusal,
    Removed,
    Told,
    User,
    utf16,
)
from adapters.sim.links import Link
from adapters.sim.world import World
from bot.errors import (
    AdapterError,
    Denied,
    Invalid,
    Limited,
    Missing,
    Unavailable,
    UnknownOutcome,
)
from bot.ports.chat import (
    Account,
    Event,
    File,
    Heard,
    Kind,
    Linked,
    Message,
    Post,
    Room,
    RoomLost,
    Unlinked,
)

_AGAIN_SECONDS, _LONGEST_SECONDS = 1.0, 30.0
"""Between two tries to connect: at first, and after many that failed."""
_SLOWLY_SECONDS = 300.0
_SILENCE_SECONDS = 60.0
_ROUNDS = 3
_MISSING = {"error-message-not-found"}
_INVALID = {"error-message-size-exceeded", "error-room-not-found"}


class SimChat:
    """The chat of the world. It holds the token that was good when it was made."""

    def __init__(self, world: World, rooms: Sequence[str] = ("ops",)) -> None:
        self._world = world
        self._chat = world.chat
        self._names = tuple(rooms)
        self._token = world.chat.token(HOUSTON)
        self._heard: asyncio.Queue[Told] | None = None

    async def events(self) -> AsyncGenerator[Event, None]:
        """Connect, and go on for ever."""
        told, pause = "", _AGAIN_SECONDS
        while True:
            heard: asyncio.Queue[Told] = asyncio.Queue()
            link = None
            try:
                async with self._call("chat.connect"):
                    link = self._chat.listen(HOUSTON, heard.put_nowait)
                self._heard = heard
                rooms = self._rooms()
                told, pause = "", _AGAIN_SECONDS
                for lost in sorted(set(self._names) - {room.name for room in rooms}):
                    yield RoomLost(Room("", lost), "it cannot be read")
                yield Linked(rooms)
                while not isinstance(now := await self._next(heard, link), Closed):
                    for event in self._events(now):
                        yield event
                reason = now.reason
            except AdapterError as error:
                reason = error.message
                pause = _longer(pause, error)
            finally:
                self._heard = None
                if link:
                    self._chat.links.close(link)
            if reason != told:
                told = reason
                yield Unlinked(reason)
            await self._world.pause(pause)

    async def relink(self, reason: str) -> None:
        if self._heard is not None:
            self._heard.put_nowait(Closed(f"{SYSTEM}: {reason}"))

    async def since(self, room_id: str, at: datetime) -> list[Message]:
        async with self._call("chat.since"):
            found = self._chat.changed_since(HOUSTON, room_id, at)
        return sorted((document.message for document in found), key=lambda one: one.at)

    async def post(self, post: Post) -> None:
        _require_short(post.text)
        failure = Unavailable(SYSTEM, "the post did not arrive")
        for _ in range(_ROUNDS):
            try:
                async with self._call("chat.post"):
                    self._send(post)
            except Limited:
                raise
            except Unavailable as error:
                failure = error
            found = self._chat.archive.find(post.id)
            if found and found.author.id == HOUSTON:
                return
            if found:
                raise Invalid(SYSTEM, f"the message id {post.id} belongs to somebody else")
        raise failure

    async def edit(self, room_id: str, message_id: str, text: str) -> None:
        del room_id
        _require_short(text)
        async with self._call("chat.edit"):
            await self._chat.update(HOUSTON, message_id, text)

    async def react(self, message_id: str, emoji: str) -> None:
        async with self._call("chat.react"):
            await self._chat.set_reaction(HOUSTON, message_id, emoji, on=True)

    async def attach(self, room_id: str, thread: str, file: File) -> None:
        async with self._call("chat.media"):
            below = self._chat.archive.below(thread)
            if any(d.author.id == HOUSTON and file.name in d.message.files for d in below):
                return
            stored = self._chat.upload(file.name, file.type, file.content)
            room = self._room(room_id)
            self._chat.send(HOUSTON, "", room=room, thread=thread, files=(stored,))

    async def message(self, message_id: str) -> Message:
        async with self._call("chat.message"):
            return self._chat.read(HOUSTON, message_id).message

    async def account(self, username: str) -> Account:
        async with self._call("chat.account"):
            user = self._chat.people.named(username)
        if user is None:
            raise Missing(SYSTEM, f"nobody is called {username}")
        return Account(user.id, user.username, user.active, _kind(user))

    async def server_version(self) -> str:
        async with self._call("chat.server_version"):
            admin = "admin" in self._chat.people.user(HOUSTON).roles
            parts = self._chat.version.split(".")
            return ".".join(parts if admin else parts[:2])

    @asynccontextmanager
    async def _call(self, name: str) -> AsyncIterator[None]:
        try:
            async with self._world.call(name, SYSTEM):
                if not self._chat.up:
                    raise Unavailable(SYSTEM, "502 with an HTML page: the server is away")
                if self._chat.people.known(HOUSTON, self._token) is None:
                    raise Denied(SYSTEM, "401: the token is refused", "Renew chat.token")
                yield
        except UnknownOutcome as lost:
            raise Unavailable(SYSTEM, "the connection was lost before the answer") from lost
        except Refusal as refusal:
            raise _translated(refusal) from refusal

    def _send(self, post: Post) -> None:
        if self._chat.archive.find(post.id):
            return
        room = self._room(post.room_id)
        self._chat.send(HOUSTON, post.text, room=room, thread=post.thread, id=post.id)

    def _room(self, room_id: str) -> str:
        """The room's id. Raises Missing."""
        if room_id.startswith("@"):
            return self._chat.direct(HOUSTON, room_id[1:]).id
        if not room_id.startswith("#"):
            return room_id
        try:
            place = self._chat.people.place(room_id[1:])
        except Refusal:
            raise Missing(SYSTEM, f"there is no room {room_id} for Houston") from None
        if place.type == "c":
            return self._chat.add_to_room(HOUSTON, place.id).id
        if HOUSTON not in place.members:
            raise Missing(SYSTEM, f"there is no room {room_id} for Houston")
        return place.id

    async def _next(self, heard: asyncio.Queue[Told], link: Link) -> Told:
        while True:
            try:
                async with asyncio.timeout(_SILENCE_SECONDS / self._world.speed):
                    return await heard.get()
            except TimeoutError:
                if link.silent:
                    return Closed("nothing was heard for 60 s")

    def _events(self, told: Told) -> list[Event]:
        match told:
            case Changed(document) if self._hears(document):
                return [Heard(document.message)]
            case Removed(user_id, place) if user_id == HOUSTON and place.name in self._names:
                return [RoomLost(Room(place.id, place.name), "Houston was removed from the room")]
            case Joined(user_id, place) if user_id == HOUSTON and self._wants(place):
                return [Linked(self._rooms())]
            case _:
                return []

    def _wants(self, place: Place) -> bool:
        return place.name in self._names or place.type == "d"

    def _hears(self, document: Document) -> bool:
        return document.room_id in {room.id for room in self._rooms(join=False)}

    def _rooms(self, *, join: bool = True) -> tuple[Room, ...]:
        """The configured rooms Houston is in, of which it joins public ones; then direct ones."""
        found = []
        for name in self._names:
            try:
                place = self._chat.people.place(name)
            except Refusal:
                continue
            if join and place.type == "c" and not place.archived:
                place = self._chat.add_to_room(HOUSTON, place.id)
            if HOUSTON in place.members:
                found.append(Room(place.id, place.name))
        mine = [
            place
            for place in self._chat.people.places(HOUSTON)
            if place.type == "d" and len(place.members) == 2
        ]
        return (
            *found,
            *(Room(p.id, self._chat.people.name_for(HOUSTON, p), direct=True) for p in mine),
        )


def _longer(pause: float, error: AdapterError) -> float:
    """Seconds until the next try: ever more, and long for who was refused."""
    return _SLOWLY_SECONDS if isinstance(error, Denied) else min(pause * 2, _LONGEST_SECONDS)


def _require_short(text: str) -> None:
    if (length := utf16(text)) > LONGEST:
        raise Invalid(SYSTEM, f"the text has {length} characters, more than the {LONGEST} it takes")


def _translated(refusal: Refusal) -> AdapterError:
    why = f"{refusal.text} [{refusal.code}]"
    if refusal.code in _MISSING:
        return Missing(SYSTEM, why)
    return Invalid(SYSTEM, why) if refusal.code in _INVALID else Denied(SYSTEM, why)


def _kind(user: User) -> Kind:
    if user.federated:
        return Kind.FEDERATED
    if user.type == "user":
        return Kind.GUEST if {"guest", "anonymous"} & set(user.roles) else Kind.PERSON
    return Kind.APP if user.type == "app" else Kind.BOT
