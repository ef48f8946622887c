"""Argo CD's applications for a contract test: simulated, or real over loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.applications import HttpApplications
from adapters.http import JsonClient
from adapters.sim.applications import SimApplications
from adapters.sim.servers import argocd as server
from adapters.sim.world import World
from bot.ports.applications import Applications

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SPEED = 200.0
TOKEN = "opens-argocd"


async def until(world: World, true: Callable[[], bool]) -> None:
    """Wait for it, in the world's time."""
    async with asyncio.timeout(10):
        while not true():
            await world.pause(0.5)


@asynccontextmanager
async def place(kind: str, world: World) -> AsyncIterator[Applications]:
    """The port over the world, in process for `sim`, over a socket for `http`."""
    if kind == "sim":
        yield SimApplications(world)
        return
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        served = TestServer(server.app(world, TOKEN))
        await stack.enter_async_context(served)
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        client = JsonClient(
            session, str(served.make_url("")), system="Argo CD", headers=bearer,
            timeout=timedelta(seconds=10),
        )  # fmt: skip
        yield HttpApplications(client)
