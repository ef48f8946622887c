"""The clock of Houston's machine is set while an operation runs: the operation goes on."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.sim.scenarios import healthy
from adapters.sim.world import World
from bot.clock import Clock, LoopClock
from bot.ports.engine import Json
from bot.ports.store import State
from bot.steps import Actor
from tests.commands.room import START, Room


class Set(LoopClock):
    """A clock somebody sets."""

    def move(self, by: timedelta) -> None:
        self._start += by


def movable(clock: Clock, **_: object) -> World:
    del clock
    return healthy(Set(START))


@pytest.mark.parametrize("world", [movable], indirect=True)
@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("later", [0, 5, 12])
async def test_the_clock_is_set_while_an_operation_runs(
    room: Room, hours: int, later: float
) -> None:
    loop = asyncio.get_running_loop()
    said = await room.say("!scale presence 2")
    room.react(await room.waiting(said))
    began = loop.time()
    await room.committed()
    await room.quiet(later)
    assert isinstance(room.world.clock, Set)
    room.world.clock.move(timedelta(hours=hours))
    record = await room.ended(said)

    assert loop.time() - began < 180, "it waited for the old time"
    assert record.state is State.SUCCEEDED, room.card(record)
    assert "succeeded" in room.card(record)
    assert len(room.world.remote.commits()) == 2


@pytest.mark.parametrize("world", [movable], indirect=True)
async def test_the_clock_is_set_ahead_before_the_first_look(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = vars(Actor)["_begin"]

    async def then_moved(actor: Actor, id: str) -> Json:
        begun: Json = await begin(actor, id)
        assert isinstance(room.world.clock, Set)
        room.world.clock.move(timedelta(hours=1))
        return begun

    monkeypatch.setattr(Actor, "_begin", then_moved)
    record = await room.approved("!scale presence 2")

    assert record.state is State.SUCCEEDED, room.card(record)


@pytest.mark.parametrize("world", [movable], indirect=True)
async def test_what_could_not_be_sent_before_the_clock_was_set_back_is_sent(room: Room) -> None:
    said = await room.say("!whoami")
    room.world.chat.set_reachable(False)
    await room.quiet(10)
    assert isinstance(room.world.clock, Set)
    room.world.clock.move(timedelta(hours=-1))
    room.world.chat.set_reachable(True)

    assert "Ana" in await room.answer(said, patience=120)
