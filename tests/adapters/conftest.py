"""The store in each place it may live, and a certificate for servers that must have one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.database import Database
from adapters.sim.servers.tls import certificate
from adapters.store import SqlStore
from adapters.store_tables import metadata
from bot.ports.store import Store
from tests.adapters.armed import Tls

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")  # noqa: TID251  # where a server may be tried


@pytest.fixture(params=["memory", "disk", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql" and not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL server to try")
    places = {"memory": "sqlite://", "disk": f"sqlite:///{tmp_path}/houston.sqlite"}
    return places.get(request.param, POSTGRES)


def emptied(url: str) -> None:
    """Drop Houston's tables from the server that may be tried."""
    engine = Database(url).engine
    metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    made = SqlStore(url)
    if not url.startswith("sqlite"):
        await asyncio.to_thread(emptied, url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    return certificate(tmp_path)
