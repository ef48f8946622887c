"""A Houston with its real adapters over the lab's servers, and what people do with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.app import App
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.connect import connect
from bot.doorway import readable
from bot.lab import Lab, lab
from bot.ports.store import Record, State
from bot.settings import load

SPEED = 20.0
PATIENCE = 90


@asynccontextmanager
async def flown(directory: Path, scenario: str) -> AsyncIterator[tuple[Lab, App]]:
    """Both run until the end of the block; Houston hears #ops from its beginning."""
    async with lab(directory=directory, scenario=scenario, speed=SPEED) as running:
        config = directory / "houston.yaml"
        running.write(config)
        settings = load(config)
        async with connect(settings) as ports:
            app = build(settings, ports, SystemClock())
            await app.start()
            try:
                while not app.listener.linked:
                    await running.world.pause(1.0)
                yield running, app
            finally:
                await app.stop()


async def until(app: App, running: Lab, asked: str, *states: State) -> Record:
    async with asyncio.timeout(PATIENCE):
        while True:
            record = await app.store.operations.get(f"op-{asked}")
            if record and record.state in states:
                return record
            await running.world.pause(1.0)


async def said(running: Lab, below: str) -> str:
    """Houston's first answer below a message."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for message in running.world.chat.messages("ops"):
                if message.thread == below and message.author.id == "uHouston":
                    return readable(message.text)
            await running.world.pause(1.0)


async def seeded(running: Lab, approval: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(
            m.id == approval and len(m.reactions) > 2 for m in running.world.chat.messages("ops")
        ):
            await running.world.pause(1.0)
