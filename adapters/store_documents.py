"""Small records by kind and key, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
            if not connection.execute(self._insert(kind, key, body)).rowcount:
                connection.execute(update)

        await self._database.run(work)

    async def add(self, kind: str, key: str, body: Mapping[str, Json]) -> bool:
        """See the port."""
        insert = self._insert(kind, key, body)
        return bool(await self._database.run(lambda c: c.execute(insert).rowcount))

    async def remove(self, kind: str, key: str) -> bool:
        """See the port."""
        delete = sa.delete(t.documents).where(*_one(kind, key))
        return bool(await self._database.run(lambda c: c.execute(delete).rowcount))

    def _insert(self, kind: str, key: str, body: Mapping[str, Json]) -> Any:
        row = {"kind": kind, "key": key, "body": dict(body)}
        return self._database.upsert(t.documents, row, "kind", "key")


def _one(kind: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return t.documents.c.kind == kind, t.documents.c.key == key
