"""A reader that is busy: what waits for it is bounded, and nothing of it is lost."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.rocketchat import RocketChat
from adapters.sim.scenarios import healthy
from adapters.sim.servers import rocketchat
from bot.clock import LoopClock
from bot.ports.chat import Heard, Linked, Unlinked

BEHIND = 5
SAID = 40


async def test_more_than_may_wait_ends_the_link_and_the_next_one_finds_it() -> None:
    world = healthy(LoopClock(datetime(2026, 11, 24, 15, 0, tzinfo=UTC), 50.0), speed=50.0)
    async with TestServer(rocketchat.app(world)) as server, aiohttp.ClientSession() as session:
        chat = RocketChat(
            session,
            url=str(server.make_url("")),
            user_id="uHouston",
            token=world.chat.token("uHouston"),
            rooms=("ops",),
            dice=random.Random(1),  # noqa: S311  # jitter that can be repeated
            behind=BEHIND,
        )
        events = chat.events()
        first = await anext(events)
        since = world.clock.now()
        for number in range(SAID):
            world.chat.say("uAna", f"talk {number}")
        await asyncio.sleep(0.5)
        heard = [await anext(events) for _ in range(BEHIND)]
        rest = [await anext(events) for _ in range(2)]
        found = await chat.since("rOps", since)
        await events.aclose()
    await world.close()

    assert isinstance(first, Linked)
    assert all(isinstance(event, Heard) for event in heard)
    assert isinstance(rest[0], Unlinked)
    assert "wait to be read" in rest[0].reason
    assert isinstance(rest[1], Linked)
    assert len(found) == SAID
