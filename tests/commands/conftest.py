"""A room over a healthy simulated world, in virtual time."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.sim.scenarios import Scenario, healthy
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.settings import Settings
from tests.commands.room import START, Room, opened, settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Virtual time for every test here, beginning where the fixtures' real time ends.

    Pytest shows every test there is: those of the adapters wait for sockets, in real time.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "world" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.looptime(start=time.monotonic, noop_cycles=1))


@pytest.fixture
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A healthy world, or the scenario a test is parametrized with."""
    scenario: Scenario = getattr(request, "param", healthy)
    made = scenario(LoopClock(START))
    yield made
    await made.close()


@pytest.fixture
def room_settings() -> Settings:
    """The configuration; a test module may have its own."""
    return settings()


@pytest.fixture
async def room(world: World, room_settings: Settings) -> AsyncIterator[Room]:
    async with opened(world, room_settings) as made:
        yield made
