"""The harness of Houston's own command tests, for the tests of somebody else's commands.

`pytest_plugins = ["houston.testing"]` in a conftest gives the fixtures `world`, `room_settings` and
`room`; every test with a room runs in virtual time. Needs pytest, pytest-asyncio and looptime.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable

import pytest

from adapters.sim.scenarios import SCENARIOS, Scenario, healthy
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.ports.store import Record, State
from bot.settings import Settings
from houston.testing.configured import START, settings
from houston.testing.harness import Room, opened

__all__ = [
    "SCENARIOS",
    "START",
    "Record",
    "Room",
    "Scenario",
    "State",
    "World",
    "in_virtual_time",
    "opened",
    "pytest_collection_modifyitems",
    "room",
    "room_settings",
    "settings",
    "world",
]


def in_virtual_time(items: Iterable[pytest.Item], fixture: str) -> None:
    """Virtual time for every test with this fixture, beginning where the fixtures' real time
    ends."""
    for item in items:
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.looptime(start=time.monotonic, noop_cycles=1))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where this is a plugin: tests with a room need not say that their time is virtual."""
    in_virtual_time(items, "room")


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
    """#ops with Houston in it."""
    async with opened(world, room_settings) as made:
        yield made
