"""Brings the audit trail to another place, as JSON lines: in order, none left out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.chain import line
from bot.errors import HoustonError
from bot.ports.store import Store
from bot.trail import Trail

log = structlog.get_logger()

Sink = Callable[[str], None]
"""Takes whole lines, and returns when they are safe. Raises OSError."""

_KIND, _KEY = "audit", "shipped"
_BATCH = 200
_AGAIN_SECONDS = 5.0


def sink(where: str) -> Sink:
    """Where lines go: `stdout`, or a file they are appended to."""
    if where == "stdout":
        return _print
    return lambda text: _append(Path(where), text)


class Shipper:
    """Follows the trail. How far it came is kept in the store, so a restart goes on there.

    A line may come twice after a crash, never not at all; its number tells.
    """

    def __init__(self, store: Store, trail: Trail, to: Sink) -> None:
        self._store = store
        self._trail = trail
        self._to = to

    async def run(self) -> None:
        """Ship for ever; what cannot be shipped now is tried again."""
        while True:
            self._trail.written.clear()
            try:
                await self.ship()
            except (OSError, HoustonError) as error:
                log.error("audit.not_shipped", why=str(error))  # no trace wanted
            try:
                async with asyncio.timeout(_AGAIN_SECONDS):
                    await self._trail.written.wait()
            except TimeoutError:
                continue

    async def ship(self) -> None:
        """All that is there now."""
        known = await self._store.documents.get(_KIND, _KEY)
        number = int(str(known["number"])) if known else 0
        while batch := await self._store.audit.read(number, _BATCH):
            text = "".join(line(sealed) + "\n" for sealed in batch)
            await asyncio.to_thread(self._to, text)
            number = batch[-1].number
            await self._store.documents.put(_KIND, _KEY, {"number": number})


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _append(path: Path, text: str) -> None:
    """After a line that was cut off by a crash, begin a new one."""
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(text.encode())
