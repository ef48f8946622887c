"""`houston exec`: a line said to the same router and policy, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot import result
from bot.app import App
from bot.doorway import readable
from bot.errors import Refused, UsageError
from bot.ports.audit import Entry
from bot.ports.chat import Message
from bot.ports.store import Outgoing, Record, Store
from bot.result import Result

_UNHEARD = timedelta(seconds=15)
_LOOK = timedelta(milliseconds=200)
_WORDLESS = timedelta(seconds=5)
"""An operation has been begun for longer than this without a record of it: it is none."""
_NEWEST = 100
"""How many of a person's entries in the trail are looked through for the answer they just got."""


async def run(app: App, said: Message, show: Callable[[str], None]) -> Result:
    """Answer it in this process."""
    await app.open()
    await app.say(said)
    return await follow(app.store, said, show)


async def submit(store: Store, said: Message, show: Callable[[str], None]) -> Result:
    """Have the Houston that is running on this store answer it.

    Raises Refused when nobody takes it in time.
    """
    await store.open()
    await store.ledger.submit(said)
    for _ in range(round(_UNHEARD / _LOOK)):
        if await _taken(store, said):
            return await follow(store, said, show)
        await asyncio.sleep(_LOOK.total_seconds())
    raise Refused(
        "Another process holds the store and does not take commands.",
        "Look at its log; it may be stopping",
    )


async def follow(store: Store, said: Message, show: Callable[[str], None]) -> Result:
    """Show every post as it comes, and each card again when it has ended."""
    shown: dict[str, str] = {}
    wordless = timedelta(0)
    while True:
        record = await store.operations.get(f"op-{said.id}")
        posts = await store.outbox.thread(said.id)
        over = record.state.final if record else bool(posts)
        for out in posts:
            known = shown.get(out.post.id)
            if known is None or (over and known != out.post.text):
                shown[out.post.id] = out.post.text
                show(readable(out.post.text))
        if over and posts:
            return await _result(store, said, record, posts)
        silent = not record and not posts and await _silent(store, said)
        wordless = wordless + _LOOK if silent else timedelta(0)
        if wordless > _WORDLESS:
            raise UsageError("That is no command.", "`houston exec CONFIG '!help'` lists them")
        await asyncio.sleep(_LOOK.total_seconds())


async def _result(
    store: Store, said: Message, record: Record | None, posts: list[Outgoing]
) -> Result:
    if record is None:
        entries = await store.audit.search(actors=[said.author.id], limit=_NEWEST)
        mine = [each.entry for each in reversed(entries) if _answers(each.entry, said)]
        return result.of_answer(posts[-1].post.text, mine)
    card = next((out for out in posts if out.post.id == record.card), posts[-1])
    ends = f"operation.{record.state}"
    told = [entry for entry in await store.audit.of(record.id) if entry.event == ends]
    return result.of_operation(record, card.post.text, told)


def _answers(entry: Entry, said: Message) -> bool:
    return entry.detail.get("message") == said.id


async def _taken(store: Store, said: Message) -> bool:
    return all(waiting.id != said.id for waiting in await store.ledger.submitted())


async def _silent(store: Store, said: Message) -> bool:
    """Whether it was finished with without a word."""
    return all(open_.id != said.id for open_ in await store.ledger.unfinished())
