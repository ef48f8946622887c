"""One SQL database: each call one transaction, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool

from adapters.commits import Commits
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
_THREADS = 5
_READS = "houston_reads"


class Database:
    """One engine; every call is one transaction, off the loop unless it lives in memory.

    SQLite lets one write at a time, and who comes second sleeps and looks again; so its writers
    stand in one line, and those that wait together are committed together.
    """

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
        self._reader = self.engine.execution_options(**{_READS: True})
        self._threads: ThreadPoolExecutor | None = None
        self._commits: Commits | None = None
        if self.dialect == "sqlite":
            sa.event.listen(self.engine, "connect", _set_up_connection)
            sa.event.listen(self.engine, "begin", _begin)
        elif fence is not None:
            fence.guard(self.engine)

    async def run(self, work: Callable[[sa.Connection], Read]) -> Read:
        """One transaction. Raises StoreAway when the database does not do its part.

        Args:
            work: it may be done twice, where the first time did not come to be.
        """
        try:
            if self.inline or self.dialect != "sqlite":
                return await self._done(self.engine, work)
            if self._commits is None:
                self._commits = Commits(self.engine)
            return await self._commits.add(work)
        except sa.exc.DBAPIError as error:
            raise self._away(error.orig) from error

    async def examine(self) -> None:
        """Read all of a file through. Raises StoreAway when it is damaged anywhere, with the way to
        bring a copy back: what nobody reads at the start would else be found amid an operation."""
        if self.dialect == "sqlite" and not self.inline:
            found = await self.read(lambda c: c.exec_driver_sql("pragma quick_check(1)").scalar())
            if found != "ok":
                raise damaged(self.file, str(found))

    @property
    def file(self) -> str:
        """SQLite's file; empty for any other place."""
        return (self.engine.url.database or "") if self.dialect == "sqlite" else ""

    async def read(self, work: Callable[[sa.Connection], Read]) -> Read:
        """One transaction that changes nothing, and waits for none that does. Raises StoreAway."""
        try:
            return await self._done(self._reader, work)
        except sa.exc.DBAPIError as error:
            raise self._away(error.orig) from error

    def close(self) -> None:
        """Close every connection; the next call opens them again."""
        if self._commits is not None:
            self._commits.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False)  # a server that is cut off holds up no stop
        self._commits = self._threads = None
        self.engine.dispose()

    def upsert(self, table: sa.Table, *key: str, update: Sequence[str] = ()) -> Any:
        """Insert, or on the same key change only `update`; without it, leave the row alone.

        It is made once, and given its values where it is executed: making one takes longer than
        executing it.
        """
        dialect = sqlite if self.dialect == "sqlite" else postgresql
        statement = dialect.insert(table)
        if not update:
            return statement.on_conflict_do_nothing(index_elements=key)
        changed = {name: statement.excluded[name] for name in update}
        return statement.on_conflict_do_update(index_elements=key, set_=changed)

    async def _done(self, engine: sa.Engine, work: Callable[[sa.Connection], Read]) -> Read:
        def transaction() -> Read:
            with engine.begin() as connection:
                return work(connection)

        if self.inline:
            return transaction()
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, "store")
        return await asyncio.get_running_loop().run_in_executor(self._threads, transaction)

    def _away(self, error: BaseException | None) -> StoreAway:
        if str(getattr(error, "sqlite_errorname", "")).startswith(_DAMAGED):
            return damaged(self.file, str(error))
        return StoreAway(f"{self.name}: {str(error)[:120]}")


def damaged(file: str, why: str) -> StoreAway:
    """The file is there and is no whole database."""
    said = " ".join(why.split())[:120]
    return StoreAway(f"{file} is damaged: {said}", _RESTORE)


def _set_up_connection(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None
    connection.execute("pragma journal_mode=wal")
    # Each commit is on the disk when it is over: what was acted on survives a power cut.
    connection.execute("pragma synchronous=full")
    connection.execute("pragma busy_timeout=10000")


def _begin(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("begin" if reads else "begin immediate")
