"""What only a store that outlives its process can show: a second start, a newer schema, hands on
the tables."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from adapters.store import SqlStore
from bot.errors import Refused, Unavailable
from tests.adapters.byhand import by_hand
from tests.adapters.schemas import filled
from tests.adapters.test_store import AT, message, record, vote


async def test_everything_is_there_after_a_restart(place: str) -> None:
    await filled(SqlStore(place))
    second = SqlStore(place)
    await second.open()

    assert await second.ledger.unfinished() == [message()]
    assert await second.ledger.cursor("rOps") == AT
    assert [sent.post.id for sent in await second.outbox.pending()] == ["p1"]
    assert await second.operations.get("7F3K") == record()
    assert await second.operations.lock("app", "op-2") == "op-1"
    assert await second.votes.of("op-1", 1) == [vote()]
    assert [entry.event for entry in await second.audit.of("op-1")] == ["asked"]
    await second.close()


async def test_a_store_of_a_newer_program_is_refused_and_left_alone(place: str) -> None:
    store = SqlStore(place)
    await store.open()
    await store.close()
    by_hand(place, "update houston_schema set version = 999")

    with pytest.raises(Refused, match="schema 999") as caught:
        await store.open()
    await store.close()
    assert "backup" in caught.value.hint
    assert by_hand(place, "select version from houston_schema") == [(999,)]


async def test_two_stores_on_one_file_take_a_message_once(place: str) -> None:
    """Two programs: each store has threads and connections of its own."""
    stores = [SqlStore(place) for _ in range(2)]
    for store in stores:
        await store.open()
    taken = await asyncio.gather(
        *(store.ledger.take(message(f"m{n}")) for n in range(10) for store in stores)
    )

    assert taken.count(True) == 10
    assert len(await stores[0].ledger.unfinished()) == 10
    for store in stores:
        await store.close()


@pytest.mark.parametrize("verb", ["delete from {}", "update {} set operation = 'op-9'"])
async def test_nobody_changes_what_was_voted(place: str, verb: str) -> None:
    store = SqlStore(place)
    await store.open()
    await store.votes.append(vote())

    with pytest.raises(DBAPIError, match="append-only"):
        by_hand(place, verb.format("houston_votes"))
    assert await store.votes.of("op-1", 1) == [vote()]
    await store.close()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "houston.sqlite"
    path.write_bytes(b"this is no database, only a file with text in it" * 100)
    store = SqlStore(f"sqlite:///{path}")

    with pytest.raises(Unavailable, match="not a database"):
        await store.open()
    await store.close()
