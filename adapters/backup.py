"""Copies of an embedded store, by SQLite's online backup: whole, also while Houston writes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from adapters.store_tables import SCHEMA
from bot.errors import Refused, Unavailable

_BESIDE = ("-wal", "-shm")


def embedded(url: str) -> Path:
    """The file of a store. Raises Refused, with what to type, for one in PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise Refused(
            "This store is no file.",
            "In PostgreSQL: pg_dump --format=custom --file=houston.dump NAME, and "
            "pg_restore --clean --if-exists --dbname=NAME houston.dump while no replica runs",
        )
    return Path(parsed.database)


def back_up(store: Path, file: Path) -> None:
    """Copy the store into a new file that only its owner can read.

    Raises Refused when there is no store, or something in the file's place; Unavailable when the
    copy is not whole.
    """
    if not store.is_file():
        raise Refused(f"There is no store at {store}.", "Look at store.url")
    if file.exists():
        raise Refused(f"{file} is there already.", "Name a new file")
    _copy(store, file)


def restore(file: Path, store: Path) -> Path | None:
    """Put the copy in the store's place; what was there is kept beside it: gives its new name.

    Only while nobody has the store open. Raises Refused for what is no copy of a store, or of a
    newer Houston's.
    """
    found = _schema(file)
    if found > SCHEMA:
        raise Refused(
            f"{file} has schema {found}; this Houston knows up to {SCHEMA}.",
            "Restore it with the Houston that made it, or a newer one",
        )
    fresh = store.with_name(store.name + ".restoring")
    fresh.unlink(missing_ok=True)
    _copy(file, fresh)
    kept = _set_aside(store) if store.exists() else None
    fresh.replace(store)
    return kept


def _copy(source: Path, target: Path) -> None:
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        partial.touch(mode=0o600)
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(partial)) as new,
        ):
            old.backup(new)
            said = new.execute("pragma integrity_check").fetchone()[0]
            if said != "ok":
                raise sqlite3.DatabaseError(said)
        with partial.open("rb") as whole:
            os.fsync(whole.fileno())
        partial.replace(target)
    except (OSError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise Unavailable(
            "store", f"{source} could not be copied to {target}: {error}", "Nothing was changed"
        ) from None


def _schema(file: Path) -> int:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            return int(opened.execute("select version from houston_schema").fetchone()[0])
    except (sqlite3.Error, TypeError):
        raise Refused(f"{file} is no copy of a store.", "Take what houston backup wrote") from None


def _set_aside(store: Path) -> Path:
    """Under a name that is free, with what SQLite has beside it."""
    number = 1
    while (kept := store.with_name(f"{store.name}.replaced-{number}")).exists():
        number += 1
    for end in ("", *_BESIDE):
        part = store.with_name(store.name + end)
        if part.exists():
            part.replace(kept.with_name(kept.name + end))
    return kept
