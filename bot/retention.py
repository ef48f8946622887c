"""Forgets what has been over for long enough. The audit trail and the votes are kept for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.errors import AdapterError
from bot.ports.engine import Engine
from bot.ports.store import Age, Store
from bot.section import Section
from bot.sections import Duration

log = structlog.get_logger()

_FIRST = timedelta(minutes=10)
_EVERY = timedelta(hours=6)


class RetentionSection(Section):
    """How long the store keeps what is over. The audit trail and the votes are never removed."""

    operations: Duration = timedelta(days=365)
    """Finished operations: `!why` and `!undo` know them for that long."""
    messages: Duration = timedelta(days=30)
    """Which messages were answered: none is taken twice in that time."""
    posts: Duration = timedelta(days=90)
    """Answers and cards that were delivered or given up."""
    evidence: Duration = timedelta(days=90)
    """What was kept of pods before they were removed or restarted."""


class Retention:
    """Looks four times a day."""

    def __init__(
        self, *, store: Store, engine: Engine, clock: Clock, section: RetentionSection
    ) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self._section = section

    async def run(self) -> None:
        """Look for ever; a look that fails is followed by the next."""
        await asyncio.sleep(_FIRST.total_seconds())
        while True:
            try:
                await self.look()
            except AdapterError as error:
                log.warning("retention.failed", why=error.message)
            await asyncio.sleep(_EVERY.total_seconds())

    async def look(self) -> None:
        """Forget what is due now."""
        now, keep = self._clock.now(), self._section
        rows = await self._store.prune(
            Age(
                operations=now - keep.operations,
                messages=now - keep.messages,
                posts=now - keep.posts,
                evidence=now - keep.evidence,
            )
        )
        functions = await self._engine.prune(keep.operations)
        if rows or functions:
            log.info("retention.forgot", rows=rows, functions=functions)
