"""What Houston writes down while nothing happens: little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from tests.commands.room import Room


@contextmanager
def written(room: Room) -> Iterator[Counter[str]]:
    """How often rows of each table are changed in the block."""
    counted: Counter[str] = Counter()

    def executed(*arguments: Any) -> None:
        _, cursor, statement, *_ = arguments
        verb, *rest = str(statement).split()
        if verb in {"INSERT", "UPDATE", "DELETE"} and cursor.rowcount > 0:
            counted[rest[0] if verb == "UPDATE" else rest[1]] += 1

    engine = room.store._database.engine  # noqa: SLF001  # counts what reaches the database
    event.listen(engine, "after_cursor_execute", executed)
    try:
        yield counted
    finally:
        event.remove(engine, "after_cursor_execute", executed)


async def test_a_check_that_sees_the_same_again_writes_once_a_minute(room: Room) -> None:
    """A rollout that hangs is looked at every three seconds."""
    room.world.cluster.rollout_seconds = 10**6
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.react(record)
    await room.quiet(90)
    with written(room) as counted:
        await room.quiet(600)

    assert 9 <= counted["houston_operations"] <= 11
    assert counted["houston_posts"] <= 3 * 11


async def test_the_card_of_a_check_that_hangs_says_how_long_it_has_taken(room: Room) -> None:
    room.world.cluster.rollout_seconds = 10**6
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.react(record)
    await room.quiet(8 * 60)
    card = room.card(record)

    assert any(f"{minutes} min" in card for minutes in (6, 7, 8)), card
    found = await room.store.operations.get(record.id)
    assert found
    assert room.world.clock.now() - found.updated < timedelta(seconds=70)


async def test_what_a_check_sees_anew_is_shown_at_once(room: Room) -> None:
    room.world.cluster.rollout_seconds = 100
    said = await room.say("!scale ddpStreamer 3")
    record = await room.waiting(said)
    room.react(record)
    await room.when(lambda: room.world.cluster.deployment("rocketchat-ddp-streamer").ready == 2)
    await room.quiet(7)

    assert "2 of 3 ready" in room.card(record)


async def test_a_reading_command_costs_no_more_than_what_a_crash_needs(room: Room) -> None:
    """Taken, written into the trail, answered, shown, and at most once in five seconds the
    cursor."""
    await room.quiet(10)
    with written(room) as counted:
        await room.ask("!whoami")
        await room.quiet(6)

    assert counted == {
        "houston_messages": 1,  # and inserts, whose number of rows SQLite does not say
        "houston_audit_trail": 1,
        "houston_audit_head": 1,
        "houston_posts": 1,
        "houston_cursors": 1,
    }
