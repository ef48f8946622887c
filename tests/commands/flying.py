"""Flying a drill in a room: what a person types, and what comes of it."""

from __future__ import annotations

import re
from pathlib import Path

from bot.ports.chat import Message
from tests.commands.room import Room

PAGE = Path(__file__).parents[2] / "docs/drills.md"
MONGO = "mongo-missing-configmap"


def runbooks() -> dict[str, list[str]]:
    """Every drill's lines, as a person reads them on the page."""
    found: dict[str, list[str]] = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n### ")[1:]:
        name = section.split("\n", 1)[0]
        found[name] = re.findall(r"^\d+\. `([^`]+)`: ", section, re.MULTILINE)
    return found


async def begin(room: Room, name: str = MONGO, by: str = "uAna") -> Message:
    """Start a drill; gives the root of its thread."""
    said = await room.say(f"!drill start {name}", by)
    await room.answer(said)
    return said


async def do(room: Room, root: Message, line: str, by: str = "uAna") -> str:
    """Type a line in the drill's thread; gives what is new there once it is quiet."""
    before = len(room.thread(root))
    await room.say(line, by, thread=root.id)
    if (running := room.drills.running) is not None:
        await room.quiet(5)
        await running.settled()
    await room.quiet(5)
    return "\n".join(room.thread(root)[before:])


async def flown(room: Room, root: Message, lines: list[str]) -> str:
    """Fly by these lines; gives the score sheet."""
    for line in lines:
        await do(room, root, line)
    await room.when(lambda: room.drills.running is None, patience=600)
    await room.quiet(10)
    return next(text for text in room.thread(root) if "Score of drill" in text)
