"""Two that both believe to lead, on a real PostgreSQL: the older can change nothing, neither
outside nor in the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from adapters.engine import DbosEngine
from adapters.fence import Fence
from adapters.leadership import leadership
from adapters.sim.engine import MemoryEngine
from adapters.sim.scenarios import healthy
from adapters.store import SqlStore
from bot.clock import LoopClock
from bot.errors import Refused, Superseded
from bot.fencing import CHANGES, fenced
from bot.ports.audit import Entry
from bot.ports.leadership import Leadership
from bot.ports.store import Age
from bot.simulated import simulated
from houston.testing.configured import START, settings
from tests.adapters.byhand import by_hand
from tests.adapters.test_store import AT, POST, message, record, vote

LONG = timedelta(minutes=10)
"""Nobody notices by himself within this test that he leads no more."""
SESSIONS = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"


class Replica:
    """A lead and a fence of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.fence = Fence()
        self.lead: Leadership = leadership(url, self.fence, LONG)

    async def replace(self, other: Replica) -> None:
        """Cut the other off, which hears nothing of it, and lead."""
        by_hand(self.url, SESSIONS)
        async with asyncio.timeout(10):
            while not self.lead.leads:
                with suppress(Refused):
                    await self.lead.take()
                await asyncio.sleep(0.01)
        assert (other.lead.leads, self.lead.leads) == (True, True)


Replicas = Callable[[], Replica]


@pytest.fixture
async def replica(database: str) -> AsyncIterator[Replicas]:
    made: list[Replica] = []

    def make() -> Replica:
        made.append(Replica(database))
        return made[-1]

    yield make
    for one in made:
        await one.lead.leave()


async def test_each_change_outside_is_refused_to_the_older_of_two_that_lead(
    replica: Replicas,
) -> None:
    world = healthy(LoopClock(START))
    changes = [(port, method) for port, methods in CHANGES.items() for method in sorted(methods)]
    several = [replica() for _ in range(len(changes) + 1)]
    await several[0].lead.take()
    for (older, newer), (port, method) in zip(pairwise(several), changes, strict=True):
        ports = fenced(
            simulated(world, settings(), engine=MemoryEngine(), store=SqlStore("sqlite://")),
            older.lead.check,
        )
        await newer.replace(older)
        with pytest.raises(Superseded):
            await getattr(getattr(ports, port), method)()
        await newer.lead.check()
    await world.close()

    assert world.calls == []


def writes(store: SqlStore) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Every way to write into the store, by its name."""
    past = datetime(2020, 1, 1, tzinfo=UTC)
    return {
        "take": lambda: store.ledger.take(message("m2")),
        "submit": lambda: store.ledger.submit(message("m3")),
        "answer": lambda: store.ledger.answer("m1", [POST]),
        "advance": lambda: store.ledger.advance("rOps", AT),
        "put a post": lambda: store.outbox.put(POST),
        "give up": lambda: store.outbox.give_up("p1", "gone"),
        "postpone": lambda: store.outbox.postpone("p1", AT, "later"),
        "save": lambda: store.operations.save(record("op-9", "ABCD")),
        "lock": lambda: store.operations.lock("target", "op-9"),
        "unlock": lambda: store.operations.unlock("op-1"),
        "vote": lambda: store.votes.append(vote()),
        "note": lambda: store.audit.write(Entry(AT, "uAna", "asked", "op-1")),
        "put a document": lambda: store.documents.put("kind", "key", {}),
        "add a document": lambda: store.documents.add("kind", "other", {}),
        "prune": lambda: store.prune(Age(past, past, past, past)),
    }


async def test_each_write_is_refused_to_the_older_of_two_that_lead(
    replica: Replicas, database: str
) -> None:
    older, newer = replica(), replica()
    store = SqlStore(database, older.fence)
    await older.lead.take()
    await store.open()
    await store.ledger.take(message())
    await newer.replace(older)
    for name, write in writes(store).items():
        with pytest.raises(Superseded, match="term 2"):
            pytest.fail(f"{name} was written: {await write()}")
    fresh = SqlStore(database, newer.fence)
    for write in writes(fresh).values():
        await write()
    await store.close()
    await fresh.close()


async def test_a_journal_is_not_written_by_the_older_of_two_that_lead(
    replica: Replicas, database: str
) -> None:
    older, newer = replica(), replica()
    engine = DbosEngine(database, poll=timedelta(milliseconds=20), fence=older.fence)
    await older.lead.take()
    await engine.start()
    await newer.replace(older)
    try:
        for write in (engine.run("fly", "op-1", None), engine.send("op-0", "go", "key")):
            with pytest.raises(Superseded):
                await write
    finally:
        await engine.stop()

    assert by_hand(database, "select count(*) from dbos.workflow_status") == [(0,)]
