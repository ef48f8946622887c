"""Several Houstons on one store: one answers, the others stand by and take over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.sim.world import World
from bot.ports.store import State
from tests.commands.room import Room, settings

pytestmark = pytest.mark.looptime


@pytest.fixture
async def standby(room: Room, world: World) -> AsyncIterator[Room]:
    """A second Houston, started while the first leads."""
    second = Room(world, settings())
    await second.store.forget()
    second.seat, second.journal, second.store = room.seat, room.journal, room.store
    second.rebuild()
    starting = asyncio.create_task(second.app.start())
    yield second
    starting.cancel()
    await second.app.stop()


async def test_who_stands_by_says_nothing_and_answers_once_the_other_has_gone(
    room: Room, standby: Room
) -> None:
    first = await room.say("!whoami")
    await room.answer(first)
    await room.quiet(60)
    assert not standby.leadership.leads
    await room.app.stop()
    second = await standby.say("!whoami")
    began = asyncio.get_running_loop().time()
    await standby.answer(second)

    assert len(room.thread(first)) == 1
    assert len(standby.thread(second)) == 1
    assert asyncio.get_running_loop().time() - began < 10


async def test_an_operation_goes_on_where_the_lead_went(room: Room, standby: Room) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.react(record)
    before = len(room.world.remote.commits())
    await room.committed()
    await room.app.stop()
    ended = await standby.ended(said)

    assert ended.state is State.SUCCEEDED
    assert len(room.world.remote.commits()) == before + 1
    assert len({*standby.thread(said)}) == len(standby.thread(said))
