"""Whatever comes from outside may hold anything: nothing of it notifies, links, hides or steers.

Each command is run with hostile text in the places it hears from outside, one at a time: the places
are found by listening, so a command and a field of tomorrow are under this from their first day.
A run takes a part of each command's places and of the calls it makes, other parts than for the
commands beside it; `--every-place` takes all.
"""

from __future__ import annotations

import io
import json

import pytest

from adapters.sim.document import Document
from adapters.sim.world import World
from bot.bootstrap import catalogue
from tests.commands.hostile import HostileRoom, Tap, harms, steering
from tests.commands.room import settings

COMMANDS = catalogue()
UNWRITTEN = (".id", ".room_id", ".thread", ".edited_by", "git.edit.after", "git.edit.more[][][]")
"""Ends of places in which nobody writes: the chat server makes them, or Houston itself does."""
PARTS = 4
"""Into how many parts the places and calls of a command are dealt."""


class Stage:
    """Types one command's examples, and reads what Houston said since the last look."""

    def __init__(self, room: HostileRoom, name: str) -> None:
        self.room = room
        self.name = name
        self.read = 0

    async def run(self) -> None:
        """Type each example, and clear away what it began."""
        room = self.room
        for line in COMMANDS[self.name].examples or (f"!{self.name}",):
            said = await room.say(line)
            await room.quiet(4)
            for _ in range(40):
                if room.thread(said) or not await room.store.ledger.unfinished():
                    break
                await room.quiet(4)
            for record in await room.store.operations.open():
                await room.say(f"!deny {record.code}", by="uBo")
                await room.say(f"!abort {record.code}", by="uBo")
        await room.quiet(2)

    def leaks(self) -> list[str]:
        """What the new messages would do."""
        documents = self.room.world.chat.archive.all()
        new, self.read = documents[self.read :], len(documents)
        return [
            harm
            for document in new
            if document.author.id == "uHouston"
            for harm in (*harms(document.text), *_steering_files(document))
        ]


def _steering_files(document: Document) -> list[str]:
    texts = (file for file in document.files if file.type.startswith("text/"))
    return [f"{file.name}: {harm}" for file in texts for harm in steering(file.content.decode())]


def mistakes(logged: io.StringIO) -> list[str]:
    """What Houston itself did wrong since the last look."""
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    logged.seek(0)
    logged.truncate()
    return [str(line["exception"]) for line in lines if "exception" in line]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_what_comes_from_outside_does_nothing(
    world: World, logged: io.StringIO, name: str, request: pytest.FixtureRequest
) -> None:
    chat = {**settings().model_dump()["chat"], "per_person": 10**6, "per_room": 10**6}
    tap = Tap()
    room = HostileRoom(world, settings(chat=chat), tap)
    await room.start()
    tap.paths.clear()
    stage = Stage(room, name)
    await stage.run()
    stage.leaks()
    whole = request.config.getoption("--every-place")
    part = slice(None) if whole else slice(sorted(COMMANDS).index(name) % PARTS, None, PARTS)
    bad: dict[str, list[str]] = {}
    for place in sorted(path for path in tap.paths if not path.endswith(UNWRITTEN))[part]:
        tap.poisoned = place
        await stage.run()
        bad[f"hostile {place}"] = stage.leaks() + mistakes(logged)
    tap.poisoned = ""
    for call in sorted(tap.calls)[part]:
        tap.failing = call
        await stage.run()
        bad[f"failing {call}"] = stage.leaks() + mistakes(logged)
        tap.failing = ""
    await room.stop()
    await room.store.forget()
    assert {place: harm for place, harm in bad.items() if harm} == {}
