"""A vote that was written down when Houston was killed still decides."""

import asyncio

import pytest

from bot.ports.store import State
from tests.commands.room import Room

pytestmark = pytest.mark.looptime


@pytest.mark.parametrize("before", [True, False])
async def test_killed_between_the_vote_and_its_message_the_operation_goes_on(
    room: Room, before: bool
) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.journal.kill_at, room.journal.before = room.journal.writes + 1, before
    room.react(record)
    await asyncio.wait_for(room.engine.died.wait(), 60)
    assert len(await room.store.votes.of(record.id, 1)) == 1
    room.journal.kill_at = 0
    await room.restart()

    ended = await room.ended(said)
    assert ended.state is State.SUCCEEDED
    assert sum("bo approves" in text for text in room.thread(said)) == 1
    assert len(await room.store.votes.of(record.id, 1)) == 1


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("write", range(1, 7))
async def test_killed_around_the_start_an_approval_is_used_once_or_not_at_all(
    room: Room, write: int, before: bool
) -> None:
    """By the next look the votes have expired: what had started goes on, nothing else starts."""
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.journal.kill_at, room.journal.before = room.journal.writes + write, before
    room.react(record)
    await asyncio.wait_for(room.engine.died.wait(), 60)
    known = await room.store.operations.get(record.id)
    started = known is not None and known.state is State.RUNNING
    room.journal.kill_at = 0
    await room.restart(after=900)

    ended = await room.ended(said)
    events = [entry.event for entry in await room.store.audit.of(record.id)]
    assert ended.state is (State.SUCCEEDED if started else State.EXPIRED)
    assert events.count("operation.started") == started
    assert len(room.world.remote.commits()) == 1 + started
    assert len(room.world.cluster.syncs) == started
