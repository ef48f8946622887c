"""The running Houston: listen, catch up, resume, deliver; and a stop that loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from bot.courier import Courier
from bot.drills import Drills
from bot.listener import Listener
from bot.ports.chat import Message
from bot.ports.engine import Engine, Json
from bot.ports.store import Store
from bot.router import Router
from bot.tasks import Tasks
from bot.trail import HOUSTON, Trail

log = structlog.get_logger()


Work = Callable[[], Coroutine[Any, Any, None]]
"""Something that goes on for ever."""


class App:
    """Everything that runs, and the order in which it starts and stops."""

    def __init__(
        self,
        *,
        engine: Engine,
        store: Store,
        listener: Listener,
        router: Router,
        courier: Courier,
        drills: Drills,
        tasks: Tasks,
        trail: Trail,
        versions: Mapping[str, Json],
        beside: Mapping[str, Work],
    ) -> None:
        self.engine = engine
        self.store = store
        self.listener = listener
        self.router = router
        self.courier = courier
        self.drills = drills
        self._tasks = tasks
        self._trail = trail
        self._versions = versions
        self._beside = beside

    async def start(self) -> None:
        """Open the store, resume what was going on, and listen.

        Raises Refused when another Houston holds the store, or its tables are newer than this
        program; Unavailable when it cannot be opened.
        """
        await self.open()
        self._tasks.start("listen", self.listener.run())
        for name, work in self._beside.items():
            self._tasks.start(name, work())
        log.info("houston.started")

    async def open(self) -> None:
        """As `start`, but deaf to chat: for one command from the command line."""
        await self.store.open()
        await self.engine.start()
        await self._trail.note(HOUSTON, "houston.started", detail=self._versions)
        self._tasks.start("deliver", self.courier.run())
        self._tasks.start("collect", self.listener.collect())
        await self.listener.resume()

    async def say(self, message: Message) -> None:
        """Answer a message that came by another door than chat."""
        if await self.router.take(message):
            await self.router.handle(message)
            self.courier.hurry()

    async def stop(self) -> None:
        """Stop at once; what was not finished goes on at the next start."""
        await self._tasks.stop()
        await self.listener.flush()
        await self.engine.stop()
        await self.store.close()
        log.info("houston.stopped")
