"""The store fails for a while, at any moment: every command is answered, and nothing ends half."""

from __future__ import annotations

import asyncio

import pytest

from bot.ports.store import Record, State
from tests.commands.room import Room
from tests.faults.store import disk_full


async def full_for_a_minute(room: Room) -> None:
    with disk_full():
        await room.quiet(60)


async def test_a_command_said_while_the_disk_is_full_is_answered_when_it_is_not(
    room: Room,
) -> None:
    said = await room.say("!whoami")
    await full_for_a_minute(room)

    assert "Ana" in await room.answer(said)
    assert len(room.thread(said)) == 1


async def test_houston_is_neither_deaf_nor_mute_after_the_disk_was_full(room: Room) -> None:
    with disk_full():
        room.world.chat.drop_links()
        await room.quiet(300)
    await room.quiet(60)

    assert "Ana" in await room.ask("!whoami")
    assert (await room.approved("!scale presence 2")).state is State.SUCCEEDED


@pytest.mark.parametrize("count", range(0, 23, 2))
async def test_an_operation_outlives_a_full_disk_at_any_of_its_writes(
    room: Room, count: int
) -> None:
    """The engine's journal is not in this store: `test_engine_journal.py`."""
    began = room.journal.writes
    said = await room.say("!scale presence 2")
    voted: list[Record] = []
    async with asyncio.timeout(600):
        while room.journal.writes < began + count:
            record = await room.store.operations.get(f"op-{said.id}")
            if record and not voted and record.state is State.WAITING and room.seeded(record):
                voted.append(record)
                room.react(record)
            await asyncio.sleep(0.02)
    await full_for_a_minute(room)
    if not voted:
        room.react(await room.waiting(said))
    record = await room.ended(said)

    assert record.state is State.SUCCEEDED, room.card(record)
    assert len(room.world.remote.commits()) == 2
    assert sum(not sync.automated for sync in room.world.cluster.syncs) <= 1
    assert await room.store.operations.lock(record.target, "another") is None


async def test_houston_stops_in_order_while_the_disk_is_full(room: Room) -> None:
    loop = asyncio.get_running_loop()
    said = await room.say("!scale presence 2")
    await room.waiting(said)
    await room.say("this moves the cursor")
    began = loop.time()
    with disk_full():
        await room.quiet(1)
        await room.stop()

    assert loop.time() - began < 5
    await room.restart()
    room.react(await room.waiting(said))
    assert (await room.ended(said)).state is State.SUCCEEDED
