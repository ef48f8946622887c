"""Houston itself makes a mistake: the operation ends, says so, and lets its target go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.ballots import Ballots
from bot.command import Operation
from bot.planning import Planner
from bot.ports.store import State
from bot.progress import Progress
from tests.commands.room import Room


@pytest.mark.parametrize(
    ("where", "commits", "outcome"),
    [
        ((Ballots, "count"), 0, "Nothing was changed"),
        ((Planner, "again"), 0, "Nothing was changed"),
        ((Operation, "steps"), 0, "Nothing was changed"),
        ((Progress, "looked"), 1, "not verified"),
    ],
    ids=["votes", "gate", "actions", "checks"],
)
async def test_a_mistake_ends_the_operation_and_is_said(
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    where: tuple[type, str],
    commits: int,
    outcome: str,
) -> None:
    def mistaken(*arguments: Any, **named: Any) -> Any:
        del arguments, named
        raise ZeroDivisionError

    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    with monkeypatch.context() as broken:
        broken.setattr(*where, mistaken)
        room.react(record)
        ended = await room.ended(said)
    await room.quiet(300)
    again = await room.approved("!scale presence 3")

    assert ended.state is State.FAILED
    assert outcome in room.card(ended)
    assert "Houston itself made a mistake (ZeroDivisionError)" in room.card(ended)
    assert "Try once more" in room.card(ended)
    assert len(room.world.remote.commits()) == 1 + commits + 1
    assert again.state is State.SUCCEEDED


@pytest.mark.parametrize(
    ("where", "commits"),
    [((Ballots, "count"), 0), ((Planner, "again"), 0), ((Progress, "looked"), 1)],
    ids=["votes", "gate", "checks"],
)
async def test_killed_before_a_mistake_is_said_it_is_said_after_the_next_start(
    room: Room, monkeypatch: pytest.MonkeyPatch, where: tuple[type, str], commits: int
) -> None:
    def mistaken(*arguments: Any, **named: Any) -> Any:
        del arguments, named
        room.journal.kill_at, room.journal.before = room.journal.writes + 1, False
        raise ZeroDivisionError

    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    with monkeypatch.context() as broken:
        broken.setattr(*where, mistaken)
        room.react(record)
        await asyncio.wait_for(room.engine.died.wait(), 600)
    before = await room.store.operations.get(record.id)
    room.journal.kill_at = 0
    await room.restart()
    ended = await room.ended(said)
    await room.quiet(300)
    again = await room.approved("!scale presence 3")

    assert before is not None
    assert not before.state.final
    assert ended.state is State.FAILED
    assert "Houston itself made a mistake (ZeroDivisionError)" in room.card(ended)
    assert "Try once more" in room.card(ended)
    assert len(room.world.remote.commits()) == 1 + commits + 1
    assert again.state is State.SUCCEEDED
