"""Copies of the store: whole while it is written to, refused where they would do harm, and the
documented commands for PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from adapters.backup import back_up, embedded, restore
from adapters.store import SqlStore
from bot.errors import Refused, Unavailable
from bot.ports.audit import Entry
from tests.adapters.byhand import by_hand
from tests.adapters.test_audit import faults
from tests.adapters.test_store import AT, message, record, vote
from tests.postgres import Postgres


async def filled(url: str) -> SqlStore:
    store = SqlStore(url)
    await store.open()
    await store.ledger.take(message())
    await store.operations.save(record())
    await store.votes.append(vote())
    await store.audit.write(Entry(AT, "uAna", "asked", "op-1"))
    return store


async def whole(url: str) -> None:
    """Everything of `filled` is there, guarded as before."""
    store = SqlStore(url)
    await store.open()
    assert await store.ledger.unfinished() == [message()]
    assert await store.operations.get("7F3K") == record()
    assert await store.votes.of("op-1", 1) == [vote()]
    assert [sealed.entry.event for sealed in await store.audit.read(0, 9)] == ["asked"]
    assert await faults(store) == []
    await store.close()
    with pytest.raises(Exception, match="append-only"):
        by_hand(url, "delete from houston_audit_trail")


async def test_a_copy_made_while_houston_writes_is_whole_and_can_be_restored(
    tmp_path: Path,
) -> None:
    path, file = tmp_path / "houston.sqlite", tmp_path / "copy"
    store = await filled(f"sqlite:///{path}")

    async def write() -> None:
        for number in range(30):
            await store.documents.put("kind", str(number), {"n": number})

    await asyncio.gather(write(), asyncio.to_thread(back_up, path, file))
    await store.operations.save(record("op-2", "LATE"))
    await store.close()
    kept = restore(file, path)

    await whole(f"sqlite:///{path}")
    assert by_hand(f"sqlite:///{path}", "select id from houston_operations") == [("op-1",)]
    assert kept is not None
    assert len(by_hand(f"sqlite:///{kept}", "select id from houston_operations")) == 2
    assert file.stat().st_mode & 0o077 == 0


async def test_what_was_replaced_is_never_replaced_again(tmp_path: Path) -> None:
    path, file = tmp_path / "houston.sqlite", tmp_path / "copy"
    await (await filled(f"sqlite:///{path}")).close()
    back_up(path, file)

    assert len({restore(file, path) for _ in range(3)}) == 3


async def test_a_copy_goes_where_there_is_none_yet(tmp_path: Path) -> None:
    path, file = tmp_path / "houston.sqlite", tmp_path / "copy"
    await (await filled(f"sqlite:///{path}")).close()
    back_up(path, file)

    assert restore(file, tmp_path / "new.sqlite") is None
    await whole(f"sqlite:///{tmp_path}/new.sqlite")


async def test_nothing_is_overwritten_and_nothing_made_of_nothing(tmp_path: Path) -> None:
    path, file = tmp_path / "houston.sqlite", tmp_path / "copy"
    with pytest.raises(Refused, match="no store"):
        back_up(path, file)
    await (await filled(f"sqlite:///{path}")).close()
    file.write_text("precious")
    with pytest.raises(Refused, match="there already"):
        back_up(path, file)

    assert file.read_text() == "precious"


async def test_what_is_no_copy_or_newer_leaves_the_store_alone(tmp_path: Path) -> None:
    path, file = tmp_path / "houston.sqlite", tmp_path / "copy"
    await (await filled(f"sqlite:///{path}")).close()
    back_up(path, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("update houston_schema set version = 999")
    junk = tmp_path / "junk"
    junk.write_bytes(b"no database" * 100)

    with pytest.raises(Refused, match="schema 999"):
        restore(file, path)
    with pytest.raises(Refused, match="no copy"):
        restore(junk, path)
    await whole(f"sqlite:///{path}")


async def test_a_copy_that_is_not_whole_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "houston.sqlite"
    path.write_bytes(b"this is no database, only a file with text in it" * 100)

    with pytest.raises(Unavailable, match="could not be copied"):
        back_up(path, tmp_path / "copy")
    assert os.listdir(tmp_path) == ["houston.sqlite"]  # noqa: PTH208  # not a Path of the loop


async def test_in_postgresql_the_commands_that_are_told_do_it(
    postgres: Postgres, database: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        embedded(database)
    name = database.split("@/")[1].split("?", maxsplit=1)[0]
    await (await filled(database)).close()
    dump, back = str(refused.value.hint).removeprefix("In PostgreSQL: ").split(", and ")
    run(postgres, tmp_path, dump.replace("NAME", name))
    by_hand(database, "drop table houston_audit_trail cascade")
    run(postgres, tmp_path, back.split(" while ")[0].replace("NAME", name))

    await whole(database)


def run(postgres: Postgres, folder: Path, line: str) -> None:
    program, *arguments = line.split()
    subprocess.run(
        [str(postgres.programs / program), *arguments],
        cwd=folder,
        env={"PATH": os.defpath, "PGHOST": str(postgres.folder), "PGUSER": "houston"},
        check=True,
    )
