"""Journals of an operation in flight, one archive for each released version: every later version
must finish each of them.

`make journal` makes the one of this version, into `tests/journals/`, before it is released. It
holds the store as it was at each place the operation can be found at: while it waited for votes,
while git was away, and before each of its steps; and of the world what had been done by then.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from adapters.backup import back_up
from adapters.engine import DbosEngine
from adapters.sim.remote import Remote
from adapters.sim.scenarios import healthy
from adapters.sim.seed import seed
from adapters.sim.world import Fault, World
from adapters.store import SqlStore
from bot.app import App
from bot.bootstrap import build
from bot.clock import LoopClock
from bot.ports.engine import Failed, Flow, Json, Workflow, ignored
from bot.ports.store import Record, State
from bot.simulated import simulated
from houston.testing.configured import START, settings
from tests.faults.stage import At, WatchedFlow

JOURNALS = Path(__file__).parents[1] / "journals"
ASKED = "goldenmessage0001"
SPEED = 20
REMOTE = "remote.files"
"""In an archive: the files the remote began with, and their modes; they are others by and by."""
_LOOK = 0.02


class WatchedEngine(DbosEngine):
    """The real one; it tells when each step begins, before it does."""

    at: At | None = None

    def register(self, name: str, workflow: Workflow, failed: Failed = ignored) -> None:
        """See the port."""

        async def watched(flow: Flow, argument: Json) -> Json:
            return await workflow(WatchedFlow(flow, self.at) if self.at else flow, argument)

        super().register(name, watched, failed)


@dataclass(frozen=True)
class Place:
    """Where an operation was, and what of it the world had: new git objects by their type, the
    branch's head, whether Houston had asked for the sync, and the time."""

    name: str
    objects: list[tuple[int, str]]
    head: str
    synced: bool
    at: str


@asynccontextmanager
async def scene(
    path: Path, start: datetime = START, remote: Remote | None = None
) -> AsyncIterator[tuple[World, App]]:
    """A Houston on this file, not yet started, in a world as it always begins; with a remote, as it
    began for that."""
    world = healthy(LoopClock(start, SPEED), remote=remote, speed=SPEED)
    world.cluster.automated = False
    url = f"sqlite:///{path}"
    engine = WatchedEngine(url, poll=timedelta(seconds=_LOOK))
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
    await ready(world, record)
    world.chat.react("uBo", record.approval, ":white_check_mark:")


async def ready(world: World, record: Record) -> None:
    """Until the plan can be voted on."""
    async with asyncio.timeout(60):
        while not any(
            message.id == record.approval and len(message.reactions) >= 3
            for message in world.chat.messages("ops")
        ):
            await asyncio.sleep(_LOOK)


class Photographer:
    """Keeps the store and the world as they are at each place of one operation."""

    def __init__(self, world: World, store: Path, folder: Path) -> None:
        self._world, self._store, self._folder = world, store, folder
        self._first = set(world.remote.store)
        self.places: list[Place] = []

    async def take(self, name: str) -> None:
        """As it is now; the first few times of what comes often are enough."""
        number = sum(place.name.startswith(name) for place in self.places) + 1
        if number > _LOOKS:
            return
        name = f"{name} {number}"
        remote = self._world.remote
        new = [remote.store[sha] for sha in remote.store if sha not in self._first]
        await asyncio.to_thread(back_up, self._store, self._folder / name)
        self.places.append(
            Place(
                name,
                [(one.type_num, base64.b64encode(one.as_raw_string()).decode()) for one in new],
                remote.head(),
                bool(self._world.cluster.syncs),
                self._world.clock.now().isoformat(),
            )
        )


_LOOKS = 2


async def fly(path: Path, folder: Path) -> list[Place]:
    """One operation, to its end."""
    async with scene(path) as (world, app):
        photographer = Photographer(world, path, folder)
        assert isinstance(app.engine, WatchedEngine)
        app.engine.at = photographer.take
        await app.start()
        world.fail("git.push", Fault.UNAVAILABLE, times=3)
        world.chat.say("uAna", "!scale presence 2", id=ASKED)
        record = await until(app, State.WAITING)
        await ready(world, record)
        await photographer.take("votes")
        await approved(world, record)
        await until(app, State.SUCCEEDED)
    return photographer.places


def main(name: str) -> None:
    JOURNALS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        places = asyncio.run(fly(folder / "houston.sqlite", folder))
        with tarfile.open(JOURNALS / f"{name}.tar.xz", "w:xz", preset=9) as archive:
            files, modes = seed()
            _add(archive, REMOTE, json.dumps([packed(files), modes]).encode())
            for place in places:
                with closing(sqlite3.connect(folder / place.name, isolation_level=None)) as made:
                    made.execute("pragma journal_mode=delete")
                    made.execute("vacuum")
                _add(archive, f"{place.name}.json", json.dumps(asdict(place)).encode())
                _add(archive, f"{place.name}.sqlite", (folder / place.name).read_bytes())


def packed(files: Mapping[str, bytes]) -> dict[str, str]:
    """As JSON can hold them."""
    return {path: base64.b64encode(content).decode() for path, content in files.items()}


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    main(*(sys.argv[1:] or [version("houston")]))
