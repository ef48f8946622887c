"""States that are meant to end: who made them, why, until when, and how they are taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from bot.errors import Refused
from bot.ports.engine import Json
from bot.ports.store import Documents

_KIND = "temporary"

Restorer = Callable[[Mapping[str, Json]], Awaitable[str]]
"""Takes a state back and says how things are then; looks before it acts. May raise."""


@dataclass(frozen=True)
class Temporary:
    """One such state. `restorer` names how `restore` is taken back, empty when it ends by itself.

    `trouble` is why taking it back did not work the last time; `told` that people know.
    """

    code: str
    title: str
    owner: str
    reason: str
    room_id: str
    since: datetime
    expires: datetime
    restorer: str
    restore: dict[str, Json]
    trouble: str = ""
    told: datetime | None = None


_ADAPTER = TypeAdapter(Temporary)


class Ledger:
    """Every temporary state, durably."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def note(self, state: Temporary) -> None:
        """Write it down, or what became of it; the code is its key."""
        packed: dict[str, Json] = _ADAPTER.dump_python(state, mode="json")
        await self._documents.put(_KIND, state.code, packed)

    async def all(self) -> list[Temporary]:
        """The oldest first."""
        found = await self._documents.all(_KIND)
        return [_ADAPTER.validate_python(body) for body in found.values()]

    async def named(self, code: str) -> Temporary:
        """Raises Refused, naming what there is."""
        known = {each.code: each for each in await self.all()}
        if code.upper() in known:
            return known[code.upper()]
        shown = ", ".join(f"`{each}`" for each in known) or "nothing temporary"
        raise Refused(f"Nothing temporary has the code `{code[:20]}`.", f"There is {shown}")

    async def expire(self, code: str, now: datetime) -> Temporary:
        """End it now: it is taken back at the next look. Raises Refused."""
        found = replace(await self.named(code), expires=now)
        await self.note(found)
        return found

    async def over(self, state: Temporary) -> None:
        """It was taken back, or has ended by itself."""
        await self._documents.remove(_KIND, state.code)


NAG = timedelta(hours=1)
"""How often people are told of a state that could not be taken back."""
