"""Keeps out what people send by mistake or to do harm: pasted secrets, and too much at once."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards import Card, Mark, duration
from bot.clock import Clock
from bot.courier import Courier
from bot.endings import Reason
from bot.ports.chat import Message, Post
from bot.ports.store import LOCAL, Store
from bot.redact import HIDDEN, Redactor
from bot.request import post_id
from bot.settings import ChatSection
from bot.trail import Trail

_MINUTE = timedelta(minutes=1)
_LEAKS = "leak"


class Guard:
    """Looks at messages before anything is done with them."""

    def __init__(
        self,
        *,
        store: Store,
        courier: Courier,
        trail: Trail,
        redactor: Redactor,
        clock: Clock,
        chat: ChatSection,
    ) -> None:
        self._store = store
        self._courier = courier
        self._trail = trail
        self._redactor = redactor
        self._clock = clock
        self._chat = chat
        self._lately: dict[str, deque[datetime]] = defaultdict(deque)

    async def watch(self, message: Message) -> None:
        """Tell who pasted a secret, once and in private. What it was is never written down."""
        if message.author.id == self._chat.user_id or message.system or message.automated:
            return
        kind = self._redactor.finds(message.text)
        if not kind or await self._store.documents.get(_LEAKS, message.id):
            return
        await self._courier.put(
            Post(post_id("leak", message.id), f"@{message.author.id}", _advice(kind))
        )
        await self._trail.note(message.author.id, "secret.pasted", detail={"kind": kind})
        # Last: where the store fails before this, the message is read and dealt with again.
        await self._store.documents.put(_LEAKS, message.id, {"kind": kind})

    def storable(self, message: Message) -> Message:
        """The message as it may be remembered."""
        if not self._redactor.finds(message.text):
            return message
        return replace(message, text=self._redactor.clean(message.text))

    def stops(self, message: Message) -> Card | None:
        """Why this command is not run; None when nothing stands against it.

        Raises Flooded when nothing should be said either.
        """
        kind = self._redactor.finds(message.text)
        if kind or HIDDEN in message.text:
            title = f"That line holds {kind or 'a secret'}. It was not run, and it is not kept."
            lines = ("Delete your message, and renew the secret.",)
            return Card(Mark.NO, title, lines, ok=False, reason=Reason.PASTED)
        if message.room_id == LOCAL:
            return None
        mine = self._over(f"person {message.author.id}", self._chat.per_person)
        if mine is None:
            mine = self._over(f"room {message.room_id}", self._chat.per_room)
        if mine is None:
            return None
        text = f"Too many commands at once. Not run; go on in {duration(mine)}."
        return Card(Mark.NO, text, ok=False, reason=Reason.FLOOD)

    def _over(self, key: str, limit: int) -> timedelta | None:
        """How long to wait; None when there is room. Raises Flooded when that was said already."""
        now, times = self._clock.now(), self._lately[key]
        while times and now - times[0] >= _MINUTE:
            times.popleft()
        if len(times) > limit:
            raise Flooded
        times.append(now)
        return None if len(times) <= limit else _MINUTE - (now - times[0])


class Flooded(Exception):
    """This came after the answer that it is too much: it is taken and gets no answer."""


def _advice(kind: str) -> str:
    return (
        f":warning: *Your message holds {kind}.*\n"
        "Delete it, and renew that secret: everybody in the room, and every client, has seen it.\n"
        "I have not kept it."
    )
