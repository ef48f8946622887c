"""The store in each place it may live, and a certificate for servers that must have one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.sim.servers.tls import certificate
from adapters.store import SqlStore
from bot.ports.store import Store
from tests.adapters.armed import Tls


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
