"""What Houston keeps in memory of an operation is gone when the operation is."""

from __future__ import annotations

from tests.commands.room import Room
from tests.soak.tables import growth, tables

LIVES = 3


async def life(room: Room) -> None:
    """Operations that end in each way, voted on too late, and some reading."""
    for number, ending in ((2, ":white_check_mark:"), (3, ":x:"), (1, ":white_check_mark:")):
        record = await room.waiting(await room.say(f"!scale presence {number}"))
        room.react(record, ending)
        await room.ended(room.world.chat.message(record.id.removeprefix("op-")))
        room.react(record, ":raised_hand:", by="uDee")
        await room.quiet(60)
    for line in ("!status", "!pods", "!whoami"):
        await room.ask(line)
    await room.quiet(60)


async def test_no_table_grows_with_operations_and_commands(room: Room) -> None:
    await life(room)
    await room.quiet(1200)  # what is done by itself was done once
    before = tables(room.app)
    for _ in range(LIVES):
        await life(room)

    assert growth(before, tables(room.app), LIVES - 1) == {}
