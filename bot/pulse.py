"""Says that something people see may have changed, to everybody who looks on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Pulse:
    """Beats; whoever looks on finds their event set, and clears it before the next look."""

    def __init__(self) -> None:
        self._lookers: set[asyncio.Event] = set()

    def beat(self) -> None:
        """There may be something new."""
        for event in self._lookers:
            event.set()

    @contextmanager
    def looked_on(self) -> Iterator[asyncio.Event]:
        """An event that is set by every beat within."""
        event = asyncio.Event()
        self._lookers.add(event)
        try:
            yield event
        finally:
            self._lookers.discard(event)
