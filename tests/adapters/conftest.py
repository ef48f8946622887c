"""A world, Argo CD's applications in it, the store and the engine in each place they may live, and
a certificate for servers that must have one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.engine import DbosEngine
from adapters.sim.engine import Journal, MemoryEngine
from adapters.sim.scenarios import healthy
from adapters.sim.servers.tls import certificate
from adapters.sim.world import World
from adapters.store import SqlStore
from bot.clock import LoopClock
from bot.ports.applications import Applications
from bot.ports.engine import Engine
from bot.ports.store import Store
from tests.adapters import argocd_place
from tests.adapters.argocd_place import SPEED, START
from tests.adapters.armed import Tls
from tests.adapters.engines import Make


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Healthy, and fast; a module whose port needs another one has its own."""
    made = healthy(LoopClock(START, SPEED), speed=SPEED)
    yield made
    await made.close()


@pytest.fixture(params=["sim", "http"])
async def applications(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Applications]:
    async with argocd_place.place(request.param, world) as made:
        yield made


@pytest.fixture(params=["memory", "disk", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        made: str = request.getfixturevalue("database")
        return made
    return "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/houston.sqlite"


@pytest.fixture(params=["disk", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a place that outlives the process."""
    if request.param == "postgresql":
        made: str = request.getfixturevalue("database")
        return made
    return f"sqlite:///{tmp_path}/houston.sqlite"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    made = SqlStore(url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    return certificate(tmp_path)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes engines on one journal; stops at the end those that still run."""
    journal, made = Journal(), list[Engine]()
    url = f"sqlite:///{tmp_path}/houston.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("database")

    def engine() -> Engine:
        quick = timedelta(milliseconds=20)
        found: Engine = (
            MemoryEngine(journal) if request.param == "memory" else DbosEngine(url, poll=quick)
        )
        made.append(found)
        return found

    yield engine
    for each in made:
        await each.stop()
