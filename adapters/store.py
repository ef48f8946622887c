"""What Houston remembers, in SQLite or PostgreSQL by way of SQLAlchemy Core."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from adapters import store_tables as t
from adapters.audit import SqlAudit
from adapters.database import Database
from adapters.fence import Fence
from adapters.store_documents import SqlDocuments
from adapters.store_operations import SqlOperations, SqlVotes
from adapters.store_outbox import SqlOutbox
from adapters.store_prune import pruned
from bot.chain import OPEN, Seal
from bot.errors import Refused
from bot.ports.audit import Entry
from bot.ports.chat import Message, Post
from bot.ports.store import Age

_MESSAGE = TypeAdapter(Message)
_TAKEN = (
    sa.update(t.messages)
    .where(t.messages.c.id == sa.bindparam("one"), t.messages.c.state == t.SUBMITTED)
    .values(state=t.TAKEN)
)
_ANSWERED = (
    sa.update(t.messages).where(t.messages.c.id == sa.bindparam("one")).values(state=t.ANSWERED)
)
_IN = (
    sa.select(t.messages.c.body)
    .where(t.messages.c.state == sa.bindparam("state"))
    .order_by(t.messages.c.seq)
)
_CURSOR = sa.select(t.cursors.c.at).where(t.cursors.c.room_id == sa.bindparam("one"))
_OPENING = 7300
"""PostgreSQL's advisory lock for whoever makes or migrates the tables."""


class SqlLedger:
    """See the port."""

    def __init__(self, database: Database, outbox: SqlOutbox, audit: SqlAudit) -> None:
        self._database = database
        self._outbox = outbox
        self._audit = audit
        self._new = database.upsert(t.messages, "id").returning(t.messages.c.id)
        self._moved = database.upsert(t.cursors, "room_id", update=("at",))

    async def take(self, message: Message) -> bool:
        """See the port."""

        def work(connection: sa.Connection) -> bool:
            # Not `rowcount`: psycopg's is -1 for an insert that met a conflict.
            new = connection.execute(self._new, _row(message, t.TAKEN)).first()
            if new is not None:
                return True
            submitted = connection.execute(_TAKEN, {"one": message.id})
            return bool(submitted.rowcount)

        return await self._database.run(work)

    async def answer(self, id: str, posts: list[Post], entry: Entry | None = None) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            if entry is not None:
                self._audit.append(connection, entry)
            connection.execute(_ANSWERED, {"one": id})
            for post in posts:
                self._outbox.add(connection, post)

        await self._database.run(work)

    async def unfinished(self) -> list[Message]:
        """See the port."""
        return await self._in(t.TAKEN)

    async def submit(self, message: Message) -> None:
        """See the port."""
        await self._database.run(lambda c: c.execute(self._new, _row(message, t.SUBMITTED)).first())

    async def submitted(self) -> list[Message]:
        """See the port."""
        return await self._in(t.SUBMITTED)

    async def cursor(self, room_id: str) -> datetime | None:
        """See the port."""
        return await self._database.read(lambda c: c.execute(_CURSOR, {"one": room_id}).scalar())

    async def advance(self, room_id: str, at: datetime) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            known = connection.execute(_CURSOR, {"one": room_id}).scalar()
            if known is None or known < at:
                connection.execute(self._moved, {"room_id": room_id, "at": at})

        await self._database.run(work)

    async def _in(self, state: str) -> list[Message]:
        rows = await self._database.read(lambda c: c.execute(_IN, {"state": state}).scalars().all())
        return [_MESSAGE.validate_python(body) for body in rows]


def _row(message: Message, state: str) -> dict[str, Any]:
    return {
        "id": message.id,
        "state": state,
        "body": _MESSAGE.dump_python(message, mode="json"),
    }


class SqlStore:
    """All of it, in one database.

    Args:
        url: `sqlite:///path`, `sqlite://` for one in memory, or `postgresql://…`.
        fence: what keeps a process that leads no more from writing.
    """

    def __init__(self, url: str, fence: Fence | None = None, by: Seal = OPEN) -> None:
        self._database = Database(url, fence)
        self.outbox = SqlOutbox(self._database)
        self.audit = SqlAudit(self._database, by)
        self.ledger = SqlLedger(self._database, self.outbox, self.audit)
        self.operations = SqlOperations(self._database, self.outbox)
        self.votes = SqlVotes(self._database)
        self.documents = SqlDocuments(self._database)

    async def open(self) -> None:
        """See the port."""
        await self._database.examine()
        await self._database.run(self._migrate)

    async def prune(self, age: Age) -> int:
        """See the port."""
        return await self._database.run(lambda c: sum(c.execute(s).rowcount for s in pruned(age)))

    async def close(self) -> None:
        """See the port."""
        self._database.close()

    def _migrate(self, connection: sa.Connection) -> None:
        if self._database.dialect == "postgresql":
            # Whoever opens it at the same time waits: tables are made once.
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_OPENING})")
        found = None
        if sa.inspect(connection).has_table(t.schema.name):
            found = connection.execute(sa.select(t.schema.c.version)).scalar()
        if found is not None and found > t.SCHEMA:
            raise Refused(
                f"The store has schema {found}; this Houston knows up to {t.SCHEMA}.",
                "Start the newer Houston, or restore the backup made before its first start",
            )
        if found is not None:
            self._bring_up(connection, found)
        t.metadata.create_all(connection)
        for statement in t.guards(self._database.dialect):
            connection.exec_driver_sql(statement)
        if found is None:
            self.audit.begin(connection)
            connection.execute(sa.insert(t.schema).values(version=t.SCHEMA))

    def _bring_up(self, connection: sa.Connection, found: int) -> None:
        """From an older version of the tables to this one, before new tables are made: those are
        made as they are now, and must not be changed once more."""
        there = {*sa.inspect(connection).get_table_names()}
        for version in range(found + 1, t.SCHEMA + 1):
            for table, statement in t.MIGRATIONS.get(version, ()):
                if table.name in there:
                    connection.exec_driver_sql(statement)
        connection.execute(sa.update(t.schema).values(version=t.SCHEMA))
