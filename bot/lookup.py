"""Finds the operation a person means by its code."""

from __future__ import annotations

from bot.cards import code
from bot.errors import Refused
from bot.ports.store import Record, Store


async def operation_of(store: Store, said: str) -> Record:
    """The operation with this code. Raises Refused, naming the codes there are."""
    record = await store.operations.get(said)
    if record is not None:
        return record
    known = [other.code for other in await store.operations.recent(5)]
    hint = f"There are {', '.join(code(k) for k in known)}" if known else "There are none yet"
    raise Refused(f"No operation has the code {code(said[:20])}.", f"{hint}; `!ops` lists them")


async def current(store: Store, said: str) -> Record:
    """As `operation_of`, and the round the person names is the one that is open.

    Raises Refused when the plan was made anew since: what they read is not what would run.
    """
    record = await operation_of(store, said)
    if record.code.lower() != said.lower() and record.id != said:
        raise Refused(
            f"{code(said)} was planned anew since and is now {record.code}: read the new plan.",
            f"Then use {code(record.code)}",
        )
    return record
