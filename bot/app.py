"""The running Houston: listen, catch up, resume, deliver; and a stop that loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from bot.console.server import Console
from bot.courier import Courier
from bot.drills import Drills
from bot.errors import AdapterError, HoustonError, Refused
from bot.listener import Listener
from bot.patience import Patience
from bot.policybook import PolicyBook
from bot.ports.chat import Message
from bot.ports.engine import Engine, Json
from bot.ports.leadership import Leadership
from bot.ports.store import Store
from bot.router import Router
from bot.tasks import Tasks
from bot.trail import HOUSTON, Trail

log = structlog.get_logger()


Work = Callable[[], Coroutine[Any, Any, None]]
"""Something that goes on for ever."""

_LOOK = 0.5
"""Seconds between two looks of a replica that stands by."""


class App:
    """Everything that runs, and the order in which it starts and stops."""

    def __init__(
        self,
        *,
        leadership: Leadership,
        engine: Engine,
        store: Store,
        listener: Listener,
        router: Router,
        courier: Courier,
        drills: Drills,
        tasks: Tasks,
        trail: Trail,
        book: PolicyBook,
        patience: Patience,
        versions: Mapping[str, Json],
        always: Mapping[str, Work],
        beside: Mapping[str, Work],
        console: Console | None,
    ) -> None:
        self._leadership = leadership
        self.led = False
        self.engine = engine
        self.store = store
        self.listener = listener
        self.router = router
        self.courier = courier
        self.drills = drills
        self._tasks = tasks
        self._trail = trail
        self._book = book
        self.patience = patience
        self._versions = versions
        self._always = always
        self._beside = beside
        self._opened = False
        self.console = console

    async def start(self) -> None:
        """Wait for the lead where others may have it; then open the store, resume what was going
        on, and listen.

        Raises Refused when another Houston holds a store that is not for several, or its tables
        are newer than this program; Unavailable when it cannot be opened.
        """
        for name, work in self._always.items():
            self._tasks.start(name, work())
        await self._lead()
        await self._open()
        self._tasks.keep("listen", self.listener.run)
        await self._resume()
        for name, work in self._beside.items():
            self._tasks.keep(name, work)
        log.info("houston.started")

    async def open(self) -> None:
        """As `start`, but deaf to chat and not patient: for one command from the command line."""
        await self._open()
        await self._resume()

    async def _open(self) -> None:
        await self._leadership.take()
        self.led = True
        await self.store.open()
        await self._trail.note(HOUSTON, "houston.started", detail=self._versions)
        await self._book.open()
        self._opened = True
        # Before anything is heard: what is taken from then on is not left over. Nothing of it runs
        # before the engine has begun to start.
        await self.listener.resume()

    async def _resume(self) -> None:
        """What is durable goes on. What needs its engine before that is there waits for it."""
        self._tasks.keep("deliver", self.courier.run)
        await self.engine.start()
        self._tasks.keep("collect", self.listener.collect)

    async def say(self, message: Message) -> None:
        """Answer a message that came by another door than chat."""
        if await self.router.take(message):
            await self.router.handle(message)
            self.courier.hurry()

    async def lost(self) -> str:
        """Wait until another process may lead; gives the reason. All that is left is `stop`."""
        return await self._leadership.lost()

    async def stop(self) -> None:
        """Stop at once; what was not finished goes on at the next start, or where another leads.

        A start without a stop before it in the audit trail was a crash.
        """
        await self._tasks.stop()
        try:
            await self.listener.flush()
        except AdapterError as error:
            # The next to lead reads again from where the cursors are.
            log.warning("cursors.not_written", why=error.message)
        if self._opened:
            self._opened = False
            await self._note_stop()
        await self.engine.stop()
        await self.store.close()
        await self._leadership.leave()
        log.info("houston.stopped")

    async def _lead(self) -> None:
        """Stand by until the lead is free. Raises Refused where that is not for waiting."""
        waiting = False
        while True:
            try:
                await self._leadership.take()
            except Refused as refused:
                if not self._leadership.shared:
                    raise
                if not waiting:
                    log.info("houston.standing_by", why=refused.message)
                waiting = True
                await asyncio.sleep(_LOOK)
            else:
                return

    async def _note_stop(self) -> None:
        """A database that is gone must not keep Houston from stopping."""
        try:
            await self._trail.note(HOUSTON, "houston.stopped", detail=self._versions)
        except HoustonError as error:
            log.warning("audit.unwritten", why=error.message)
