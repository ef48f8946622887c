"""Small records by kind and key, as they outlive the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.store import SqlStore
from bot.ports.chat import File, Post


@pytest.fixture
async def store(place: str) -> AsyncIterator[SqlStore]:
    made = SqlStore(place)
    await made.open()
    yield made
    await made.close()


async def test_only_the_first_to_add_a_key_wins(store: SqlStore) -> None:
    assert await store.documents.add("slot", "brief", {"by": "one"})
    assert not await store.documents.add("slot", "brief", {"by": "two"})
    assert await store.documents.get("slot", "brief") == {"by": "one"}


async def test_a_key_belongs_to_its_kind(store: SqlStore) -> None:
    await store.documents.put("mute", "x", {"until": "a"})
    await store.documents.put("freeze", "x", {"until": "b"})
    await store.documents.put("mute", "x", {"until": "c"})

    assert await store.documents.get("mute", "x") == {"until": "c"}
    assert await store.documents.all("freeze") == {"x": {"until": "b"}}
    assert await store.documents.get("mute", "y") is None


async def test_several_kinds_are_read_at_once(store: SqlStore) -> None:
    for kind, key in (("freeze", "b"), ("duty", "x"), ("freeze", "a"), ("mute", "a")):
        await store.documents.put(kind, key, {"is": f"{kind} {key}"})

    found = await store.documents.several("freeze", "duty", "offer")

    assert found == {
        "freeze": {"b": {"is": "freeze b"}, "a": {"is": "freeze a"}},
        "duty": {"x": {"is": "duty x"}},
        "offer": {},
    }
    assert [*found["freeze"]] == ["b", "a"]


async def test_all_come_oldest_first_and_a_removed_one_is_gone(store: SqlStore) -> None:
    for key in ("b", "a", "c"):
        await store.documents.put("state", key, {})

    assert [*await store.documents.all("state")] == ["b", "a", "c"]
    assert await store.documents.remove("state", "a")
    assert not await store.documents.remove("state", "a")
    assert [*await store.documents.all("state")] == ["b", "c"]


async def test_records_outlive_the_process(store: SqlStore, place: str) -> None:
    await store.documents.put("state", "stop", {"expires": "2026-11-25T23:00:00Z", "tries": 2})
    await store.close()
    again = SqlStore(place)
    await again.open()

    assert await again.documents.get("state", "stop") == {
        "expires": "2026-11-25T23:00:00Z",
        "tries": 2,
    }
    await again.close()


async def test_a_post_is_pending_until_each_of_its_files_is_shown(store: SqlStore) -> None:
    files = (File("a.txt", "text/plain", b"\x00a"), File("b.txt", "text/plain", b"b"))
    await store.outbox.put(Post("p1", "rOps", "text", "root", files=files))
    await store.outbox.shown("p1", "text", datetime(2026, 11, 24, tzinfo=UTC))
    await store.outbox.attached("p1", "a.txt")
    [out] = await store.outbox.pending()

    assert (out.post.files, out.attached) == (files, ("a.txt",))
    await store.outbox.attached("p1", "b.txt")
    assert await store.outbox.pending() == []


async def test_a_post_may_quote_what_no_text_of_a_database_holds_and_shows_that_it_was_there(
    store: SqlStore,
) -> None:
    await store.outbox.put(Post("p1", "rOps", "a\0b"))
    await store.outbox.put(Post("p1", "rOps", "c\0d\ud800"))

    assert [out.post.text for out in await store.outbox.pending()] == ["c\ufffdd\ufffd"]
