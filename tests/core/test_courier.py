"""How the outbox reaches chat: threads side by side, each in order, and away is away for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.sim.chat import SimChat
from adapters.sim.world import Fault, World
from adapters.sim.worlds import healthy
from adapters.store import SqlStore
from bot.clock import LoopClock
from bot.courier import Courier
from bot.ports.chat import Post

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.looptime


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(LoopClock(START))
    yield made
    await made.close()


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    made = SqlStore("sqlite://")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def courier(world: World, store: SqlStore) -> Courier:
    return Courier(SimChat(world), store.outbox, world.clock, SECOND, SECOND * 10)


def ops(world: World) -> str:
    return world.chat.people.place("ops").id


async def test_a_thread_waits_for_no_other(world: World, store: SqlStore, courier: Courier) -> None:
    world.latency = 1.0
    roots = [world.chat.say("uAna", f"!help {n}").id for n in range(8)]
    for number, root in enumerate(roots):
        await store.outbox.put(Post(f"p{number}", ops(world), "text", root))
    began = asyncio.get_running_loop().time()

    await courier.deliver()

    assert asyncio.get_running_loop().time() - began == pytest.approx(2.0)
    assert not await store.outbox.pending()
    assert all(len(world.chat.thread(root)) == 1 for root in roots)


async def test_what_is_said_in_one_thread_comes_in_order(
    world: World, store: SqlStore, courier: Courier
) -> None:
    root = world.chat.say("uAna", "!help").id
    for number in range(6):
        await store.outbox.put(Post(f"p{number}", ops(world), str(number), root))

    await courier.deliver()

    assert [said.text for said in world.chat.thread(root)] == [str(n) for n in range(6)]


async def test_while_chat_is_away_each_round_tries_no_more_than_what_is_under_way(
    world: World, store: SqlStore, courier: Courier
) -> None:
    world.fail("chat.post", Fault.UNAVAILABLE, times=20)
    for number in range(20):
        root = world.chat.say("uAna", "!help").id
        await store.outbox.put(Post(f"p{number}", ops(world), "text", root))

    pause = await courier.deliver()

    tried = [out for out in await store.outbox.pending() if out.attempts]
    assert (len(tried), pause) == (4, SECOND / 2)
