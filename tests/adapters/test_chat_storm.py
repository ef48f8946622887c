"""A link that ends again and again: one at a time, and ever more slowly."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from adapters.rocketchat import RocketChat
from adapters.sim.scenarios import healthy
from adapters.sim.servers import rocketchat
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.ports.chat import Linked
from tests.adapters.ear import listening
from tests.adapters.test_chat_events import QUICK, SPEED, START

ENDS = 24


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(LoopClock(START, SPEED), speed=SPEED)
    yield made
    await made.close()


async def reconnects(world: World, seed: int) -> list[timedelta]:
    """How long after each end the next link was there."""
    gaps: list[timedelta] = []
    async with TestServer(rocketchat.app(world)) as server, aiohttp.ClientSession() as session:
        chat = RocketChat(
            session,
            url=str(server.make_url("")),
            user_id="uHouston",
            token=world.chat.token("uHouston"),
            rooms=("ops",),
            dice=random.Random(seed),  # noqa: S311  # jitter that can be repeated
            timing=QUICK,
        )
        async with listening(chat) as ear:
            for number in range(ENDS):
                ended: datetime = world.clock.now()
                world.chat.drop_links()
                await ear.linked(times=number + 2)
                gaps.append(world.clock.now() - ended)
                assert world.chat.links.count("uHouston") == 1
            assert ear.count(Linked) == ENDS + 1
    return gaps


async def test_a_link_that_ends_again_and_again_is_made_more_and_more_slowly(world: World) -> None:
    gaps = await reconnects(world, 1)
    half = ENDS // 2

    assert sum(gaps[half:], timedelta()) > 2 * sum(gaps[:half], timedelta())
    assert max(gaps) < QUICK.longest * SPEED + timedelta(seconds=10)


async def test_two_that_were_cut_off_together_do_not_come_back_together(world: World) -> None:
    one, other = await reconnects(world, 1), await reconnects(world, 2)

    assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > timedelta(seconds=1)
