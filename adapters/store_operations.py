"""Operations, locks and votes, in SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from adapters import store_tables as t
from adapters.database import Database
from adapters.store_outbox import SqlOutbox
from bot.ports.chat import Post
from bot.ports.store import Record, State, Vote

_RECORD = TypeAdapter(Record)
_VOTE = TypeAdapter(Vote)
_FINAL = [str(state) for state in State if state.final]


class SqlOperations:
    """See the port."""

    def __init__(self, database: Database, outbox: SqlOutbox) -> None:
        self._database = database
        self._outbox = outbox
        self._saved = database.upsert(t.operations, "id", update=("code", "state", "body"))
        self._locked = database.upsert(t.locks, "target")

    async def save(self, record: Record, *posts: Post) -> None:
        """See the port."""
        row = {
            "id": record.id,
            "code": record.code,
            "state": str(record.state),
            "body": _RECORD.dump_python(record, mode="json"),
        }

        def work(connection: sa.Connection) -> None:
            connection.execute(self._saved, row)
            for post in posts:
                self._outbox.add(connection, post)

        await self._database.run(work)

    async def get(self, id_or_code: str) -> Record | None:
        """See the port."""
        found = await self._records(t.operations.c.id == id_or_code)
        return found[0] if found else await self._by_code(id_or_code)

    async def _by_code(self, id_or_code: str) -> Record | None:
        code, said = sa.func.upper(t.operations.c.code), id_or_code.upper()
        escaped = said.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        match = sa.or_(
            code == said,
            code.like(f"{escaped}-%", escape="\\"),
            code == said.rsplit("-", 1)[0],
            code.like(f"{escaped.rsplit('-', 1)[0]}-%", escape="\\"),
        )
        return next(iter(await self._records(match, newest=True, limit=1)), None)

    async def recent(self, limit: int) -> list[Record]:
        """See the port."""
        return await self._records(sa.true(), newest=True, limit=limit)

    async def open(self) -> list[Record]:
        """See the port."""
        return await self._records(t.operations.c.state.not_in(_FINAL))

    async def lock(self, target: str, operation: str) -> str | None:
        """See the port."""

        def work(connection: sa.Connection) -> str | None:
            row = {"target": target, "operation": operation}
            held = sa.select(t.locks.c.operation).where(t.locks.c.target == target)
            holder = connection.execute(held).scalar()
            if holder is not None and holder != operation:
                state = connection.execute(
                    sa.select(t.operations.c.state).where(t.operations.c.id == holder)
                ).scalar()
                if state is not None and state not in _FINAL:
                    return str(holder)
                connection.execute(sa.delete(t.locks).where(t.locks.c.operation == holder))
            connection.execute(self._locked, row)
            won = connection.execute(held).scalar_one()
            return None if won == operation else str(won)

        return await self._database.run(work)

    async def unlock(self, operation: str) -> None:
        """See the port."""
        freed = sa.delete(t.locks).where(t.locks.c.operation == operation)
        await self._database.run(lambda c: c.execute(freed))

    async def _records(
        self, which: Any, *, newest: bool = False, limit: int | None = None
    ) -> list[Record]:
        order = t.operations.c.seq.desc() if newest else t.operations.c.seq
        query = sa.select(t.operations.c.body).where(which).order_by(order).limit(limit)
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return [_RECORD.validate_python(body) for body in rows]


class SqlVotes:
    """See the port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, vote: Vote) -> None:
        """See the port."""
        row = sa.insert(t.votes).values(
            operation=vote.operation,
            round=vote.round,
            body=_VOTE.dump_python(vote, mode="json"),
        )
        await self._database.run(lambda c: c.execute(row))

    async def of(self, operation: str, round: int) -> list[Vote]:
        """See the port."""
        query = (
            sa.select(t.votes.c.body)
            .where(t.votes.c.operation == operation, t.votes.c.round == round)
            .order_by(t.votes.c.seq)
        )
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return [_VOTE.validate_python(body) for body in rows]
