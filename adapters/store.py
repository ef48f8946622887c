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
from adapters.store_outbox import SqlOutbox, put
from adapters.store_prune import pruned
from bot.chain import OPEN, Seal
from bot.errors import Refused
from bot.ports.chat import Message, Post
from bot.ports.store import Age

_MESSAGE = TypeAdapter(Message)
_OPENING = 7300
"""PostgreSQL's advisory lock for whoever makes or migrates the tables."""


class SqlLedger:
    """See the port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, message: Message) -> bool:
        """See the port."""

        def work(connection: sa.Connection) -> bool:
            submitted = connection.execute(
                sa.update(t.messages)
                .where(t.messages.c.id == message.id, t.messages.c.state == t.SUBMITTED)
                .values(state=t.TAKEN)
            )
            if submitted.rowcount:
                return True
            # Not `rowcount`: psycopg's is -1 for an insert that met a conflict.
            inserted = self._insert(message, t.TAKEN).returning(t.messages.c.id)
            return connection.execute(inserted).first() is not None

        return await self._database.run(work)

    async def answer(self, message_id: str, posts: list[Post]) -> None:
        """See the port."""

        def work(connection: sa.Connection) -> None:
            connection.execute(
                sa.update(t.messages).where(t.messages.c.id == message_id).values(state=t.ANSWERED)
            )
            for post in posts:
                connection.execute(put(self._database, post))

        await self._database.run(work)

    async def unfinished(self) -> list[Message]:
        """See the port."""
        return await self._in(t.TAKEN)

    async def submit(self, message: Message) -> None:
        """See the port."""
        await self._database.run(lambda c: c.execute(self._insert(message, t.SUBMITTED)))

    async def submitted(self) -> list[Message]:
        """See the port."""
        return await self._in(t.SUBMITTED)

    async def cursor(self, room_id: str) -> datetime | None:
        """See the port."""
        query = sa.select(t.cursors.c.at).where(t.cursors.c.room_id == room_id)
        return await self._database.run(lambda c: c.execute(query).scalar())

    async def advance(self, room_id: str, at: datetime) -> None:
        """See the port."""
        row = {"room_id": room_id, "at": at}
        insert = self._database.upsert(t.cursors, row, "room_id", at=at)

        def work(connection: sa.Connection) -> None:
            known = connection.execute(
                sa.select(t.cursors.c.at).where(t.cursors.c.room_id == room_id)
            ).scalar()
            if known is None or known < at:
                connection.execute(insert)

        await self._database.run(work)

    def _insert(self, message: Message, state: str) -> Any:
        body = _MESSAGE.dump_python(message, mode="json")
        return self._database.upsert(
            t.messages, {"id": message.id, "state": state, "body": body}, "id"
        )

    async def _in(self, state: str) -> list[Message]:
        query = (
            sa.select(t.messages.c.body)
            .where(t.messages.c.state == state)
            .order_by(t.messages.c.seq)
        )
        rows = await self._database.run(lambda c: c.execute(query).scalars().all())
        return [_MESSAGE.validate_python(body) for body in rows]


class SqlStore:
    """All of it, in one database.

    Args:
        url: `sqlite:///path`, `sqlite://` for one in memory, or `postgresql://…`.
        fence: what keeps a process that leads no more from writing.
    """

    def __init__(self, url: str, fence: Fence | None = None, by: Seal = OPEN) -> None:
        self._database = Database(url, fence)
        self.ledger = SqlLedger(self._database)
        self.outbox = SqlOutbox(self._database)
        self.operations = SqlOperations(self._database)
        self.votes = SqlVotes(self._database)
        self.audit = SqlAudit(self._database, by)
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
        self._database.engine.dispose()

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
        t.metadata.create_all(connection)
        for statement in t.guards(self._database.dialect):
            connection.exec_driver_sql(statement)
        if found is None:
            self.audit.begin(connection)
            connection.execute(sa.insert(t.schema).values(version=t.SCHEMA))
        else:
            self._bring_up(connection, found)

    def _bring_up(self, connection: sa.Connection, found: int) -> None:
        """From an older version of the tables to this one."""
        for version in range(found + 1, t.SCHEMA + 1):
            for statement in t.MIGRATIONS[version]:
                connection.exec_driver_sql(statement)
        connection.execute(sa.update(t.schema).values(version=t.SCHEMA))
