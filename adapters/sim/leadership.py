"""Leadership in one process, for tests in which several Houstons share a store in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.errors import Refused, Superseded


@dataclass
class Seat:
    """What the processes share: who leads. Whoever is thrown out may not notice at once."""

    holder: SimLeadership | None = None

    def throw_out(self) -> None:
        """As when nothing was heard of the holder for too long."""
        self.holder = None


class SimLeadership:
    """See the port."""

    shared = True

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._ended = asyncio.Event()

    @property
    def leads(self) -> bool:
        """See the port."""
        return self._seat.holder is self

    async def take(self) -> None:
        """See the port."""
        if self._seat.holder not in {None, self}:
            raise Refused("Another Houston leads on this store.", "Stop it first")
        self._seat.holder = self
        self._ended.clear()

    async def check(self) -> None:
        """See the port."""
        if not self.leads:
            self._ended.set()
            raise Superseded("store", "another Houston leads by now", "Nothing was changed by it")

    async def lost(self) -> str:
        """See the port. It is noticed at the next `check`."""
        await self._ended.wait()
        return "another Houston leads by now"

    async def leave(self) -> None:
        """See the port."""
        if self.leads:
            self._seat.holder = None
        self._ended.set()
