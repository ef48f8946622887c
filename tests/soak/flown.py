"""What a day needs of the Houston that lives it, in process or over loopback."""

from __future__ import annotations

from typing import Protocol

from adapters.sim.engine import Journal
from adapters.sim.world import World
from adapters.store import SqlStore
from bot.app import App


class Flown(Protocol):
    """A whole Houston; world, store and journal outlive each of its processes."""

    world: World
    journal: Journal
    app: App

    @property
    def store(self) -> SqlStore: ...

    async def restart(self, after: float) -> None:
        """Stop, stay away for so many seconds, and start from what is on disk."""
        ...
