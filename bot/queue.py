"""Commands that wait for the next start of the cluster: run then, planned anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from bot.errors import Refused
from bot.ports.chat import Author, Message
from bot.ports.store import Documents
from bot.request import Request, code_of, queued_id

_KIND = "queued"


@dataclass(frozen=True)
class Queued:
    """`after` is the start it waits for; `seen_off` that the cluster was off since."""

    code: str
    line: str
    actor_id: str
    actor: str
    room_id: str
    thread: str
    at: datetime
    after: datetime | None
    seen_off: bool = False

    def due(self, now: datetime) -> bool:
        """Whether the start it waits for has come, by the clock or by hand."""
        return self.seen_off or (self.after is not None and now >= self.after)

    @property
    def message(self) -> Message:
        """What the person said, to be taken now."""
        author = Author(self.actor_id, self.actor)
        id = queued_id(self.code)
        return Message(id, self.room_id, self.line, author, self.at, self.at, self.thread or None)


_ADAPTER = TypeAdapter(Queued)


class Queue:
    """What waits, durably."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def add(
        self, request: Request, line: str, at: datetime, after: datetime | None
    ) -> Queued:
        """Put a line in; once per request."""
        made = Queued(
            code_of(request.message_id, 5),
            line,
            request.actor.id,
            request.actor.username,
            request.room_id,
            request.thread,
            at,
            after,
        )
        await self._documents.add(_KIND, made.code, self._packed(made))
        return made

    async def all(self) -> list[Queued]:
        """The oldest first."""
        found = await self._documents.all(_KIND)
        return [_ADAPTER.validate_python(body) for body in found.values()]

    async def drop(self, code: str) -> Queued:
        """Take one out. Raises Refused, naming what there is."""
        known = {each.code: each for each in await self.all()}
        found = known.get(code.upper())
        if found is None:
            waiting = ", ".join(f"`{each}`" for each in known) or "nothing"
            raise Refused(f"Nothing queued has the code `{code[:20]}`.", f"There is {waiting}")
        await self._documents.remove(_KIND, found.code)
        return found

    async def saw_off(self) -> None:
        """The cluster is off: whatever waits goes on at the next start, whenever that is."""
        for each in await self.all():
            if not each.seen_off:
                body = {**self._packed(each), "seen_off": True}
                await self._documents.put(_KIND, each.code, body)

    async def done(self, each: Queued) -> None:
        """It was taken as a message; that is remembered there."""
        await self._documents.remove(_KIND, each.code)

    def _packed(self, each: Queued) -> dict[str, Any]:
        packed: dict[str, Any] = _ADAPTER.dump_python(each, mode="json")
        return packed
