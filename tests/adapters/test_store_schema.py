"""Tables of an older Houston are brought up at the start, whatever version they have, and nothing
in them is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters import store_tables as t
from adapters.database import Database
from adapters.store import SqlStore
from bot.chain import flaws
from bot.ports.audit import Entry
from tests.adapters.byhand import by_hand
from tests.adapters.schemas import SCHEMAS, made, tables
from tests.adapters.test_store import AT, message, record, vote

KNOWN = sorted(SCHEMAS.glob("*.json"), key=lambda file: int(file.stem))


def test_every_version_of_the_tables_is_known_and_the_last_is_this_one() -> None:
    assert [int(file.stem) for file in KNOWN] == [*range(1, t.SCHEMA + 1)]
    now = json.loads(KNOWN[-1].read_text("utf-8"))["tables"]
    assert now == tables(), "a table changed: raise SCHEMA, add to MIGRATIONS, run: make schema"


@pytest.mark.parametrize("file", KNOWN, ids=[file.stem for file in KNOWN])
async def test_what_an_older_version_remembered_is_there(place: str, file: Path) -> None:
    made(place, file)
    store = SqlStore(place)
    await store.open()

    assert await store.ledger.unfinished() == [message()]
    assert await store.ledger.cursor("rOps") == AT
    assert [sent.post.id for sent in await store.outbox.pending()] == ["p1"]
    assert await store.operations.get("7F3K") == record()
    assert await store.operations.lock("app", "op-2") == "op-1"
    assert await store.votes.of("op-1", 1) == [vote()]
    assert await store.documents.get("kind", "key") == {"a": 1}
    await store.audit.write(Entry(AT, "bo", "answered", "op-1"))
    trail = await store.audit.read(0, 9)
    assert [one.entry.event for one in trail] == ["asked", "answered"]
    assert flaws(trail, await store.audit.head()) == []
    await store.ledger.take(message("m2"))
    assert len(await store.ledger.unfinished()) == 2
    await store.close()


@pytest.mark.parametrize("file", KNOWN, ids=[file.stem for file in KNOWN])
async def test_the_tables_become_those_of_a_new_store(place: str, file: Path) -> None:
    made(place, file)
    for _ in range(2):
        store = SqlStore(place)
        await store.open()
        await store.close()

    assert by_hand(place, "select version from houston_schema") == [(t.SCHEMA,)]
    database = Database(place)
    there = sa.inspect(database.engine)
    for name, table in t.metadata.tables.items():
        columns = {
            column["name"]: (column["type"].compile(database.engine.dialect), column["nullable"])
            for column in there.get_columns(name)
        }
        assert columns == {
            column.name: (column.type.compile(database.engine.dialect), column.nullable)
            for column in table.columns
        }
    database.engine.dispose()


async def test_a_table_that_came_later_and_changed_since_is_made_as_it_is_now(place: str) -> None:
    """Its own change is not done to it once more."""
    made(place, KNOWN[0])
    by_hand(place, "drop table houston_audit_head")
    store = SqlStore(place)
    await store.open()
    await store.close()

    assert by_hand(place, "select number, hash, seal from houston_audit_head") == []
