"""The second doors' way to the same router and policy, without chat; and `houston exec`'s."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

from bot.app import App
from bot.cards import Mark
from bot.clock import Clock
from bot.errors import Refused, UsageError
from bot.policy import Policy
from bot.ports.chat import Author, Message
from bot.ports.store import LOCAL, Outgoing, Record, State, Store
from bot.roster import Person

OK, FAILED, REFUSED = 0, 1, 2
"""Exit statuses of `houston exec`. That something is so already is no refusal."""

_UNHEARD = timedelta(seconds=15)
_LOOK = timedelta(milliseconds=200)
_WORDLESS = timedelta(seconds=5)
"""An operation has been begun for longer than this without a record of it: it is none."""


def operator(policy: Policy, name: str) -> Person:
    """The person a local command is run as. Raises UsageError, naming who there is."""
    known = {person.name.lower(): person for person in policy.people} | {
        person.id.lower(): person for person in policy.people
    }
    person = known.get(name.lower())
    if person is None:
        names = ", ".join(sorted(person.name for person in policy.people)) or "nobody"
        raise UsageError(f"{name or 'no name'!r} is nobody in the roster; it has {names}.")
    return person


def message(person: Person, line: str, clock: Clock, by: str = LOCAL) -> Message:
    """What this person says through a second door, the command line's or another of `DOORS`."""
    now = clock.now()
    text = line if line.startswith("!") else f"!{line}"
    return Message(
        id=f"{by}-{uuid.uuid4().hex}",
        room_id=by,
        text=text,
        author=Author(person.id, person.name),
        at=now,
        updated=now,
    )


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


def readable(text: str) -> str:
    """The card as it reads on a terminal: symbols for their names, no formatting marks."""
    for mark in Mark:
        text = text.replace(mark.symbol, _SIGNS.get(mark, ""))
    text = re.sub(r"`([^`\n]*)`", lambda span: span[1].translate(_KEPT), text)
    text = re.sub(r"(?<!\\)[*]([^*\n]+)[*]", r"\1", text)
    text = re.sub(r"\\([*_~`\[\]|])", r"\1", text).replace("\u200b", "").replace("`", "")
    return text.translate({ord(kept): mark for mark, kept in zip("*\\", _PRIVATE, strict=True)})


_PRIVATE = "\ue000\ue001"
"""What stands for formatting marks inside of code until those outside are gone."""
_KEPT = str.maketrans("*\\", _PRIVATE)
_SIGNS = {
    Mark.OK: "✔",
    Mark.INFO: "ℹ",
    Mark.WAITING: "⏳",
    Mark.RUNNING: "↻",
    Mark.HELD: "✋",
    Mark.WARNING: "⚠",
    Mark.NO: "⛔",
    Mark.FAILED: "✘",
}


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
