"""Journals of operations in flight, one of each released version: every later one must finish them.

`make journal` makes the one of this version, into `tests/journals/`, before it is released. The
operation was approved and had begun; its first step failed once, since git was away.
"""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from adapters.engine import DbosEngine
from adapters.sim.scenarios import healthy
from adapters.sim.world import Fault, World
from adapters.store import SqlStore
from bot.app import App
from bot.bootstrap import build
from bot.clock import LoopClock
from bot.ports.store import Record, State
from bot.simulated import simulated
from houston.testing.configured import START, settings

JOURNALS = Path(__file__).parents[1] / "journals"
ASKED = "goldenmessage0001"
SPEED = 20
_LOOK = 0.02


@asynccontextmanager
async def scene(path: Path) -> AsyncIterator[tuple[World, App]]:
    """A Houston on this file, not yet started, in a world as it always begins."""
    world = healthy(LoopClock(START, SPEED), speed=SPEED)
    world.cluster.automated = False
    url = f"sqlite:///{path}"
    engine = DbosEngine(url, poll=timedelta(seconds=_LOOK))
    configured = settings(pace={"poll": 0.05, "engine": 0.05, "sweep": 0.2})
    app = build(
        configured, simulated(world, configured, engine=engine, store=SqlStore(url)), world.clock
    )
    try:
        yield world, app
    finally:
        await app.stop()
        await world.close()


async def until(app: App, *states: State, seconds: float = 60) -> Record:
    """The operation, once it is in one of these states."""
    async with asyncio.timeout(seconds):
        while True:
            record = await app.store.operations.get(f"op-{ASKED}")
            if record and record.state in states:
                return record
            await asyncio.sleep(_LOOK)


async def approved(world: World, record: Record) -> None:
    """Bo approves once everything is ready for it."""
    async with asyncio.timeout(60):
        while True:
            for message in world.chat.messages("ops"):
                if message.id == record.approval and len(message.reactions) >= 3:
                    world.chat.react("uBo", record.approval, ":white_check_mark:")
                    return
            await asyncio.sleep(_LOOK)


async def fly(path: Path) -> None:
    """Until the operation is under way."""
    async with scene(path) as (world, app):
        await app.start()
        world.fail("git.push", Fault.UNAVAILABLE, times=3)
        world.chat.say("uAna", "!scale presence 2", id=ASKED)
        await approved(world, await until(app, State.WAITING))
        await until(app, State.RUNNING)
        async with asyncio.timeout(30):
            while "git.push" not in world.calls:
                await asyncio.sleep(_LOOK)
        await asyncio.sleep(0.5)


def main(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "houston.sqlite"
        asyncio.run(fly(path))
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("pragma journal_mode=delete")
            connection.execute("vacuum")
        packed = gzip.compress(path.read_bytes(), 9, mtime=0)
    JOURNALS.mkdir(exist_ok=True)
    (JOURNALS / f"{name}.sqlite.gz").write_bytes(packed)


if __name__ == "__main__":
    main(*(sys.argv[1:] or [version("houston")]))
