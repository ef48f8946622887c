"""What a drill is: a simulated fault, its runbook, and how it is told that it was mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.clock import Clock
from bot.ports.audit import Sealed
from bot.ports.chat import Author, File
from bot.ports.store import Record
from bot.roster import Person

MARK = "*DRILL*"
"""What every card of a drill begins with."""
CODE = "CODE"
"""In a line of a drill this word stands for the code of the newest plan."""


@dataclass(frozen=True)
class Move:
    """One line of a runbook: what to type, and why or what to see then."""

    line: str
    why: str


@dataclass(frozen=True)
class Drill:
    """One drill.

    `symptom` is what is known at the start. `diagnosis` are words of which one stands on the card
    that names the right cause. `looking` are names of operations that are made to look, beside the
    commands that only read. `mending` are the names of the commands that mend it. `by_hand` is
    what is done outside of Houston, empty when nothing is; `proof` are words that a card shows then
    when it worked. `guide` is the section of the operations guide.
    """

    name: str
    title: str
    guide: str
    symptom: str
    moves: tuple[Move, ...]
    diagnosis: tuple[str, ...]
    looking: tuple[str, ...] = ()
    mending: tuple[str, ...] = ()
    by_hand: str = ""
    proof: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The commands of the runbook."""
        return tuple(move.line for move in self.moves)


@dataclass(frozen=True)
class Shown:
    """A message of the drill's Houston as it stands now. `at` is when it was first seen, `to` whom
    alone it was told, empty for everybody; `seeds` are its reactions."""

    id: str
    text: str
    at: datetime
    seeds: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    to: str = ""


@dataclass(frozen=True)
class Scene:
    """The drill's world at one moment. `audit` is what was written down after the entry that was
    asked about; `well` whether the fault is gone."""

    shown: tuple[Shown, ...]
    operations: tuple[Record, ...]
    audit: tuple[Sealed, ...]
    well: bool


class Stage(Protocol):
    """A second Houston over a simulated world, both of which nobody else can reach."""

    async def say(self, author: Author, line: str) -> None:
        """A person types a command there; without chat, at the command line."""
        ...

    async def colleague(self, code: str) -> str:
        """A simulated colleague on call approves, the next one each time; gives the name.

        Raises Refused when every one has.
        """
        ...

    async def react(self, message_id: str, voter: Author, emoji: str, *, on: bool) -> None:
        """A person sets or takes back a reaction below a message of the drill's Houston."""
        ...

    async def by_hand(self) -> None:
        """What has to be done outside of Houston is done."""
        ...

    async def look(self, after: int) -> Scene:
        """How it stands, with the entries of its trail after the one with this number."""
        ...

    async def close(self) -> None:
        """End it; nothing is kept."""
        ...


class Stages(Protocol):
    """Makes the worlds of drills."""

    async def open(self, drill: Drill, people: Sequence[Person], clock: Clock) -> Stage:
        """A world with the drill's fault, and a Houston in it that knows these people."""
        ...


def marked(text: str) -> str:
    """The text of a card, marked as a drill's in its first line; once."""
    return text if text.startswith(MARK) else f"{MARK} · {text}"
