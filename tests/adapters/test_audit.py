"""The audit trail's contract, and what is found when somebody writes to the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from adapters.store import SqlStore
from bot.chain import Seal, flaws
from bot.errors import Unavailable
from bot.ports.audit import Entry
from tests.adapters.byhand import by_hand, unguarded

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def entry(number: int, actor: str = "uAna", target: str = "") -> Entry:
    at = AT + timedelta(minutes=number)
    return Entry(at, actor, "command.answered", f"op-{number}", {"line": f"!ops {number}"}, target)


@pytest.fixture
async def store(place: str) -> AsyncIterator[SqlStore]:
    made = SqlStore(place)
    await made.open()
    yield made
    await made.close()


async def faults(store: SqlStore) -> list[str]:
    return flaws(await store.audit.read(0, 1000), await store.audit.head())


async def test_entries_come_back_in_order_and_whole(store: SqlStore) -> None:
    written = [await store.audit.write(entry(number)) for number in range(1, 4)]

    assert [sealed.number for sealed in written] == [1, 2, 3]
    assert await store.audit.read(0, 10) == written
    assert await store.audit.read(1, 1) == written[1:2]
    assert await store.audit.of("op-2") == [entry(2)]
    assert (await store.audit.head()).hash == written[-1].hash
    assert await faults(store) == []


async def test_the_chain_goes_on_after_a_restart(store: SqlStore, place: str) -> None:
    await store.audit.write(entry(1))
    again = SqlStore(place)
    await again.open()
    await again.audit.write(entry(2))
    await again.close()

    assert [sealed.number for sealed in await store.audit.read(0, 10)] == [1, 2]
    assert await faults(store) == []


async def test_a_search_gives_the_newest_that_fits(store: SqlStore) -> None:
    for number in range(1, 5):
        actor, target = ("uAna", "git") if number % 2 else ("uBo", "argocd")
        await store.audit.write(entry(number, actor, target))

    async def found(*actors: str, target: str = "", since: int | None = None) -> list[int]:
        at = None if since is None else AT + timedelta(minutes=since)
        listed = await store.audit.search(actors=actors, target=target, since=at, limit=3)
        return [sealed.number for sealed in listed]

    assert await found() == [4, 3, 2]
    assert await found("uBo") == [4, 2]
    assert await found(target="git") == [3, 1]
    assert await found(since=4) == [4]
    assert await found("uAna", target="argocd") == []
    assert await found("uAna", "uBo") == [4, 3, 2]


async def test_writers_side_by_side_make_one_chain(store: SqlStore, place: str) -> None:
    other = SqlStore(place)
    await other.open()
    await asyncio.gather(
        *(one.audit.write(entry(number)) for number in range(20) for one in (store, other))
    )
    await other.close()

    assert len(await store.audit.read(0, 100)) == 40
    assert await faults(store) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update houston_audit_trail set actor = 'uVic' where number = 1",
        "delete from houston_audit_trail where number = 1",
        "truncate houston_audit_trail",
    ],
)
async def test_the_database_itself_refuses_to_rewrite(
    store: SqlStore, place: str, statement: str
) -> None:
    if statement.startswith("truncate") and place.startswith("sqlite"):
        pytest.skip("SQLite knows no truncate")
    await store.audit.write(entry(2))

    with pytest.raises(DBAPIError, match="append-only"):
        by_hand(place, statement)
    assert len(await store.audit.read(0, 10)) == 1


async def test_an_end_that_was_tampered_with_is_gone_on_from_only_when_it_is_sealed_anew(
    place: str,
) -> None:
    store = SqlStore(place, by=Seal(b"key"))
    await store.open()
    for count in range(1, 4):
        await store.audit.write(entry(count))
    unguarded(place)
    by_hand(
        place,
        "delete from houston_audit_trail where number = 3",
        "update houston_audit_head set number = 2, hash = "
        "(select hash from houston_audit_trail where number = 2)",
    )
    with pytest.raises(Unavailable, match="was not written with the key"):
        await store.audit.write(entry(4))

    assert (await store.audit.seal_end()).number == 2
    assert (await store.audit.write(entry(4))).number == 3
    assert flaws(await store.audit.read(0, 9), await store.audit.head(), Seal(b"key")) == []
    await store.close()


@pytest.mark.parametrize(("entries", "since"), [(0, 2), (1, 2), (3, 4)])
async def test_where_the_key_was_mounted_late_it_is_told_which_entry_it_may_begin_with(
    place: str, entries: int, since: int
) -> None:
    plain = SqlStore(place)
    await plain.open()
    for count in range(entries):
        await plain.audit.write(entry(count))
    await plain.close()
    keyed = SqlStore(place, by=Seal(b"key"))
    await keyed.open()

    with pytest.raises(Unavailable) as refused:
        await keyed.audit.write(entry(9))
    assert f"set audit.keyed_from to {since}" in refused.value.hint
    assert (await keyed.audit.seal_end()).number == entries
    assert (await keyed.audit.write(entry(9))).number == entries + 1
    await keyed.close()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "statement",
    [
        "update houston_audit_trail set at = '2026-01-01T00:00:00.000000+00:00' where number = {n}",
        "update houston_audit_trail set actor = 'uVic' where number = {n}",
        "update houston_audit_trail set event = 'x' where number = {n}",
        "update houston_audit_trail set operation = 'x' where number = {n}",
        "update houston_audit_trail set target = 'x' where number = {n}",
        "update houston_audit_trail set detail = '{{}}' where number = {n}",
        "update houston_audit_trail set hash = previous where number = {n}",
        "update houston_audit_trail set previous = hash where number = {n}",
        "update houston_audit_trail set number = 99 where number = {n}",
        "delete from houston_audit_trail where number = {n}",
        "delete from houston_audit_trail where number >= {n}",
        "update houston_audit_head set number = number - {n}",
    ],
)
async def test_whoever_writes_to_the_database_is_found_out(
    store: SqlStore, place: str, statement: str, number: int
) -> None:
    for count in range(1, 5):
        await store.audit.write(entry(count))
    unguarded(place)
    by_hand(place, statement.format(n=number))

    assert await faults(store)


async def test_nothing_is_written_behind_a_chain_whose_head_is_gone(
    store: SqlStore, place: str
) -> None:
    await store.audit.write(entry(1))
    by_hand(place, "delete from houston_audit_head")

    with pytest.raises(Unavailable, match="head is gone"):
        await store.audit.write(entry(2))
    assert await faults(store)
