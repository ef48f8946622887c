"""The audit trail in SQL: one chain a database, whoever writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from adapters import store_tables as t
from adapters.database import Database
from bot.chain import START, Seal, canonical, seal
from bot.errors import Unavailable
from bot.ports.audit import Entry, Head, Sealed

_ONE = 1
"""The key of the head's only row."""
_ENTRY = sa.insert(t.audit)
_MOVED = sa.update(t.audit_head)
_LOOK = (
    "Run `houston audit verify`, and find out who wrote to the database; `houston audit seal` lets "
    "it go on from here"
)


class SqlAudit:
    """See the port."""

    def __init__(self, database: Database, by: Seal) -> None:
        self._database = database
        self._by = by

    def begin(self, connection: sa.Connection) -> None:
        """Put the head there before the first entry, so that writers have a row to queue at.

        Only into a new database: a head that is gone later was taken away.
        """
        row = {"id": _ONE, **asdict(self._by.end(0, START))}
        connection.execute(self._database.upsert(t.audit_head, "id"), row)

    async def seal_end(self) -> Head:
        """See the port."""

        def work(connection: sa.Connection) -> Head:
            last = sa.select(t.audit.c.number, t.audit.c.hash).order_by(t.audit.c.number.desc())
            row = connection.execute(last.limit(1)).one_or_none()
            end = self._by.end(*row) if row else self._by.end(0, START)
            values = asdict(end)
            statement = self._database.upsert(t.audit_head, "id", update=[*values])
            connection.execute(statement, {"id": _ONE, **values})
            return end

        return await self._database.run(work)

    async def write(self, entry: Entry) -> Sealed:
        """See the port."""
        return await self._database.run(partial(self.append, entry=entry))

    def append(self, connection: sa.Connection, entry: Entry) -> Sealed:
        """Seal it on the entry before it, in this transaction. Raises Unavailable."""
        head = _head(connection, hold=True)
        if head is None:
            raise Unavailable(
                "store",
                "the audit trail's head is gone, so nothing can be written down",
                _LOOK,
            )
        if not self._by.holds(head):
            raise Unavailable(
                "store",
                f"that the audit trail ends at entry {head.number} was not written with the "
                "key, so nothing can be written down behind it",
                f"{_LOOK}. Where the key was mounted only now, set audit.keyed_from to "
                f"{max(2, head.number + 1)}",
            )
        sealed = seal(entry, head.number + 1, head.hash, self._by)
        connection.execute(_ENTRY, _row(sealed))
        connection.execute(_MOVED, asdict(self._by.end(sealed.number, sealed.hash)))
        return sealed

    async def of(self, operation: str) -> list[Entry]:
        """See the port."""
        query = (
            sa.select(t.audit).where(t.audit.c.operation == operation).order_by(t.audit.c.number)
        )
        return [sealed.entry for sealed in await self._read(query)]

    async def read(self, after: int, limit: int) -> list[Sealed]:
        """See the port."""
        return await self._read(
            sa.select(t.audit)
            .where(t.audit.c.number > after)
            .order_by(t.audit.c.number)
            .limit(limit)
        )

    async def search(
        self,
        *,
        actors: Sequence[str] = (),
        target: str = "",
        since: datetime | None = None,
        limit: int,
    ) -> list[Sealed]:
        """See the port."""
        query = sa.select(t.audit).order_by(t.audit.c.number.desc()).limit(limit)
        if actors:
            query = query.where(t.audit.c.actor.in_(actors))
        if target:
            query = query.where(t.audit.c.target == target)
        if since is not None:
            query = query.where(t.audit.c.at >= since)
        return await self._read(query)

    async def head(self) -> Head:
        """See the port."""
        return await self._database.read(_head) or Head(0, START)

    async def _read(self, query: Any) -> list[Sealed]:
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [_sealed(row) for row in rows]


def _head(connection: sa.Connection, *, hold: bool = False) -> Head | None:
    """The head; `hold` keeps others who write waiting until this transaction ends."""
    query = sa.select(t.audit_head)
    row = connection.execute(query.with_for_update() if hold else query).one_or_none()
    return Head(row.number, row.hash, row.seal) if row else None


def _row(sealed: Sealed) -> dict[str, Any]:
    entry = sealed.entry
    return {
        "number": sealed.number,
        "at": entry.at,
        "actor": entry.actor,
        "event": entry.event,
        "operation": entry.operation,
        "target": entry.target,
        "detail": canonical(entry.detail),
        "previous": sealed.previous,
        "hash": sealed.hash,
    }


def _sealed(row: Any) -> Sealed:
    entry = Entry(
        row.at, row.actor, row.event, row.operation, json.loads(row.detail), target=row.target
    )
    return Sealed(row.number, entry, row.previous, row.hash)
