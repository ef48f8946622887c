"""The simulated chat's connections: who is told what, how often, how late."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from adapters.sim.document import Changed, Closed, Told

if TYPE_CHECKING:
    from adapters.sim.world import World


class Link:
    """One connection of one account.

    `silent` is half-open: nothing comes, nothing says why. `deaf_to` are ids of rooms whose
    subscription the server forgot.
    """

    def __init__(self, user_id: str, hear: Callable[[Told], None]) -> None:
        self.user_id = user_id
        self.hear = hear
        self.silent = False
        self.deaf_to: set[str] = set()


class Links:
    """Every open connection.

    `duplicate` tells everything twice. `latest` shuffles: each thing is told after a time of its
    own, up to that many simulated seconds.
    """

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311  # a simulation that can be repeated
        self._open: list[Link] = []
        self._world: World | None = None
        self.duplicate = False
        self.latest = 0.0

    def bind(self, world: World) -> None:
        self._world = world

    def open(self, user_id: str, hear: Callable[[Told], None]) -> Link:
        """A new connection; `hear` is called for everything told from here on."""
        link = Link(user_id, hear)
        self._open.append(link)
        return link

    def close(self, link: Link) -> None:
        if link in self._open:
            self._open.remove(link)

    def count(self, user_id: str) -> int:
        """How many connections the account has."""
        return sum(link.user_id == user_id for link in self._open)

    def tell(self, told: Told) -> None:
        """Bring it to every connection, as the switches say."""
        for _ in range(2 if self.duplicate else 1):
            if self.latest and self._world:
                self._world.begin(self._later(self._world, told))
            else:
                self._now(told)

    def end(self, reason: str, user_id: str | None = None) -> None:
        """Close every connection, or those of one account."""
        for link in tuple(self._open):
            if user_id in {None, link.user_id}:
                self.close(link)
                link.hear(Closed(reason))

    def silence(self) -> None:
        """Make every connection half-open."""
        for link in self._open:
            link.silent = True

    def forget(self, room_id: str) -> None:
        """Lose every connection's subscription of the room, without a word."""
        for link in self._open:
            link.deaf_to.add(room_id)

    def _now(self, told: Told) -> None:
        room = told.document.room_id if isinstance(told, Changed) else ""
        for link in tuple(self._open):
            if not link.silent and room not in link.deaf_to:
                link.hear(told)

    async def _later(self, world: World, told: Told) -> None:
        await world.pause(self._dice.uniform(0, self.latest))
        self._now(told)
