"""A Houston with a console, in a world that goes fast: sockets need real time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.sim.scenarios import healthy
from adapters.sim.world import World
from tests.commands.room import Room, settings
from tests.console.visitor import LINES, Client, Movable, Visitor


@pytest.fixture
async def clock() -> Movable:
    return Movable(datetime(2026, 11, 24, 15, tzinfo=UTC), 20)


@pytest.fixture
async def world(clock: Movable) -> AsyncIterator[World]:
    made = healthy(clock, speed=20)
    yield made
    await made.close()


@pytest.fixture
def console() -> dict[str, Any]:
    """The console's own settings; a module or a parameter may have others."""
    return {"port": 0}


@pytest.fixture
async def room(world: World, console: dict[str, Any]) -> AsyncIterator[Room]:
    made = Room(world, settings(console=console, door={"operators": LINES}))
    await made.start()
    yield made
    await made.stop()
    await made.store.forget()


@pytest.fixture
async def come(room: Room) -> AsyncIterator[Callable[[], Awaitable[Visitor]]]:
    """Somebody new, with a browser of their own."""
    assert room.app.console
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(room.app.console.application()))

        async def made() -> Visitor:
            client: Client = TestClient(server)
            return Visitor(await stack.enter_async_context(client), room)

        yield made


@pytest.fixture
async def visitor(come: Callable[[], Awaitable[Visitor]]) -> Visitor:
    """Nobody who is logged in."""
    return await come()


@pytest.fixture
async def ana(visitor: Visitor) -> Visitor:
    """Ana, logged in."""
    assert (await visitor.login()).status == 200
    return visitor
