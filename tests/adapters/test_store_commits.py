"""Writers of one SQLite file: in one line, committed together, each with an end of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.database import Database

_TABLE = sa.Table("numbers", sa.MetaData(), sa.Column("number", sa.Integer, primary_key=True))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/numbers.sqlite")
    await made.run(_TABLE.metadata.create_all)
    yield made
    made.close()


def put(connection: sa.Connection, number: int) -> int:
    connection.execute(sa.insert(_TABLE), {"number": number})
    return number


async def kept(database: Database) -> list[int]:
    found = await database.read(lambda c: c.execute(sa.select(_TABLE.c.number)).scalars().all())
    return [*found]


async def test_who_waits_together_is_committed_together(database: Database) -> None:
    commits: list[object] = []
    sa.event.listen(database.engine, "commit", commits.append)

    written = await asyncio.gather(
        *(database.run(lambda c, n=n: put(c, n)) for n in range(100))  # type: ignore[misc]  # n is bound
    )

    assert (written, await kept(database)) == ([*range(100)], [*range(100)])
    assert len(commits) < 50


async def test_one_that_fails_harms_no_other(database: Database) -> None:
    def bad(connection: sa.Connection) -> int:
        put(connection, 500)
        raise ValueError("no")

    found = await asyncio.gather(
        *(database.run(lambda c, n=n: put(c, n)) for n in range(10)),  # type: ignore[misc]  # as above
        database.run(bad),
        *(database.run(lambda c, n=n: put(c, n)) for n in range(10, 20)),  # type: ignore[misc]
        return_exceptions=True,
    )

    assert await kept(database) == [*range(20)]
    assert [type(each) for each in found].count(ValueError) == 1


async def test_who_was_cancelled_hinders_nobody(database: Database) -> None:
    gone = asyncio.create_task(database.run(lambda c: put(c, 1)))
    await asyncio.sleep(0)
    gone.cancel()

    assert await database.run(lambda c: put(c, 2)) == 2


async def test_a_commit_is_on_the_disk_when_it_is_over(database: Database) -> None:
    found = await database.run(lambda c: c.exec_driver_sql("pragma synchronous").scalar())

    assert found == 2  # FULL


async def test_who_reads_waits_for_no_writer(database: Database) -> None:
    with database.engine.begin() as writing:
        put(writing, 1)

        assert await asyncio.wait_for(kept(database), 5) == []
