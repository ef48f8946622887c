"""How many reading commands are answered at the same time, and how that is shared by people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from bot.command import Command

_AT_ONCE = 50
_PER_PERSON = 10


class Slots:
    """More wait their turn: those of one person behind each other, so that nobody takes all.

    `waits` tells which commands ask a system outside; any other is answered at once, however many
    of those are under way.
    """

    def __init__(self, waits: Callable[[Command], bool]) -> None:
        self._waits = waits
        self._all = asyncio.Semaphore(_AT_ONCE)
        # A person's semaphore is there for as long as a command of theirs holds it.
        self._persons: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, person: str, command: Command) -> AsyncIterator[None]:
        """A slot for this person's command, when one is free."""
        if not self._waits(command):
            yield
            return
        own = self._persons.setdefault(person, asyncio.Semaphore(_PER_PERSON))
        async with own, self._all:
            yield
