"""The store's tables as each version of them was, with a row of everything: every later version
must bring each of them up.

`make schema` writes those of this version into `tests/schemas/`, when `SCHEMA` was raised.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from adapters import store_tables as t
from adapters.database import Database
from adapters.store import SqlStore
from bot.ports.audit import Entry
from bot.ports.chat import Post
from tests.adapters.test_store import AT, message, record, vote

SCHEMAS = Path(__file__).parents[1] / "schemas"
_DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


def tables() -> dict[str, list[str]]:
    """By dialect: the statements that make the tables as they are now."""
    made = list[ExecutableDDLElement]()
    for table in t.metadata.sorted_tables:
        made.append(CreateTable(table))
        made += map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name)))
    return {
        name: [" ".join(str(one.compile(dialect=dialect())).split()) for one in made]
        for name, dialect in _DIALECTS.items()
    }


async def filled(store: SqlStore) -> None:
    """One of everything that is remembered."""
    await store.open()
    await store.ledger.take(message())
    await store.ledger.advance("rOps", AT)
    await store.outbox.put(Post("p1", "rOps", "text"))
    await store.operations.save(record())
    await store.operations.lock("app", "op-1")
    await store.votes.append(vote())
    await store.audit.write(Entry(AT, "ana", "asked", "op-1"))
    await store.documents.put("kind", "key", {"a": 1})
    await store.close()


def made(url: str, file: Path) -> None:
    """Make a database as that version left it; without the triggers, which every start sets."""
    body: dict[str, Any] = json.loads(file.read_text("utf-8"))
    database = Database(url)
    try:
        with database.engine.begin() as connection:
            for statement in body["tables"][database.dialect]:
                connection.exec_driver_sql(statement)
            found = _reflected(connection)
            for name, rows in body["rows"].items():
                connection.execute(sa.insert(found.tables[name]), rows)
            if database.dialect == "postgresql":
                _count_on(connection, found)
    finally:
        database.engine.dispose()


def _count_on(connection: sa.Connection, found: sa.MetaData) -> None:
    """Rows that came with their numbers did not move PostgreSQL's counters."""
    for name, table in found.tables.items():
        if "seq" in table.c:
            counter = sa.func.pg_get_serial_sequence(name, "seq")
            connection.execute(sa.select(sa.func.setval(counter, sa.func.max(table.c.seq))))


def _reflected(connection: sa.Connection) -> sa.MetaData:
    found = sa.MetaData()
    found.reflect(connection)
    return found


def _rows(url: str) -> dict[str, list[dict[str, Any]]]:
    database = Database(url)
    try:
        with database.engine.begin() as connection:
            found = _reflected(connection).tables
            return {
                name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
                for name, table in sorted(found.items())
                if name in t.metadata.tables
            }
    finally:
        database.engine.dispose()


def main() -> int:
    """Refuses to write over what was released: 1."""
    file = SCHEMAS / f"{t.SCHEMA}.json"
    if file.exists():
        sys.stderr.write(f"{file} is there: raise SCHEMA in adapters/store_tables.py first\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/houston.sqlite"
        asyncio.run(filled(SqlStore(url)))
        body = {"tables": tables(), "rows": _rows(url)}
    SCHEMAS.mkdir(exist_ok=True)
    file.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
