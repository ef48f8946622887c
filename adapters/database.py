"""One SQL database: each call one transaction, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool

from adapters.fence import Fence
from bot.errors import StoreAway

Read = TypeVar("Read")

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_RESTORE = (
    "Stop Houston and bring back a copy: houston restore --config houston.yaml COPY; what is there "
    "is kept beside it"
)
CONNECTION: dict[str, Any] = {
    "pool_pre_ping": True,
    "connect_args": {
        "connect_timeout": 10,
        "options": "-c idle_in_transaction_session_timeout=5000",
    },
}
"""How PostgreSQL is connected to. A transaction that a frozen process left open is ended after
five seconds: whoever takes over waits for it."""


class Database:
    """One engine; every call is one transaction, off the loop unless it lives in memory."""

    def __init__(self, url: str, fence: Fence | None = None) -> None:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.inline = parsed.get_backend_name() == "sqlite" and not parsed.database
        self.name = parsed.render_as_string(hide_password=True)
        pool: dict[str, Any] = (
            {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
            if self.inline
            else CONNECTION
            if parsed.get_backend_name() == "postgresql"
            else {}
        )
        self.engine = sa.create_engine(parsed, **pool)
        self.dialect = self.engine.dialect.name
        if self.dialect == "sqlite":
            sa.event.listen(self.engine, "connect", _set_up_connection)
            sa.event.listen(self.engine, "begin", _begin_immediate)
        elif fence is not None:
            fence.guard(self.engine)

    async def run(self, work: Callable[[sa.Connection], Read]) -> Read:
        """One transaction. Raises StoreAway when the database does not do its part."""

        def transaction() -> Read:
            with self.engine.begin() as connection:
                return work(connection)

        try:
            return transaction() if self.inline else await asyncio.to_thread(transaction)
        except sa.exc.DBAPIError as error:
            raise self._away(error.orig) from error

    async def examine(self) -> None:
        """Read all of a file through. Raises StoreAway when it is damaged anywhere, with the way to
        bring a copy back: what nobody reads at the start would else be found amid an operation."""
        if self.dialect == "sqlite" and not self.inline:
            found = await self.run(lambda c: c.exec_driver_sql("pragma quick_check(1)").scalar())
            if found != "ok":
                raise damaged(self.file, str(found))

    @property
    def file(self) -> str:
        """SQLite's file; empty for any other place."""
        return (self.engine.url.database or "") if self.dialect == "sqlite" else ""

    def _away(self, error: BaseException | None) -> StoreAway:
        if str(getattr(error, "sqlite_errorname", "")).startswith(_DAMAGED):
            return damaged(self.file, str(error))
        return StoreAway(f"{self.name}: {str(error)[:120]}")

    def upsert(self, table: sa.Table, values: dict[str, Any], *key: str, **update: Any) -> Any:
        """Insert, or on the same key change only `update`; without it, leave the row alone."""
        dialect = sqlite if self.dialect == "sqlite" else postgresql
        statement = dialect.insert(table).values(**values)
        if not update:
            return statement.on_conflict_do_nothing(index_elements=key)
        return statement.on_conflict_do_update(index_elements=key, set_=update)


def damaged(file: str, why: str) -> StoreAway:
    """The file is there and is no whole database."""
    said = " ".join(why.split())[:120]
    return StoreAway(f"{file} is damaged: {said}", _RESTORE)


def _set_up_connection(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=normal")
    connection.execute("pragma busy_timeout=10000")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("begin immediate")
