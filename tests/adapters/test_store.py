"""The store port: in memory, on disk, and on PostgreSQL where there is a server to try."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.ports.audit import Entry
from bot.ports.chat import Author, Message, Post
from bot.ports.store import Choice, Record, State, Store, Vote

AT = datetime(2026, 11, 24, 15, 0, 0, 123456, tzinfo=UTC)
POST = Post("p1", "rOps", "first", thread="t1", seeds=(":+1:", ":-1:"))


def message(id: str = "m1", text: str = "!status") -> Message:
    return Message(
        id, "rOps", text, Author("uAna", "ana"), AT, AT + timedelta(seconds=1), thread="t1",
        reactions={":+1:": ("bo", "cy")},
    )  # fmt: skip


def record(id: str = "op-1", code: str = "7F3K", state: State = State.WAITING) -> Record:
    return Record(
        id=id, code=code, command="scale", line="!scale presence 2", requester="Ana",
        requester_id="uAna", room_id="rOps", thread="t1", message_id="m1", state=state,
        title="Scale presence", target="aks-rocketchat-helm", round=1, created=AT, updated=AT,
        detail={"facts": {"wanted": 2, "note": "é ✅"}},
    )  # fmt: skip


def vote(person: str = "uBo", choice: Choice = Choice.APPROVE, round: int = 1) -> Vote:
    return Vote("op-1", round, person, "bo", choice, True, "reaction", AT, True, "", True)


async def test_a_message_is_taken_exactly_once(store: Store) -> None:
    taken = [await store.ledger.take(message()) for _ in range(3)]
    edited = await store.ledger.take(message(text="!scale presence 2"))

    assert (taken, edited) == ([True, False, False], False)


async def test_of_many_who_take_a_message_at_once_one_gets_it(store: Store) -> None:
    taken = await asyncio.gather(*(store.ledger.take(message()) for _ in range(20)))

    assert taken.count(True) == 1


async def test_a_message_taken_and_not_answered_is_unfinished(store: Store) -> None:
    for id in ("m2", "m1"):
        await store.ledger.take(message(id))
    await store.ledger.answer("m2", [POST])

    assert await store.ledger.unfinished() == [message("m1")]
    assert [sent.post for sent in await store.outbox.pending()] == [POST]


async def test_an_answer_is_written_with_its_entry_of_the_trail_or_not_at_all(store: Store) -> None:
    await store.ledger.take(message())
    unsaid = Entry(AT, "ana", "command.answered", detail={"line": math.nan})

    with pytest.raises(ValueError, match="JSON compliant"):
        await store.ledger.answer("m1", [POST], unsaid)
    assert (await store.ledger.unfinished(), await store.outbox.pending()) == ([message()], [])

    await store.ledger.answer("m1", [POST], replace(unsaid, detail={"line": "!help"}))

    assert await store.ledger.unfinished() == []
    assert [sent.post for sent in await store.outbox.pending()] == [POST]
    assert [one.entry.event for one in await store.audit.read(0, 9)] == ["command.answered"]
    assert (await store.audit.head()).number == 1


async def test_an_answer_given_twice_is_one_post(store: Store) -> None:
    await store.ledger.take(message())
    for _ in range(2):
        await store.ledger.answer("m1", [POST])

    assert len(await store.outbox.pending()) == 1
    assert not await store.ledger.take(message())


async def test_a_message_put_in_waits_to_be_taken_once(store: Store) -> None:
    for _ in range(2):
        await store.ledger.submit(message())
    waiting = await store.ledger.submitted()
    taken = [await store.ledger.take(message()) for _ in range(2)]
    await store.ledger.submit(message())

    assert waiting == [message()]
    assert taken == [True, False]
    assert await store.ledger.submitted() == []
    assert await store.ledger.unfinished() == [message()]


async def test_a_cursor_moves_forward_only(store: Store) -> None:
    before = await store.ledger.cursor("rOps")
    for seconds in (5, 2, 9, 0):
        await store.ledger.advance("rOps", AT + timedelta(seconds=seconds))

    assert before is None
    assert await store.ledger.cursor("rOps") == AT + timedelta(seconds=9)
    assert await store.ledger.cursor("rOther") is None


async def test_a_post_is_pending_until_it_is_shown_and_seeded(store: Store) -> None:
    await store.outbox.put(POST)
    (new,) = await store.outbox.pending()
    await store.outbox.shown("p1", "first", AT)
    (sent,) = await store.outbox.pending()
    await store.outbox.seeded("p1", ":+1:")
    half = await store.outbox.pending()
    await store.outbox.seeded("p1", ":-1:")

    assert (new.post, new.shown, new.attempts, new.error) == (POST, None, 0, "")
    assert (sent.shown, sent.edited, sent.seeded) == ("first", AT, ())
    assert half[0].seeded == (":+1:",)
    assert await store.outbox.pending() == []


async def test_edits_of_a_post_are_merged_into_its_last_text(store: Store) -> None:
    bare = replace(POST, seeds=())
    await store.outbox.put(bare)
    await store.outbox.shown("p1", "first", AT)
    for text in ("second", "third"):
        await store.outbox.put(replace(bare, text=text))
    (wanted,) = await store.outbox.pending()
    await store.outbox.put(bare)
    await store.outbox.shown("p1", "first", AT)

    assert (wanted.post.text, wanted.shown) == ("third", "first")
    assert await store.outbox.pending() == []


async def test_posts_are_pending_oldest_first_whatever_is_edited(store: Store) -> None:
    for id in ("p3", "p1", "p2"):
        await store.outbox.put(Post(id, "rOps", id))
    await store.outbox.put(Post("p3", "rOps", "newer"))

    assert [sent.post.id for sent in await store.outbox.pending()] == ["p3", "p1", "p2"]


async def test_a_post_that_failed_waits_with_its_reason_and_forgets_both(store: Store) -> None:
    await store.outbox.put(POST)
    for minute in (1, 2):
        await store.outbox.postpone("p1", AT + timedelta(minutes=minute), f"away {minute}")
    (waiting,) = await store.outbox.pending()
    await store.outbox.shown("p1", "first", AT)
    (sent,) = await store.outbox.pending()

    assert (waiting.attempts, waiting.error) == (2, "away 2")
    assert waiting.not_before == AT + timedelta(minutes=2)
    assert (sent.attempts, sent.not_before, sent.error) == (0, None, "")


async def test_a_post_given_up_is_kept_and_not_tried_again(store: Store) -> None:
    await store.outbox.put(POST)
    await store.outbox.give_up("p1", "the room is gone")
    (kept,) = await store.outbox.thread("t1")

    assert await store.outbox.pending() == []
    assert (kept.error, kept.shown) == ("the room is gone", None)


async def test_a_post_for_nobody_in_chat_is_kept_and_never_pending(store: Store) -> None:
    local = replace(POST, room_id="local")
    await store.outbox.put(local)
    await store.outbox.put(replace(local, text="newer"))

    assert await store.outbox.pending() == []
    assert [kept.post.text for kept in await store.outbox.thread("t1")] == ["newer"]


async def test_a_thread_is_read_oldest_first(store: Store) -> None:
    for id, thread in (("b", "t1"), ("x", "t2"), ("a", "t1"), ("y", None)):
        await store.outbox.put(Post(id, "rOps", id, thread))

    assert [kept.post.id for kept in await store.outbox.thread("t1")] == ["b", "a"]


async def test_an_operation_is_replaced_by_its_id(store: Store) -> None:
    await store.operations.save(record())
    later = replace(record(), state=State.RUNNING, card="c1", detail={"results": [1, None]})
    await store.operations.save(later)

    assert await store.operations.get("op-1") == later
    assert await store.operations.recent(9) == [later]


@pytest.mark.parametrize("said", ["op-2", "7F3K", "7f3k", "7F3K-2", "7f3k-2", "7F3K-1"])
async def test_an_operation_is_found_by_id_or_by_code_of_any_round(store: Store, said: str) -> None:
    await store.operations.save(record("op-1", "9ABC"))
    await store.operations.save(record("op-2", "7F3K-2"))
    found = await store.operations.get(said)

    assert found is not None
    assert found.id == "op-2"


@pytest.mark.parametrize("said", ["", "7F3", "%", "____", "7F3K%", "op", "OP-1' or 1=1 --"])
async def test_what_is_no_code_finds_nothing(store: Store, said: str) -> None:
    await store.operations.save(record())

    assert await store.operations.get(said) is None


async def test_of_two_operations_with_one_code_the_newer_is_meant(store: Store) -> None:
    for id in ("op-1", "op-2"):
        await store.operations.save(record(id))
    found = await store.operations.get("7F3K")

    assert found is not None
    assert found.id == "op-2"


async def test_recent_is_newest_first_and_open_oldest_first(store: Store) -> None:
    states = [State.SUCCEEDED, State.WAITING, State.VOID, State.HELD, State.REFUSED]
    for number, state in enumerate(states):
        await store.operations.save(record(f"op-{number}", f"AAA{number}", state))

    assert [found.id for found in await store.operations.recent(2)] == ["op-4", "op-3"]
    assert [found.id for found in await store.operations.open()] == ["op-1", "op-2", "op-3"]


async def test_a_lock_has_one_holder_until_it_is_given_back(store: Store) -> None:
    for id in ("op-1", "op-2"):
        await store.operations.save(record(id))
    first = [await store.operations.lock("app", "op-1") for _ in range(2)]
    second = await store.operations.lock("app", "op-2")
    other = await store.operations.lock("another", "op-2")
    await store.operations.unlock("op-1")

    assert first == [None, None]
    assert (second, other) == ("op-1", None)
    assert await store.operations.lock("app", "op-2") is None


@pytest.mark.parametrize("state", [state for state in State if state.final])
async def test_a_lock_whose_holder_has_ended_is_taken_over(store: Store, state: State) -> None:
    await store.operations.save(record("op-1"))
    await store.operations.lock("app", "op-1")
    await store.operations.save(record("op-1", state=state))

    assert await store.operations.lock("app", "op-2") is None


async def test_a_void_round_keeps_its_lock(store: Store) -> None:
    await store.operations.save(record("op-1", state=State.VOID))
    await store.operations.lock("app", "op-1")

    assert await store.operations.lock("app", "op-2") == "op-1"


async def test_of_many_who_lock_at_once_one_wins(store: Store) -> None:
    ids = [f"op-{number}" for number in range(10)]
    for id in ids:
        await store.operations.save(record(id))
    holders = await asyncio.gather(*(store.operations.lock("app", id) for id in ids))
    (winner,) = [id for id, holder in zip(ids, holders, strict=True) if holder is None]

    assert {holder for holder in holders if holder} == {winner}


async def test_votes_come_back_in_the_order_they_were_seen(store: Store) -> None:
    seen = [vote("uZoe"), vote("uBo"), vote("uBo", Choice.DENY), vote("uBo")]
    for each in seen:
        await store.votes.append(each)
    await store.votes.append(vote(round=2))

    assert await store.votes.of("op-1", 1) == seen
    assert await store.votes.of("op-2", 1) == []


async def test_a_document_is_added_once_and_replaced_when_put(store: Store) -> None:
    added = [await store.documents.add("hold", "app", {"n": n}) for n in range(2)]
    first = await store.documents.get("hold", "app")
    await store.documents.put("hold", "app", {"n": 9})

    assert (added, first) == ([True, False], {"n": 0})
    assert await store.documents.all("hold") == {"app": {"n": 9}}


async def test_opening_again_keeps_everything(store: Store) -> None:
    await store.operations.save(record())
    await store.open()

    assert await store.operations.get("op-1") == record()
