"""What goes wrong with a store on disk, planted below everything that uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

_HELD = "database is locked"
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE")


@contextmanager
def disk_full(met: Callable[[], object] = bool) -> Iterator[None]:
    """As long as the block goes on, no database of this process can write.

    SQLite refuses the statement that needs the space, and undoes its transaction.

    Args:
        met: called, in whichever thread, when a statement is refused.
    """

    def writes(statement: str, values: str) -> bool:
        del values
        found = statement.lstrip().upper().startswith(_WRITES)
        if found:
            met()
        return found

    with _refusing("database or disk is full", writes):
        yield


@contextmanager
def away() -> Iterator[None]:
    """Another program holds every database of this process."""
    with _refusing(_HELD, lambda statement, values: True):
        yield


@contextmanager
def unwritten(table: str, times: int, about: str = "") -> Iterator[list[str]]:
    """The next so many rows for this table in which these words are get refused; gives the
    statements that were."""
    refused: list[str] = []

    def wanted(statement: str, values: str) -> bool:
        found = statement.startswith(f"INSERT INTO {table} ") and about in values
        if not found or len(refused) == times:
            return False
        refused.append(statement)
        return True

    with _refusing(_HELD, wanted):
        yield refused


@contextmanager
def _refusing(why: str, when: Callable[[str, str], bool]) -> Iterator[None]:
    """Refuse the statements of which this is true, given their text and their values."""

    def execute(*arguments: Any) -> None:
        if when(str(arguments[2]), str(arguments[3])):
            raise sqlite3.OperationalError(why)

    with planted("before_cursor_execute", execute):
        yield


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
