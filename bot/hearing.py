"""Whether the stream still tells what is said: held against what a catch-up finds.

A server may forget a subscription without a word. The link then looks well and tells nothing. The
one proof is a message that a catch-up finds while the stream goes on to say nothing of its room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.ports.chat import Message

LATE = timedelta(seconds=10)
"""How long after a catch-up the stream may still tell: it is read in turn, previews come first."""
_KEPT = 1000
"""Of a room's newest messages are known. Where more come by at once, the stream is alive."""
_BETWEEN = timedelta(minutes=1)
_LONGEST = timedelta(hours=1)
"""Between two new links for this reason: at first, and where they do not help. After twice the
longest without one it begins with the first again."""


class Hearing:
    """What the stream and the catch-ups brought of each room since the link came up."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, datetime]] = {}
        self._read: dict[str, float] = {}
        self._told: dict[str, float] = {}
        self._missed: dict[str, float] = {}
        self._relinked = float("-inf")
        self._pause = _BETWEEN

    @property
    def doubted(self) -> bool:
        """Whether a catch-up found something that the stream has yet to explain."""
        return bool(self._missed)

    def begin(self) -> None:
        """A new link: nothing is known of its stream."""
        for table in (self._known, self._read, self._told, self._missed):
            table.clear()

    def forget(self, room_id: str) -> None:
        """The room is not heard any more."""
        for table in (self._known, self._read, self._told, self._missed):
            table.pop(room_id, None)

    def told(self, message: Message) -> None:
        """The stream brought this, so it is alive for its room."""
        room = message.room_id
        self._told[room] = _now()
        self._missed.pop(room, None)
        if room in self._known:
            _keep(self._known[room], message)

    def read(self, room_id: str, since: datetime, found: Iterable[Message]) -> None:
        """A catch-up brought these. The first on a link tells where the stream begins.

        Only messages that were new since then count: documents change without a word, as of who
        read them. What the service itself says may be hidden from the stream.
        """
        known, messages = self._known.get(room_id), list(found)
        if known is not None and any(
            one.id not in known and one.at > since and one.system is None for one in messages
        ):
            self._missed.setdefault(room_id, _now())
        lately = {id: at for id, at in (known or {}).items() if at > since}
        for one in messages:
            _keep(lately, one)
        self._known[room_id] = lately
        self._read[room_id] = _now()

    def due(self, room_id: str, probe: timedelta, resync: timedelta) -> float:
        """Seconds until the room is to be read: when the stream has said nothing of it for `probe`,
        and when nobody has read it for `resync` although the stream talks."""
        read = self._read.get(room_id, float("-inf"))
        heard = max(read, self._told.get(room_id, float("-inf")))
        return min(heard + probe.total_seconds(), read + resync.total_seconds()) - _now()

    def deaf(self) -> list[str]:
        """The rooms whose subscription is dead, for who asks to link anew; none also while that was
        tried so lately that it would not help."""
        now = _now()
        found = [id for id, at in self._missed.items() if now - at >= LATE.total_seconds()]
        since = now - self._relinked
        if not found or since < self._pause.total_seconds():
            return []
        again = since < 2 * _LONGEST.total_seconds()
        self._pause = min(self._pause * 2, _LONGEST) if again else _BETWEEN
        self._relinked = now
        return found


def _keep(known: dict[str, datetime], message: Message) -> None:
    known.setdefault(message.id, message.at)
    if len(known) > _KEPT:
        del known[next(iter(known))]


def _now() -> float:
    return asyncio.get_running_loop().time()
