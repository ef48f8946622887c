"""What Houston says of itself over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.sim.scenarios import healthy
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.health import Health
from bot.sections import HealthSection
from tests.commands.room import Room, settings

Client = TestClient


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(LoopClock(datetime(2026, 11, 24, 15, tzinfo=UTC), 20), speed=20)
    yield made
    await made.close()


@pytest.fixture
async def room(world: World) -> AsyncIterator[Room]:
    made = Room(world, settings(health={"port": 0}))
    await made.start()
    yield made
    await made.stop()
    await made.store.forget()


@pytest.fixture
async def client(room: Room) -> AsyncIterator[Client]:  # type: ignore[type-arg]
    health = Health(
        section=HealthSection(),
        leadership=room.leadership,
        listener=room.app.listener,
        outbox=room.store.outbox,
        operations=room.store.operations,
        meters=room.app.listener.meters,
    )
    async with TestClient(TestServer(health.application())) as made:
        yield made


async def test_it_is_alive_and_ready_while_chat_is_heard(client: Client) -> None:  # type: ignore[type-arg]
    assert (await client.get("/healthz")).status == 200
    ready = await client.get("/readyz")

    assert ready.status == 200
    assert await ready.json() == {"chat": "ok", "store": "ok"}


async def test_without_chat_it_is_alive_and_not_ready_and_says_why(
    room: Room,
    client: Client,  # type: ignore[type-arg]
) -> None:
    room.world.chat.set_up(False)
    while room.app.listener.linked:
        await room.world.pause(1)
    ready = await client.get("/readyz")

    assert (await client.get("/healthz")).status == 200
    assert ready.status == 503
    assert (await ready.json())["chat"] not in {"", "ok"}


async def test_a_replica_that_stands_by_is_ready_and_says_so(
    room: Room,
    client: Client,  # type: ignore[type-arg]
) -> None:
    room.seat.throw_out()
    ready = await client.get("/readyz")
    figures = await (await client.get("/metrics")).text()

    assert ready.status == 200
    assert "standing by" in (await ready.json())["chat"]
    assert "houston_leading 0.0" in figures


async def test_commands_are_counted_by_name_and_outcome(
    room: Room,
    client: Client,  # type: ignore[type-arg]
) -> None:
    for line in ("!help", "!help", "!scale nothing 2", "!xyzzy"):
        await room.ask(line)
    figures = await (await client.get("/metrics")).text()

    assert 'houston_commands_total{command="help",outcome="ok"} 2.0' in figures
    assert 'houston_commands_total{command="unknown",outcome="refused"} 1.0' in figures
    assert "houston_answer_seconds_count 4.0" in figures or 'outcome="operation"' in figures
    assert "houston_chat_linked 1.0" in figures
    assert "houston_leading 1.0" in figures
    assert "houston_chat_links_total 1.0" in figures
