"""Small records by kind and key, in SQL."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from adapters import store_tables as t
from adapters.database import Database
from bot.ports.engine import Json

_BODY = sa.select(t.documents.c.body).where(
    t.documents.c.kind == sa.bindparam("one"), t.documents.c.key == sa.bindparam("of")
)
_ALL = (
    sa.select(t.documents.c.kind, t.documents.c.key, t.documents.c.body)
    .where(t.documents.c.kind.in_(sa.bindparam("kinds", expanding=True)))
    .order_by(t.documents.c.seq)
)


class SqlDocuments:
    """See the port."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Not `rowcount`: psycopg's is -1 for an insert that met a conflict.
        self._new = database.upsert(t.documents, "kind", "key").returning(t.documents.c.seq)

    async def get(self, kind: str, key: str) -> dict[str, Json] | None:
        """See the port."""
        one = {"one": kind, "of": key}
        return await self._database.read(lambda c: c.execute(_BODY, one).scalar())

    async def all(self, kind: str) -> dict[str, dict[str, Json]]:
        """See the port."""
        return (await self.several(kind))[kind]

    async def several(self, *kinds: str) -> dict[str, dict[str, dict[str, Json]]]:
        """See the port."""
        rows = await self._database.read(lambda c: c.execute(_ALL, {"kinds": kinds}).all())
        found: dict[str, dict[str, dict[str, Json]]] = {kind: {} for kind in kinds}
        for row in rows:
            found[row.kind][row.key] = row.body
        return found

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
        return connection.execute(self._new, row).first() is not None


def _one(kind: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return t.documents.c.kind == kind, t.documents.c.key == key
