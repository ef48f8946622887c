"""When chat is back after a while: one message that says what happened meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.cards import Card, Mark, code, duration, moment, plain
from bot.clock import Clock
from bot.courier import Courier
from bot.errors import HoustonError
from bot.ports.audit import Audit, Entry
from bot.ports.chat import Post, Room
from bot.ports.store import DOORS, Documents, Operations
from bot.redact import Redactor
from bot.request import post_id

log = structlog.get_logger()

_KIND, _KEY = "link", "chat"
_AWAY = timedelta(minutes=15)
"""A shorter absence is a restart; nobody missed anything."""
_ENTRIES = 500
_LINES = 12
_TOLD = {
    "temporary.ended": "a temporary state ended",
}


class Homecoming:
    """Remembers when chat was last there, and tells once what was done without it.

    Args:
        rooms: the rooms heard at this moment; none while chat is away.
        every: the pause between two looks.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        operations: Operations,
        audit: Audit,
        courier: Courier,
        clock: Clock,
        redactor: Redactor,
        zone: ZoneInfo,
        rooms: Callable[[], tuple[Room, ...]],
        every: timedelta,
    ) -> None:
        self._documents = documents
        self._operations = operations
        self._audit = audit
        self._courier = courier
        self._clock = clock
        self._redactor = redactor
        self._zone = zone
        self._rooms = rooms
        self._every = every

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self._look()
            except HoustonError as error:
                log.info("homecoming.failed", why=error.message)
            await asyncio.sleep(self._every.total_seconds())

    async def _look(self) -> None:
        rooms = self._rooms()
        if not rooms:
            return
        now = self._clock.now()
        known = await self._documents.get(_KIND, _KEY)
        if known:
            seen = datetime.fromisoformat(str(known["seen"]))
            if now - seen > _AWAY:
                await self._tell(rooms[0], seen, now)
        await self._documents.put(_KIND, _KEY, {"seen": now.isoformat()})

    async def _tell(self, room: Room, seen: datetime, now: datetime) -> None:
        lines = [*await self._ended(seen), *await self._noted(seen)]
        if not lines:
            return
        left = len(lines) - _LINES
        card = Card(
            Mark.INFO,
            f"Chat is back after {duration(now - seen)}; meanwhile:",
            (*lines[:_LINES], *([f"… and {left} more"] if left > 0 else ())),
            next=("!ops", "!audit", "!temporary"),
        )
        text = self._redactor.clean(card.text())
        await self._courier.put(Post(post_id("homecoming", seen.isoformat()), room.id, text))

    async def _ended(self, seen: datetime) -> list[str]:
        recent = await self._operations.recent(50)
        return [
            f"{code(record.code)} {plain(record.title)} · *{record.state}* "
            f"{moment(record.updated, self._zone)}"
            for record in reversed(recent)
            if record.state.final and record.updated > seen and record.room_id not in DOORS
        ]

    async def _noted(self, seen: datetime) -> list[str]:
        found = await self._audit.search(since=seen, limit=_ENTRIES)
        return [
            f"{moment(sealed.entry.at, self._zone)} {said}"
            for sealed in reversed(found)
            if (said := _said(sealed.entry))
        ]


def _said(entry: Entry) -> str:
    """What an entry tells people who were not there; most tell nothing."""
    if entry.event in _TOLD:
        return f"{_TOLD[entry.event]}: {plain(entry.target)}"
    return ""
