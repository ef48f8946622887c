"""Leadership by what the database itself offers: a lock on SQLite's file, and in PostgreSQL an
advisory lock that lives as long as the session that took it.

A process that dies gives the lock back with its connection. One that hangs, or is cut off, says
nothing in its session for the lease, and PostgreSQL ends the session (`idle_session_timeout`).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import psycopg
import structlog
from sqlalchemy import URL, make_url

from adapters.fence import Fence
from bot.errors import ConfigError, Refused, Superseded, Unavailable
from bot.ports.leadership import Leadership

log = structlog.get_logger()

_LOCK = 7301
_TERM = """
create table if not exists houston_term (
    id integer primary key, number integer not null, holder text not null,
    since timestamptz not null)
"""
_NEXT = """
insert into houston_term values (1, 1, %(holder)s, now())
on conflict (id) do update
set number = houston_term.number + 1, holder = excluded.holder, since = now()
returning number
"""


def leadership(url: str, fence: Fence, lease: timedelta) -> Leadership:
    """As the store's URL demands.

    Args:
        fence: told each new term.
        lease: for how long a leader that is not heard of keeps its place, in PostgreSQL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return SessionLeadership(parsed, fence, lease)
    return FileLeadership(parsed.database or "")


class FileLeadership:
    """The process that has the file locked leads; there can be no other. Without a file, in memory,
    nobody else is there."""

    shared = False

    def __init__(self, path: str) -> None:
        self._path = Path(path) if path else None
        self._lock: IO[str] | None = None

    @property
    def leads(self) -> bool:
        """See the port."""
        return self._path is None or self._lock is not None

    async def take(self) -> None:
        """See the port."""
        if not self.leads:
            await asyncio.to_thread(self._take)

    async def check(self) -> None:
        """See the port: the kernel takes the lock from nobody who lives."""
        if not self.leads:
            raise Superseded("store", "this Houston has stopped", "Start it again")

    async def lost(self) -> str:
        """See the port: it lasts as long as the process."""
        await asyncio.Event().wait()
        return ""

    async def leave(self) -> None:
        """See the port."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take(self) -> None:
        path = self._path or Path()
        lock: IO[str] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = path.with_name(path.name + ".lock").open("w")
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if lock is not None:
                lock.close()
            raise Refused(
                f"Another Houston already runs on {path}.",
                "Stop it first, or give this one a store.url of its own",
            ) from None
        except OSError as error:
            raise Unavailable(
                "store", f"{path} cannot be used: {error.strerror}", "Check store.url"
            ) from None
        self._lock = lock


class SessionLeadership:
    """The process whose session has the advisory lock leads. A direct connection is needed: a
    pooler that gives each transaction another session gives the lock away."""

    shared = True

    def __init__(self, url: URL, fence: Fence, lease: timedelta) -> None:
        url = url.set(drivername="postgresql+psycopg")
        self._name = url.render_as_string(hide_password=True)
        self._where = dict(url.get_dialect()().create_connect_args(url)[1])
        self._fence = fence
        self._lease = lease.total_seconds()
        self._holder = f"{socket.gethostname()}-{os.getpid()}"
        self._session: psycopg.AsyncConnection[Any] | None = None
        self._beating: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._why = ""

    @property
    def leads(self) -> bool:
        """See the port."""
        return self._session is not None and not self._ended.is_set()

    async def take(self) -> None:
        """See the port. Raises ConfigError for a PostgreSQL that is too old."""
        if self.leads:
            return
        await self.leave()
        try:
            session = await psycopg.AsyncConnection.connect(
                **{"connect_timeout": 10, **self._where}, autocommit=True
            )
            try:
                self._fence.term = await self._begin(session)
            except BaseException:
                await session.close()
                raise
        except psycopg.errors.UndefinedObject:
            raise ConfigError(
                f"{self._name} is too old for several replicas", "Use PostgreSQL 14 or newer"
            ) from None
        except psycopg.Error as error:
            raise Unavailable(
                "store", f"{self._name}: {str(error)[:120]}", "Check store.url and the database"
            ) from error
        self._session = session
        self._ended.clear()
        self._beating = asyncio.create_task(self._beat(), name="lead")
        log.info("leadership.taken", term=self._fence.term, holder=self._holder)

    async def check(self) -> None:
        """See the port. An answer in the session proves that its lock is held."""
        session = self._session
        if session is None or self._ended.is_set():
            raise self._superseded()
        try:
            async with asyncio.timeout(self._lease / 2):
                await session.execute("select 1")
        except (psycopg.Error, TimeoutError) as error:
            self._why = str(error).split("\n", 1)[0][:120] or "PostgreSQL did not answer in time"
            self._ended.set()
            raise self._superseded() from error

    async def lost(self) -> str:
        """See the port."""
        await self._ended.wait()
        return self._why

    async def leave(self) -> None:
        """See the port."""
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None
        if self._session is not None:
            with suppress(psycopg.Error):
                await self._session.close()
            self._session = None

    async def _begin(self, session: psycopg.AsyncConnection[Any]) -> int:
        """A new term, once every transaction of the term before has ended. Raises Refused."""
        milliseconds = str(round(self._lease * 1000))
        await session.execute(
            "select set_config('idle_session_timeout', %s, false)", [milliseconds]
        )
        locked = await session.execute("select pg_try_advisory_lock(%s)", [_LOCK])
        row = await locked.fetchone()
        if row is None or not row[0]:
            raise Refused(
                f"Another Houston leads on {self._name}.",
                "It takes commands; this one takes over when it stops",
            )
        await session.execute(_TERM)
        begun = await session.execute(_NEXT, {"holder": self._holder})
        number = await begun.fetchone()
        return int(number[0]) if number else 0

    async def _beat(self) -> None:
        """Be heard of, and notice when the lead is lost."""
        with suppress(Superseded):
            while True:
                await asyncio.sleep(self._lease / 5)
                await self.check()
        log.warning("leadership.lost", why=self._why)

    def _superseded(self) -> Superseded:
        return Superseded(
            "store", "this Houston does not lead (any more)", "Another goes on with its work"
        )
