"""Which process acts, of those that share a store: one at a time."""

from __future__ import annotations

from typing import Protocol


class Leadership(Protocol):
    """One process leads. Each time another begins to, a new term begins, and what was begun in an
    older one can change nothing any more."""

    @property
    def shared(self) -> bool:
        """Whether other processes may wait until this one leads no more."""
        ...

    @property
    def leads(self) -> bool:
        """Whether this process believes that it leads; `check` knows."""
        ...

    async def take(self) -> None:
        """Lead from now on; nothing when this process does already.

        Raises Refused when another process leads, Unavailable when that cannot be found out.
        """
        ...

    async def check(self) -> None:
        """Asked before each change outside. Raises Superseded unless this process leads."""
        ...

    async def lost(self) -> str:
        """Wait until this process leads no more; gives the reason."""
        ...

    async def leave(self) -> None:
        """Let another process lead, at once."""
        ...
