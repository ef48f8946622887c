"""What is remembered of drills: whose each thread was, and the score sheets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from bot import scoresheet
from bot.ports.engine import Json
from bot.ports.store import Documents
from bot.scoresheet import Sheet

_THREADS, _SHEETS = "drill", "drill-score"
DEAD = timedelta(seconds=40)
"""A drill whose Houston has not been heard of for so long is over."""


@dataclass(frozen=True)
class Thread:
    """A drill's thread, for ever. `owner` is the process its world lives in, `beat` when that one
    last said so, `ended` when it was over."""

    id: str
    room_id: str
    owner: str
    beat: datetime
    sheet: Sheet
    ended: datetime | None = None

    def lost(self, now: datetime) -> bool:
        """Whether it goes on by the records, and its Houston is gone."""
        return self.ended is None and now - self.beat > DEAD


_ADAPTER = TypeAdapter(Thread)


class Threads:
    """The records, durably."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, id: str) -> Thread | None:
        """The drill whose thread this is, or was."""
        body = await self._documents.get(_THREADS, id)
        return _ADAPTER.validate_python(body) if body else None

    async def open(self) -> list[Thread]:
        """Those that go on, as far as anybody wrote down."""
        found = [
            _ADAPTER.validate_python(b) for b in (await self._documents.all(_THREADS)).values()
        ]
        return [thread for thread in found if thread.ended is None]

    async def put(self, thread: Thread) -> None:
        """Write it down as it is now."""
        packed: dict[str, Any] = _ADAPTER.dump_python(thread, mode="json")
        await self._documents.put(_THREADS, thread.id, packed)

    async def close(self, thread: Thread, sheet: Sheet, now: datetime) -> None:
        """It is over, and its sheet is kept."""
        await self._documents.put(_SHEETS, f"{sheet.name}-{sheet.code}", scoresheet.packed(sheet))
        await self.put(replace(thread, sheet=sheet, ended=now))

    async def sheets(self) -> list[Sheet]:
        """The kept sheets, oldest first."""
        found: dict[str, dict[str, Json]] = await self._documents.all(_SHEETS)
        sheets = [scoresheet.unpacked_sheet(body) for body in found.values()]
        return sorted(sheets, key=lambda sheet: sheet.started)
