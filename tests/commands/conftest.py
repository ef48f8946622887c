"""A room over a healthy simulated world, in virtual time."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from adapters.sim.scenarios import healthy
from adapters.sim.world import World
from bot.clock import LoopClock
from tests.commands.room import START, Room, settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Virtual time for every test here, beginning where the fixtures' real time ends."""
    for item in items:
        if "room" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.looptime(start=time.monotonic))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(LoopClock(START))
    yield made
    await made.close()


@pytest.fixture
async def room(world: World) -> AsyncIterator[Room]:
    made = Room(world, settings())
    await made.start()
    yield made
    await made.stop()
    await made.store.forget()
