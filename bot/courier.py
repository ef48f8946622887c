"""Brings the outbox to chat: each thread in order, once, edits merged, for as long as chat is
away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from bot.clock import Clock
from bot.errors import AdapterError, Denied, Invalid, Limited, Missing, StoreAway
from bot.ports.chat import Chat, Post
from bot.ports.store import Outbox, Outgoing
from bot.pulse import Pulse

log = structlog.get_logger()

_LONGEST_PAUSE = 30.0
_TOGETHER = 4
"""Threads that are written to at the same time."""
_LONGEST_POSTPONED = timedelta(minutes=10)
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Courier:
    """The only one who writes to chat. Its `pulse` beats when there may be something new to see.

    Args:
        edit_every: the least time between two edits of one message.
        idle: the longest pause between two rounds, should nobody say that there is something.
    """

    def __init__(
        self, chat: Chat, outbox: Outbox, clock: Clock, edit_every: timedelta, idle: timedelta
    ) -> None:
        self._chat = chat
        self._outbox = outbox
        self._clock = clock
        self._edit_every = edit_every
        self._idle = idle
        self._wake = asyncio.Event()
        self.pulse = Pulse()
        self._failures = 0
        self._away = False
        self._stopped: timedelta | None = None

    async def put(self, post: Post) -> None:
        """Into the outbox, and off."""
        await self._outbox.put(post)
        self.hurry()

    def hurry(self) -> None:
        """There may be something new, or chat may be back: look now."""
        self._wake.set()
        self.pulse.beat()

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            self._wake.clear()
            pause = await self.deliver()
            try:
                async with asyncio.timeout(pause.total_seconds()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def deliver(self) -> timedelta:
        """One round over what is due. Gives how long to wait before the next. Raises StoreAway."""
        now = self._clock.now()
        pauses = [self._idle]
        lanes: dict[tuple[str, str | None], list[Outgoing]] = {}
        for out in await self._outbox.pending():
            wait = self._due(out, now) - now
            if wait > timedelta(0):
                pauses.append(wait)
            else:
                lanes.setdefault((out.post.room_id, out.post.thread), []).append(out)
        self._stopped = None
        together = asyncio.Semaphore(_TOGETHER)
        tasks = [asyncio.create_task(self._lane(lane, together)) for lane in lanes.values()]
        try:
            pauses += await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._stopped or min(pauses)

    async def _lane(self, lane: Sequence[Outgoing], together: asyncio.Semaphore) -> timedelta:
        """What one thread, or one room, is to be told, in order; until chat is seen to be away."""
        pause = self._idle
        async with together:
            for out in lane:
                if self._stopped is not None:
                    break
                try:
                    await self._bring(out)
                except StoreAway:
                    raise
                except AdapterError as error:
                    pause = await self._failed(out, error)
                else:
                    self._back()
        return pause

    def _due(self, out: Outgoing, now: datetime) -> datetime:
        """When this may be sent or edited: edits keep their distance. A date that lies too far
        ahead was written before the clock was set back."""
        earliest = out.not_before or _ALWAYS
        if earliest - now > _LONGEST_POSTPONED:
            earliest = _ALWAYS
        again = out.shown is not None and out.shown != out.post.text
        if again and out.edited and out.edited <= now:
            return max(earliest, out.edited + self._edit_every)
        return earliest

    async def _bring(self, out: Outgoing) -> None:
        post = out.post
        if out.shown is None:
            await self._chat.post(post)
            await self._outbox.shown(post.id, post.text, self._clock.now())
        elif out.shown != post.text:
            await self._chat.edit(post.room_id, post.id, post.text)
            await self._outbox.shown(post.id, post.text, self._clock.now())
        elif {*post.seeds} <= {*out.seeded} and {file.name for file in post.files} <= {
            *out.attached
        }:
            # It was put once more as it is: without this it would wait for ever.
            await self._outbox.shown(post.id, post.text, out.edited or self._clock.now())
        for emoji in post.seeds:
            if emoji not in out.seeded:
                await self._chat.react(post.id, emoji)
                await self._outbox.seeded(post.id, emoji)
        for file in post.files:
            if file.name not in out.attached:
                await self._chat.attach(post.room_id, post.thread or post.id, file)
                await self._outbox.attached(post.id, file.name)

    async def _failed(self, out: Outgoing, error: AdapterError) -> timedelta:
        if isinstance(error, Invalid | Missing):
            log.error("post.given_up", post=out.post.id, why=error.message)
            await self._outbox.give_up(out.post.id, error.message)
            return timedelta(0)
        self._failures += self._stopped is None  # those under way fail with the first
        pause = timedelta(seconds=min(2.0**self._failures / 4, _LONGEST_PAUSE))
        if isinstance(error, Limited):
            pause = max(pause, error.retry_after)
        if not isinstance(error, Denied):
            self._stopped = pause
        if not self._away:
            log.warning("chat.away", why=error.message)
            self._away = True
        await self._outbox.postpone(out.post.id, self._clock.now() + pause, error.message)
        return pause

    def _back(self) -> None:
        if self._away:
            log.info("chat.back")
        self._away, self._failures = False, 0
