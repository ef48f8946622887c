"""What the tests of the durable engine share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.ports.engine import Engine, Json, Workflow

Make = Callable[[], Engine]


async def started(make: Make, **workflows: Workflow) -> Engine:
    engine = make()
    for name, workflow in workflows.items():
        engine.register(name, workflow)
    await engine.start()
    return engine


async def within(seconds: float, wanted: Awaitable[Json]) -> Json:
    async with asyncio.timeout(seconds):
        return await wanted
