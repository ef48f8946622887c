"""The command line's own door: the same answers, and an exit status for scripts."""

from __future__ import annotations

import pytest

from adapters.sim.world import World
from bot import door, doorway
from tests.commands.room import Room, opened, settings


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("!whoami", door.OK, "Ana Ferreira"),
        ("whoami", door.OK, "Ana Ferreira"),
        ("!scale presence 1", door.OK, "already 1"),
        ("!scale nothing 2", door.REFUSED, "is no service"),
        ("!scale presence", door.REFUSED, "N is missing"),
        ("!upgrade 6.0.0", door.REFUSED, "crosses a major version"),
    ],
)
async def test_a_command_ends_with_its_status(
    room: Room, line: str, status: int, said: str
) -> None:
    person = room.settings.policy.people[0]
    message = doorway.message(person, line, room.world.clock)
    shown: list[str] = []
    await room.app.say(message)

    assert await door.follow(room.store, message, shown.append) == status
    assert said in "\n".join(shown)


@pytest.mark.parametrize("line", [".whoami", "!whoami", "whoami"])
async def test_where_commands_begin_with_something_else_a_door_takes_them_all_the_same(
    world: World, line: str
) -> None:
    chat = {**settings().model_dump()["chat"], "prefix": "."}
    async with opened(world, settings(chat=chat)) as room:
        person = room.settings.policy.people[0]
        message = doorway.message(person, line, world.clock, prefix=".")
        await room.app.say(message)
        shown: list[str] = []

        assert await door.follow(room.store, message, shown.append) == door.OK
        assert "Ana Ferreira" in shown[0]
        assert "Ana Ferreira" in await room.ask(".whoami")
        heard = await room.say("!whoami")
        await room.quiet(10)
        assert room.thread(heard) == []


async def test_where_commands_begin_with_something_else_schedules_run_all_the_same(
    world: World,
) -> None:
    chat = {**settings().model_dump()["chat"], "prefix": "."}
    daily = [{"name": "hourly", "cron": "0 * * * *", "command": "!whoami"}]
    async with opened(world, settings(chat=chat, schedules=daily)) as room:
        await room.quiet(3700)
        said = [m.text for m in room.world.chat.messages("ops") if m.author.id == "uHouston"]

    assert len(said) == 1
