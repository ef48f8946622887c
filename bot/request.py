"""One command line: who said it, where, and under which id it is known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bot.ports.chat import Author, Message
from bot.ports.engine import Json
from bot.ports.store import DOORS

_SCHEDULED = "sched:"
_QUEUED = "queued:"
_TAPPED = "tapped:"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SPOKEN = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that cannot be taken for one another."""


@dataclass(frozen=True)
class Request:
    """`line` is the command line in its normal form.

    `thread` is where answers go, empty for the room itself: what nobody said has no thread.
    `private` is what nobody else can read: a direct message, or the command line.
    """

    message_id: str
    room_id: str
    thread: str
    actor: Author
    line: str
    private: bool = False

    @classmethod
    def of(cls, message: Message, line: str) -> Request:
        below = "" if is_scheduled(message.id) else message.id
        private = message.direct or message.room_id in DOORS
        return cls(
            message.id, message.room_id, message.thread or below, message.author, line, private
        )

    @property
    def operation(self) -> str:
        """The id of the operation this request becomes: the same for the same message, always."""
        return f"op-{self.message_id}"

    def packed(self) -> dict[str, Json]:
        return asdict(self)

    @classmethod
    def unpacked(cls, data: Mapping[str, Json]) -> Request:
        author = data["actor"]
        if not isinstance(author, dict):
            raise TypeError("a request needs an actor")
        texts = {key: str(data[key]) for key in ("message_id", "room_id", "thread", "line")}
        actor = Author(str(author["id"]), str(author["username"]))
        return cls(actor=actor, private=data.get("private") is True, **texts)


def scheduled_id(name: str, slot: str) -> str:
    """The id of a message that a schedule says: the same for the same time, in every process."""
    return f"{_SCHEDULED}{name}:{slot}"


def is_scheduled(message_id: str) -> bool:
    """Whether a schedule said it, and nobody in chat."""
    return message_id.startswith(_SCHEDULED)


def queued_id(code: str) -> str:
    """The id under which a queued command is taken when its time has come."""
    return f"{_QUEUED}{code}"


def tapped_id(post: str, emoji: str) -> str:
    """The id under which a command is taken that somebody started by a reaction: once a post."""
    return f"{_TAPPED}{post}:{emoji.strip(':')}"


def is_timely(message_id: str) -> bool:
    """Whether Houston itself chose the moment: it is never too late for it."""
    return message_id.startswith((_SCHEDULED, _QUEUED))


def is_own(message_id: str) -> bool:
    """Whether Houston itself made the message: it begins with `!`, whatever people begin with."""
    return message_id.startswith((_SCHEDULED, _QUEUED, _TAPPED))


def post_id(*parts: str) -> str:
    """A message id made from what the message is about: the same words give the same id.

    17 characters, as Rocket.Chat's own ids are.
    """
    number = int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest(), "big")
    return _spell(number, _BASE62, 17)


def code_of(operation: str, length: int = 4) -> str:
    """The short code people type for an operation."""
    number = int.from_bytes(hashlib.sha256(operation.encode()).digest(), "big")
    return _spell(number, _SPOKEN, length)


def _spell(number: int, letters: str, length: int) -> str:
    spelled = ""
    for _ in range(length):
        number, index = divmod(number, len(letters))
        spelled += letters[index]
    return spelled
