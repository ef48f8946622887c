"""Somebody who listens to a chat, and waits for what is to be heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from bot.ports.chat import Chat, Event, Heard, Linked, Message


class Ear:
    """Listens in the background and keeps every event."""

    def __init__(self, chat: Chat) -> None:
        self.events: list[Event] = []
        self._chat = chat
        self._new = asyncio.Event()

    async def listen(self) -> None:
        async with aclosing(self._chat.events()) as events:  # type: ignore[type-var]  # a generator
            async for event in events:
                self.events.append(event)
                self._new.set()

    async def until(self, wanted: Callable[[Event], bool], times: int = 1) -> Event:
        """The event wanted, once it was heard so often."""
        async with asyncio.timeout(15):
            while len(found := [event for event in self.events if wanted(event)]) < times:
                self._new.clear()
                await self._new.wait()
        return found[times - 1]

    async def linked(self, times: int = 1) -> Linked:
        event = await self.until(lambda event: isinstance(event, Linked), times)
        assert isinstance(event, Linked)
        return event

    async def heard(self, wanted: Callable[[Message], bool], times: int = 1) -> Message:
        event = await self.until(lambda e: isinstance(e, Heard) and wanted(e.message), times)
        assert isinstance(event, Heard)
        return event.message

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


@asynccontextmanager
async def listening(chat: Chat, linked: bool = True) -> AsyncIterator[Ear]:
    ear = Ear(chat)
    task = asyncio.create_task(ear.listen())
    try:
        if linked:
            await ear.linked()
        yield ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
