"""Between a second door and the core: who is meant, what they say, how an answer reads there."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from bot.cards import Mark
from bot.clock import Clock
from bot.errors import UsageError
from bot.harmless import visible
from bot.policy import Policy
from bot.ports.chat import Author, Message
from bot.ports.store import LOCAL
from bot.roster import Person


def operator(policy: Policy, name: str) -> Person:
    """The person a local command is run as. Raises UsageError, naming who there is."""
    known = {person.name.lower(): person for person in policy.people} | {
        person.id.lower(): person for person in policy.people
    }
    person = known.get(name.lower())
    if person is None:
        names = ", ".join(sorted(person.name for person in policy.people)) or "nobody"
        raise UsageError(f"{name or 'no name'!r} is nobody in the roster; it has {names}.")
    return person


def message(
    person: Person, line: str, clock: Clock, by: str = LOCAL, *, prefix: str = "!"
) -> Message:
    """What this person says through a second door, the command line's or another of `DOORS`.

    Args:
        prefix: what a command begins with in chat. A door is for commands only, so it may be left
            out there, or be the `!` of cards and documents, which is how it is handed on.
    """
    now = clock.now()
    text = "!" + line.removeprefix(prefix).removeprefix("!")
    return Message(
        id=f"{by}-{uuid.uuid4().hex}",
        room_id=by,
        text=text,
        author=Author(person.id, person.name),
        at=now,
        updated=now,
    )


def readable(text: str) -> str:
    """The card as it reads on a terminal: symbols for their names, no formatting marks."""
    text = visible(text)
    for mark in Mark:
        text = text.replace(mark.symbol, _SIGNS.get(mark, ""))
    text = re.sub(r"`([^`\n]*)`", lambda span: span[1].translate(_KEPT), text)
    text = re.sub(r"(?<!\\)[*]([^*\n]+)[*]", r"\1", text)
    text = re.sub(r"\\([*_~`\[\]|])", r"\1", text).replace("\u200b", "").replace("`", "")
    return text.translate({ord(kept): mark for mark, kept in zip("*\\", _PRIVATE, strict=True)})


@dataclass(frozen=True)
class Said:
    """A card as it reads on a terminal: its first line, the rest, and the lines it offers."""

    title: str
    body: str
    next: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The rest, a line each, without the symbol of the title and frames."""
        return tuple(line for line in self.body.split("\n") if line)

    @property
    def answer(self) -> str:
        """The first line without its symbol."""
        sign, _, words = self.title.partition(" ")
        return words if sign in _SIGNS.values() else self.title


def parts(text: str) -> Said:
    """What stands where in a post that is a card."""
    offered = _NEXT.search(text)
    title, _, body = readable(text[: offered.start()] if offered else text).partition("\n")
    return Said(title, body, tuple(_CODE.findall(offered[1])) if offered else ())


_NEXT = re.compile(r"\nNext: ([^\n]*)$")
_CODE = re.compile(r"`([^`]+)`")
_PRIVATE = "\ue000\ue001"
"""What stands for formatting marks inside of code until those outside are gone."""
_KEPT = str.maketrans("*\\", _PRIVATE)
_SIGNS = {
    Mark.OK: "✔",
    Mark.INFO: "ℹ",
    Mark.WAITING: "⏳",
    Mark.RUNNING: "↻",
    Mark.HELD: "✋",
    Mark.WARNING: "⚠",
    Mark.NO: "⛔",
    Mark.FAILED: "✘",
}
