"""What goes wrong with a store on disk, planted below everything that uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE")


@contextmanager
def disk_full(met: Callable[[], object] = bool) -> Iterator[None]:
    """As long as the block goes on, no database of this process can write.

    SQLite refuses the statement that needs the space, and undoes its transaction.

    Args:
        met: called, in whichever thread, when a statement is refused.
    """

    def execute(*arguments: Any) -> None:
        statement = str(arguments[2]).lstrip()
        if statement.upper().startswith(_WRITES):
            met()
            raise sqlite3.OperationalError("database or disk is full")

    with planted("before_cursor_execute", execute):
        yield


@contextmanager
def unwritten(table: str, times: int, about: str = "") -> Iterator[list[str]]:
    """The next so many rows for this table in which these words are get refused; gives the
    statements that were."""
    refused: list[str] = []

    def execute(*arguments: Any) -> None:
        statement, values = str(arguments[2]), str(arguments[3])
        wanted = statement.startswith(f"INSERT INTO {table} ") and about in values
        if wanted and len(refused) < times:
            refused.append(statement)
            raise sqlite3.OperationalError("database is locked")

    with planted("before_cursor_execute", execute):
        yield refused


@contextmanager
def planted(moment: str, listener: Any) -> Iterator[None]:
    """Listen to every database of this process."""
    event.listen(Engine, moment, listener)
    try:
        yield
    finally:
        event.remove(Engine, moment, listener)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program holds the file for itself."""
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("begin immediate")
        yield
        holder.execute("rollback")


@contextmanager
def impatient(milliseconds: int = 20) -> Iterator[None]:
    """Who opens a database in the block waits this long for a lock instead of ten seconds."""

    def connect(connection: Connection) -> None:
        found: Any = connection.connection.driver_connection
        found.execute(f"pragma busy_timeout={milliseconds}")

    with planted("engine_connect", connect):
        yield


def damage(path: Path) -> None:
    """Overwrite the middle of the file, as a failing disk does. The file's first page stays."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xde\xad" * ((len(content) - 4096) // 2)
    path.write_bytes(content)
