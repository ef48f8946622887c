"""What somebody does who writes to the database and has no key: `houston audit verify` finds it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from adapters.store import SqlStore
from bot.auditing import verify
from bot.chain import Seal
from bot.errors import ConfigError, Unavailable
from bot.ports.audit import Entry
from bot.ports.engine import Json
from tests.core.test_auditing import KEY, config, keyed, run

__all__ = ["config"]

BY = Seal(KEY.encode())
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ENTRIES = 4
NUMBERS = range(1, ENTRIES + 1)
COLUMNS = {
    "at": "'2026-11-24T12:00:01.000000+00:00'",
    "actor": "'uVic'",
    "event": "'x'",
    "operation": "'op-x'",
    "target": "'x'",
    "detail": """'{"line":"!x"}'""",
    "previous": "hash",
    "hash": "previous",
    "number": "number + 90",
}
CHANGE = "update houston_audit_trail set {change} where number = {number}"
DELETION = "delete from houston_audit_trail where number = {number}"
RENUMBERING = "update houston_audit_trail set number = {new} where number = {old}"
CUT = "delete from houston_audit_trail where number > {kept}"
UNREADABLE = {"at": "'noon'", "detail": "'{'"}
HEADS = {
    "as it was": "",
    "moved": "update houston_audit_head set number = {n}, hash = {hash}",
    "moved, without a seal": "update houston_audit_head set number = {n}, hash = {hash}, seal = ''",
    "moved, with an entry's hash": "update houston_audit_head set number = {n}, hash = {hash}, "
    "seal = {hash}",
    "gone": "delete from houston_audit_head",
}
HASH = (
    "coalesce((select hash from houston_audit_trail where number = {n}),"
    " (select previous from houston_audit_trail where number = 1))"
)


AS_BEFORE = "alter table houston_audit_head drop column seal;update houston_schema set version = 1"
"""The tables of the version before had no seal."""


@pytest.fixture
def place(config: Path) -> Path:
    """A configuration whose store holds four entries, sealed with a key from the first on."""
    for part in ("", "-wal", "-shm"):
        config.with_name(f"houston.sqlite{part}").unlink(missing_ok=True)
    keyed(config)
    write(config, ENTRIES)
    assert run("verify", "--config", config).exit_code == 0
    return config


def write(config: Path, count: int) -> None:
    """What Houston does."""

    async def work() -> None:
        store = SqlStore(f"sqlite:///{config.with_name('houston.sqlite')}", by=BY)
        await store.open()
        for number in range(count):
            at = AT + timedelta(minutes=number)
            line: dict[str, Json] = {"line": f"!ops {number}"}
            await store.audit.write(
                Entry(at, f"u{number}", f"event.{number}", f"op-{number}", line, f"t{number}")
            )
        await store.close()

    asyncio.run(work())


def by_hand(config: Path, *statements: str) -> None:
    """What somebody does who owns the database."""
    with closing(sqlite3.connect(config.with_name("houston.sqlite"))) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"drop trigger if exists houston_audit_trail_no_{verb}")
        for statement in filter(None, statements):
            connection.execute(statement)
        connection.commit()


def found(config: Path, *heads: str) -> list[str]:
    """What `houston audit verify` says, as lines; empty when it finds nothing."""
    said: list[str] = []
    return said if asyncio.run(verify(config, None, None, heads, said.append)) else []


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("column", COLUMNS)
def test_each_change_of_one_column_of_one_record(place: Path, column: str, number: int) -> None:
    change = f"{column} = {COLUMNS[column]}"
    by_hand(place, CHANGE.format(change=change, number=number))

    assert found(place)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("column", UNREADABLE)
def test_what_cannot_even_be_read(place: Path, column: str, number: int) -> None:
    change = f"{column} = {UNREADABLE[column]}"
    by_hand(place, CHANGE.format(change=change, number=number))

    assert "✘ an entry behind" in found(place)[0]


@pytest.mark.parametrize("number", NUMBERS)
def test_each_deletion(place: Path, number: int) -> None:
    by_hand(place, DELETION.format(number=number))

    assert found(place)


def test_each_deletion_that_is_closed_up_behind(place: Path) -> None:
    by_hand(
        place,
        "delete from houston_audit_trail where number = 2",
        "update houston_audit_trail set number = number - 1 where number > 2",
        "update houston_audit_head set number = number - 1",
    )

    assert found(place)


@pytest.mark.parametrize(("one", "other"), [*combinations(NUMBERS, 2)])
def test_each_exchange_of_two(place: Path, one: int, other: int) -> None:
    by_hand(
        place,
        RENUMBERING.format(new=-1, old=one),
        RENUMBERING.format(new=one, old=other),
        RENUMBERING.format(new=other, old=-1),
    )

    assert found(place)


@pytest.mark.parametrize("kept", range(ENTRIES))
@pytest.mark.parametrize("head", HEADS)
def test_each_tail_cut_off_whatever_is_done_to_the_head(place: Path, kept: int, head: str) -> None:
    moved = HEADS[head].format(n=kept, hash=HASH.format(n=kept))
    by_hand(place, moved, CUT.format(kept=kept))

    assert found(place)
    if head == "as it was":
        write(place, 1)
    else:
        with pytest.raises(Unavailable, match=r"head is gone|was not written with the key"):
            write(place, 1)
    assert found(place), "and what Houston does afterwards hides nothing"


def test_an_older_copy_of_the_whole_database_is_found_by_an_end_that_was_posted(
    place: Path, tmp_path: Path
) -> None:
    """The seal alone cannot tell: it was true once."""
    older = tmp_path / "older.sqlite"
    source = place.with_name("houston.sqlite")
    with closing(sqlite3.connect(source)) as now, closing(sqlite3.connect(older)) as then:
        now.backup(then)
    write(place, 1)
    with closing(sqlite3.connect(source)) as connection:
        number, hash = connection.execute("select number, hash from houston_audit_head").fetchone()
    posted = f"{number}:{hash[:16]}"
    assert found(place, posted, "1:" + first(place)) == []
    with closing(sqlite3.connect(older)) as then, closing(sqlite3.connect(source)) as now:
        then.backup(now)

    assert found(place) == []
    assert f"✘ entry {number} is gone: the trail once ended with it" in found(place, posted)


def first(place: Path) -> str:
    """The beginning of the first entry's hash."""
    with closing(sqlite3.connect(place.with_name("houston.sqlite"))) as connection:
        query = "select hash from houston_audit_trail where number = 1"
        return str(connection.execute(query).fetchone()[0])[:12]


@pytest.mark.parametrize("said", ["", "12", "x:abcdef012345", "1:abc", "1:ABCDEF012345"])
def test_an_end_that_is_none_is_refused(place: Path, said: str) -> None:
    with pytest.raises(ConfigError, match="is no end of an audit trail"):
        found(place, said)


@pytest.mark.parametrize(
    "statement",
    ["update houston_audit_head set number = 3", "delete from houston_audit_head", AS_BEFORE],
)
def test_it_goes_on_when_a_person_says_so_and_the_trail_says_that_they_did(
    place: Path, statement: str
) -> None:
    by_hand(place, *statement.split(";"))
    with pytest.raises(Unavailable):
        write(place, 1)
    assert found(place), "nothing is sealed by itself, not even when tables are brought up"

    assert "goes on behind 4:" in run("seal", "--config", place).output
    write(place, 1)
    assert found(place) == []
    assert "audit.sealed" in run("export", "--config", place).output
