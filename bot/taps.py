"""Command lines that are one reaction away, by the post that offers them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports.store import Documents

NUMBERS = (":one:", ":two:", ":three:")
"""For cards that offer several."""
_OFFERED, _STARTED, _SEEN = "tap", "tap-started", "tap-seen"


class Taps:
    """What a reaction on which post stands for, who started it, and what was seen of it."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def offer(self, post: str, lines: Mapping[str, str]) -> None:
        """Let each emoji on this post stand for a command line.

        A line is never put in another's place: who reacts has read the one that was there.
        """
        if lines:
            known = await self.of(post)
            await self._documents.put(_OFFERED, post, {**lines, **known})

    async def withdraw(self, post: str) -> None:
        """Let reactions on it start nothing any more."""
        await self._documents.remove(_OFFERED, post)

    async def of(self, post: str) -> dict[str, str]:
        """Emojis and their command lines."""
        body = await self._documents.get(_OFFERED, post) or {}
        return {emoji: str(line) for emoji, line in body.items()}

    async def start(self, id: str, by: str) -> str:
        """Note who is the first to start this; gives the account's id of whoever was."""
        await self._documents.add(_STARTED, id, {"by": by})
        body = await self._documents.get(_STARTED, id)
        return str(body["by"]) if body else by

    async def fresh(self, post: str, standing: set[tuple[str, str]]) -> list[tuple[str, str]]:
        """Reactions (emoji, username) not dealt with yet, of those that stand on the post.

        One that was taken back and set again is fresh again.
        """
        body = await self._documents.get(_SEEN, post) or {}
        seen = {(emoji, name) for emoji, names in body.items() for name in str(names).split()}
        if seen - standing:
            await self._keep(post, seen & standing)
        return sorted(standing - seen)

    async def dealt(self, post: str, emoji: str, username: str) -> None:
        """This one was dealt with."""
        body = await self._documents.get(_SEEN, post) or {}
        names = str(body.get(emoji, "")).split()
        await self._documents.put(_SEEN, post, {**body, emoji: " ".join([*names, username])})

    async def _keep(self, post: str, seen: set[tuple[str, str]]) -> None:
        emojis = sorted({emoji for emoji, _ in seen})
        names = {e: " ".join(sorted(n for one, n in seen if one == e)) for e in emojis}
        await self._documents.put(_SEEN, post, names)
