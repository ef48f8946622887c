"""What only PostgreSQL and processes can show: the lead is lost, and then nothing is written."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.engine import DbosEngine
from adapters.fence import Fence
from adapters.leadership import leadership
from adapters.store import SqlStore
from bot.errors import Refused, Superseded
from bot.ports.audit import Entry
from bot.ports.engine import Flow, Json
from bot.ports.leadership import Leadership
from tests.adapters.byhand import by_hand
from tests.adapters.test_audit import faults
from tests.adapters.test_store import AT, message

LEASE = timedelta(seconds=1)
ROOT = Path(__file__).parents[2]
LEADER = """
import asyncio, sys
from datetime import timedelta
from adapters.fence import Fence
from adapters.leadership import leadership
from tests.mortal import die_with

die_with(int(sys.argv[3]))

async def main():
    one = leadership(sys.argv[1], Fence(), timedelta(seconds=float(sys.argv[2])))
    await one.take()
    print("leads", flush=True)
    print("lost:", await one.lost(), flush=True)

asyncio.run(main())
"""


class Replica:
    """What one process has: a lead, a store and a journal behind one fence."""

    def __init__(self, url: str) -> None:
        self.fence = Fence()
        self.lead: Leadership = leadership(url, self.fence, LEASE)
        self.store = SqlStore(url, self.fence)
        self.engine = DbosEngine(url, poll=timedelta(milliseconds=20), fence=self.fence)


@pytest.fixture
async def pair(database: str) -> AsyncIterator[tuple[Replica, Replica]]:
    made = Replica(database), Replica(database)
    yield made
    for each in made:
        await each.engine.stop()
        await each.store.close()
        await each.lead.leave()


async def replaced(database: str, pair: tuple[Replica, Replica]) -> None:
    """The first leads until PostgreSQL ends its session; it does not know yet when the second
    leads."""
    _, second = pair
    by_hand(
        database,
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'",
    )
    async with asyncio.timeout(10):
        while True:
            try:
                await second.lead.take()
            except Refused:
                await asyncio.sleep(0.02)
            else:
                return


async def leading(url: str) -> asyncio.subprocess.Process:
    """Another process that leads."""
    made = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LEADER, url, str(LEASE.total_seconds()), str(os.getpid())),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert made.stdout
    while (line := await made.stdout.readline()) != b"leads\n":
        assert line, "it ended without the lead"
    return made


async def taken(lead: Leadership) -> float:
    """Try until it is taken; gives how many seconds that took."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(20):
        while True:
            try:
                await lead.take()
            except Refused:
                await asyncio.sleep(0.05)
            else:
                return asyncio.get_running_loop().time() - began


async def test_a_process_that_is_killed_gives_the_lead_away_at_once(database: str) -> None:
    leader = await leading(database)
    mine = leadership(database, Fence(), LEASE)
    with pytest.raises(Refused):
        await mine.take()
    leader.kill()
    await leader.wait()

    assert await taken(mine) < LEASE.total_seconds()
    await mine.leave()


async def test_a_process_that_hangs_loses_the_lead_and_notices_when_it_wakes(
    database: str,
) -> None:
    leader = await leading(database)
    mine = leadership(database, Fence(), LEASE)
    os.kill(leader.pid, signal.SIGSTOP)
    try:
        waited = await taken(mine)
    finally:
        os.kill(leader.pid, signal.SIGCONT)
    said, _ = await asyncio.wait_for(leader.communicate(), 10)

    assert waited < 5 * LEASE.total_seconds()
    assert b"lost:" in said
    await mine.leave()


async def test_who_lost_the_lead_learns_it_by_asking_and_by_waiting(
    database: str, pair: tuple[Replica, Replica]
) -> None:
    first, second = pair
    await first.lead.take()
    await replaced(database, pair)

    with pytest.raises(Superseded):
        await first.lead.check()
    assert await asyncio.wait_for(first.lead.lost(), 5)
    assert not first.lead.leads
    await second.lead.check()


async def test_of_an_older_term_nothing_is_written_into_the_store(
    database: str, pair: tuple[Replica, Replica]
) -> None:
    first, second = pair
    await first.lead.take()
    await first.store.open()
    await first.store.audit.write(Entry(AT, "uAna", "asked", "op-1"))
    await replaced(database, pair)

    for write in (
        first.store.ledger.take(message()),
        first.store.audit.write(Entry(AT, "uAna", "asked", "op-2")),
        first.store.operations.unlock("op-1"),
    ):
        with pytest.raises(Superseded, match="term 2"):
            await write
    assert await second.store.ledger.take(message())
    await second.store.audit.write(Entry(AT, "uBo", "asked", "op-3"))
    assert [entry.operation for entry in await whole(second.store)] == ["op-1", "op-3"]
    assert await faults(second.store) == []


async def whole(store: SqlStore) -> list[Entry]:
    return [sealed.entry for sealed in await store.audit.read(0, 100)]


async def test_a_new_term_waits_for_what_the_old_one_is_writing(
    database: str, pair: tuple[Replica, Replica]
) -> None:
    """Frozen inside of a transaction, the old leader holds the new one up until that has ended."""
    first, _ = pair
    await first.lead.take()
    await first.store.open()
    frozen = first.store._database.engine.connect()  # noqa: SLF001  # a transaction left open
    frozen.exec_driver_sql("update houston_locks set operation = 'op-1'")
    ended = asyncio.get_running_loop().time() + 1.0
    asyncio.get_running_loop().call_later(1.0, frozen.close)
    await replaced(database, pair)

    assert asyncio.get_running_loop().time() >= ended


async def test_a_function_goes_on_where_the_lead_went_and_nowhere_else(
    database: str, pair: tuple[Replica, Replica]
) -> None:
    """Both run the same function for a while; only one can write down that a step was done."""
    done: list[str] = []
    going, go_on = asyncio.Event(), asyncio.Event()

    def flight(who: str) -> object:
        async def act() -> Json:
            if who == "first":
                going.set()
                await go_on.wait()
            return who

        async def fly(flow: Flow, argument: Json) -> Json:
            done.append(str(await flow.step("act", act)))
            return await flow.step("report", act)

        return fly

    first, second = pair
    first.engine.register("fly", flight("first"))  # type: ignore[arg-type]  # a workflow
    await first.lead.take()
    await first.engine.start()
    await first.engine.run("fly", "op-1", None)
    await asyncio.wait_for(going.wait(), 10)
    await replaced(database, pair)
    go_on.set()
    await asyncio.sleep(0.3)
    still = await first.engine.active()
    await first.engine.stop()
    second.engine.register("fly", flight("second"))  # type: ignore[arg-type]  # a workflow
    await second.engine.start()

    assert still == ["op-1"]
    assert await asyncio.wait_for(second.engine.result("op-1"), 10) == "second"
    assert done == ["second"]


async def test_two_replicas_that_write_at_once_make_one_chain(database: str) -> None:
    """Whatever the fence: the trail has no fork."""
    stores = [SqlStore(database) for _ in range(2)]
    await asyncio.gather(*(store.open() for store in stores))
    await asyncio.gather(
        *(
            store.audit.write(Entry(AT, "uAna", "asked", f"op-{number}"))
            for number in range(40)
            for store in stores
        )
    )
    numbers = [sealed.number for sealed in await stores[0].audit.read(0, 1000)]
    flaws = await faults(stores[1])
    for store in stores:
        await store.close()

    assert numbers == list(range(1, 81))
    assert flaws == []
