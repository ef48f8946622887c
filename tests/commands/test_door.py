"""The command line's own door: the same answers, and an exit status for scripts."""

from __future__ import annotations

import pytest

from bot import door, doorway
from tests.commands.room import Room


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
