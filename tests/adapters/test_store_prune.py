"""What the store forgets once it is old, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports.audit import Entry
from bot.ports.chat import Post
from bot.ports.store import Age, State, Store
from tests.adapters.test_store import AT, message, record, vote

DAY = timedelta(days=1)


def age(**changed: int) -> Age:
    """A day after everything, where nothing else is said in days."""
    names = ("operations", "messages", "posts", "evidence")
    return Age(**{name: AT + DAY * changed.get(name, 1) for name in names})


async def fill(store: Store) -> None:
    """One of each kind that is over, and one that is not."""
    for id, state in (("over", State.FAILED), ("open", State.RUNNING), ("again", State.VOID)):
        await store.operations.save(replace(record(id, id.upper()), state=state))
    for id in ("answered", "taken"):
        await store.ledger.take(message(id))
    await store.ledger.submit(message("submitted"))
    await store.ledger.answer("answered", [])
    for id in ("sent", "unsent", "lost"):
        await store.outbox.put(Post(id, "rOps", id, "t1"))
    await store.outbox.shown("sent", "sent", AT)
    await store.outbox.postpone("lost", AT, "away")
    await store.outbox.give_up("lost", "the room is gone")
    await store.documents.put("evidence", "bundle", {"at": AT.isoformat()})
    await store.documents.put("mute", "finding", {"at": AT.isoformat()})
    await store.votes.append(vote())
    await store.audit.write(Entry(AT, "uAna", "asked", "over"))


async def left(store: Store) -> set[str]:
    """The ids of all that is there, beside the votes and the trail."""
    posts = await store.outbox.thread("t1")
    answered = await store.ledger.take(message("answered"))
    documents = [*await store.documents.all("evidence"), *await store.documents.all("mute")]
    return {
        *(one.id for one in await store.operations.recent(9)),
        *([] if answered else ["answered"]),
        *(one.id for one in await store.ledger.submitted()),
        *(out.post.id for out in posts),
        *documents,
    }


OVER = {"over", "answered", "sent", "lost", "bundle"}
OPEN = {"open", "again", "submitted", "unsent", "finding"}


async def test_what_is_over_and_old_is_forgotten_and_what_is_open_stays(store: Store) -> None:
    await fill(store)

    assert await store.prune(age()) == len(OVER)
    assert [one.id for one in await store.ledger.unfinished()] == ["taken"]
    assert await left(store) == OPEN


async def test_nothing_is_forgotten_before_its_time(store: Store) -> None:
    await fill(store)

    assert await store.prune(age(operations=-1, messages=-1, posts=-1, evidence=-1)) == 0
    assert await left(store) == OVER | OPEN


@pytest.mark.parametrize(
    ("kind", "gone"),
    [
        ("operations", {"over"}),
        ("messages", {"answered"}),
        ("posts", {"sent", "lost"}),
        ("evidence", {"bundle"}),
    ],
)
async def test_each_kind_has_its_own_time(store: Store, kind: str, gone: set[str]) -> None:
    await fill(store)
    kept = {name: -1 for name in ("operations", "messages", "posts", "evidence") if name != kind}
    await store.prune(age(**kept))

    assert await left(store) == (OVER | OPEN) - gone


async def test_the_trail_and_the_votes_stay_whatever_is_forgotten(store: Store) -> None:
    await fill(store)
    await store.prune(age(operations=9999, messages=9999, posts=9999, evidence=9999))

    assert await store.votes.of("op-1", 1) == [vote()]
    assert [entry.event for entry in await store.audit.of("over")] == ["asked"]
