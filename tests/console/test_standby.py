"""The console's address on a replica that does not lead."""

from __future__ import annotations

import asyncio

from aiohttp import ClientSession

from adapters.sim.leadership import SimLeadership
from adapters.sim.world import World
from tests.commands.room import Room, settings
from tests.console.visitor import ANA, LINES, Visitor


async def test_who_lost_the_lead_answers_nothing_and_says_who_has_it(
    room: Room, ana: Visitor
) -> None:
    room.seat.throw_out()

    for path in ("/", "/api/me", "/static/console.js"):
        answer = await ana.get(path)
        assert answer.status == 503
        assert "another replica leads" in await answer.text()
        assert "Content-Security-Policy" in answer.headers
    assert (await ana.login(ANA)).status == 503


async def test_who_waits_for_the_lead_answers_at_the_address_and_then_serves_it(
    world: World,
) -> None:
    made = Room(world, settings(console={"port": 0}, door={"operators": LINES}))
    other = SimLeadership(made.seat)
    await other.take()
    starting = asyncio.create_task(made.start())
    console = made.app.console
    assert console
    async with asyncio.timeout(30), ClientSession() as client:
        await made.when(lambda: bool(console.url))
        waits = (await client.get(console.url)).status
        await other.leave()
        await starting
        serves = (await client.get(console.url)).status
    await made.stop()
    await made.store.forget()

    assert (waits, serves) == (503, 200)
