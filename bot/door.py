"""`houston exec`: a line said to the same router and policy, and what is shown of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.app import App
from bot.cards import Mark
from bot.doorway import readable
from bot.errors import Refused, UsageError
from bot.ports.chat import Message
from bot.ports.store import Outgoing, Record, State, Store

OK, FAILED, REFUSED = 0, 1, 2
"""Exit statuses of `houston exec`. That something is so already is no refusal."""

_UNHEARD = timedelta(seconds=15)
_LOOK = timedelta(milliseconds=200)
_WORDLESS = timedelta(seconds=5)
"""An operation has been begun for longer than this without a record of it: it is none."""


async def run(app: App, said: Message, show: Callable[[str], None]) -> int:
    """Answer it in this process; gives the exit status."""
    await app.open()
    await app.say(said)
    return await follow(app.store, said, show)


async def submit(store: Store, said: Message, show: Callable[[str], None]) -> int:
    """Have the Houston that is running on this store answer it; gives the exit status.

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


async def follow(store: Store, said: Message, show: Callable[[str], None]) -> int:
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
            return _status(record, posts)
        silent = not record and not posts and await _silent(store, said)
        wordless = wordless + _LOOK if silent else timedelta(0)
        if wordless > _WORDLESS:
            raise UsageError("That is no command.", "`houston exec CONFIG '!help'` lists them")
        await asyncio.sleep(_LOOK.total_seconds())


def _status(record: Record | None, posts: list[Outgoing]) -> int:
    if record:
        already = posts and posts[-1].post.text.startswith(Mark.INFO.symbol)
        if record.state is State.SUCCEEDED or (record.state is State.REFUSED and already):
            return OK
        return FAILED if record.state is State.FAILED else REFUSED
    text = posts[-1].post.text
    if text.startswith(Mark.NO.symbol):
        return REFUSED
    return FAILED if text.startswith(Mark.FAILED.symbol) else OK


async def _taken(store: Store, said: Message) -> bool:
    return all(waiting.id != said.id for waiting in await store.ledger.submitted())


async def _silent(store: Store, said: Message) -> bool:
    """Whether it was finished with without a word."""
    return all(open_.id != said.id for open_ in await store.ledger.unfinished())
