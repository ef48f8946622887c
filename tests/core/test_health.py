"""What Houston says of itself over HTTP."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession, ClientTimeout
from aiohttp.test_utils import TestClient, TestServer

from adapters.sim.scenarios import healthy
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.errors import StoreAway
from bot.health import Health
from bot.policy import Policy
from bot.policyfile import PolicyFile
from bot.rules import PolicyData
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
def on_disk(room: Room) -> list[PolicyData]:
    """The rules a restart would read."""
    return [room.settings.policy]


@pytest.fixture
def health(room: Room, on_disk: list[PolicyData]) -> Health:
    return Health(
        section=HealthSection(),
        leadership=room.leadership,
        listener=room.app.listener,
        outbox=room.store.outbox,
        operations=room.store.operations,
        engine=room.engine,
        meters=room.app.listener.meters,
        source=PolicyFile(None, lambda: on_disk[0]),
        policy=Policy(room.settings.policy),
        patience=room.app.patience,
    )


@pytest.fixture
async def client(health: Health) -> AsyncIterator[Client]:  # type: ignore[type-arg]
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


async def test_rules_that_wait_for_a_restart_are_told_and_it_stays_ready(
    on_disk: list[PolicyData],
    client: Client,  # type: ignore[type-arg]
) -> None:
    on_disk[0] = on_disk[0].model_copy(update={"protected": ("pvc/*",)})
    ready = await client.get("/readyz")

    waits = f"policy: another policy, {Policy(on_disk[0]).version}, waits for a restart"
    assert ready.status == 200
    assert await ready.json() == {"chat": "ok", "store": "ok", "degraded": waits}


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


@pytest.mark.parametrize("whose", ["its own", "another Houston's"])
async def test_while_something_waits_for_its_store_it_is_not_ready_and_says_why(
    whose: str,
    world: World,
    room: Room,
    client: Client,  # type: ignore[type-arg]
) -> None:
    """A full disk: what only reads is answered all the same. The store of a drill's Houston in the
    same process is another one."""
    other = Room(world, settings())
    asked = room if whose == "its own" else other

    async def write() -> None:
        raise StoreAway("database or disk is full")

    waits = asyncio.create_task(asked.app.patience.until_done(write, "op-1 commit"))
    await asyncio.sleep(0.05)
    ready = await client.get("/readyz")
    figures = await (await client.get("/metrics")).text()
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)
    again = await client.get("/readyz")
    await other.store.forget()

    assert again.status == 200
    if asked is other:
        assert ready.status == 200
        assert "houston_store_away 0.0" in figures
        return
    assert ready.status == 503
    assert (await ready.json())["store"] == "store: database or disk is full"
    assert "houston_store_away 1.0" in figures


async def test_while_the_event_loop_is_stuck_nobody_is_told_that_it_is_alive(
    health: Health,
) -> None:
    """Served by another loop, which this one can watch."""
    stuck, go_on, served = threading.Event(), threading.Event(), asyncio.Queue[str]()
    here, there = asyncio.get_running_loop(), asyncio.new_event_loop()

    async def serve() -> None:
        async with TestServer(health.application()) as server:
            here.call_soon_threadsafe(served.put_nowait, str(server.make_url("/healthz")))
            await asyncio.to_thread(go_on.wait)

    thread = threading.Thread(target=there.run_until_complete, args=(serve(),))
    thread.start()
    url = await asyncio.wait_for(served.get(), 10)
    async with ClientSession(timeout=ClientTimeout(total=10)) as session:
        try:
            before = (await session.get(url)).status
            there.call_soon_threadsafe(stuck.wait)
            with pytest.raises(TimeoutError):
                await session.get(url, timeout=ClientTimeout(total=0.5))
        finally:
            stuck.set()
        after = (await session.get(url)).status
    go_on.set()
    await asyncio.to_thread(thread.join)
    there.close()

    assert (before, after) == (200, 200)
