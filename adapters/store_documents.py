"""Small records by kind and key, in SQL."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from adapters import store_tables as t
from adapters.database import Database
from bot.ports.engine import Json


class SqlDocuments:
    """See the port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, kind: str, key: str) -> dict[str, Json] | None:
        """See the port."""
        query = sa.select(t.documents.c.body).where(*_one(kind, key))
        return await self._database.run(lambda c: c.execute(query).scalar())

    async def all(self, kind: str) -> dict[str, dict[str, Json]]:
        """See the port."""
        query = (
            sa.select(t.documents.c.key, t.documents.c.body)
            .where(t.documents.c.kind == kind)
            .order_by(t.documents.c.seq)
        )
        rows = await self._database.run(lambda c: c.execute(query).all())
        return {row.key: row.body for row in rows}

    async def put(self, kind: str, key: str, body: Mapping[str, Json]) -> None:
        """See the port."""
        update = sa.update(t.documents).where(*_one(kind, key)).values(body=dict(body))

        def work(connection: sa.Connection) -> None:
            if not self._inserted(connection, kind, key, body):
                connection.execute(update)

        await self._database.run(work)

    async def add(self, kind: str, key: str, body: Mapping[str, Json]) -> bool:
        """See the port."""
        return await self._database.run(lambda c: self._inserted(c, kind, key, body))

    async def remove(self, kind: str, key: str) -> bool:
        """See the port."""
        delete = sa.delete(t.documents).where(*_one(kind, key))
        return bool(await self._database.run(lambda c: c.execute(delete).rowcount))

    def _inserted(
        self, connection: sa.Connection, kind: str, key: str, body: Mapping[str, Json]
    ) -> bool:
        """Insert, and say whether it was the first with this key."""
        row = {"kind": kind, "key": key, "body": dict(body)}
        insert = self._database.upsert(t.documents, row, "kind", "key")
        # Not `rowcount`: psycopg's is -1 for an insert that met a conflict.
        return connection.execute(insert.returning(t.documents.c.seq)).first() is not None


def _one(kind: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return t.documents.c.kind == kind, t.documents.c.key == key
