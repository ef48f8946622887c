"""What moved between the plan that people read and the one made before the start."""

from __future__ import annotations

from bot.between import commits_between
from bot.cards import code
from bot.differing import differences
from bot.flight import Flight
from bot.planning import Planned
from bot.policybook import PolicyBook
from bot.ports.git import Git
from bot.stops import Stops


class Moves:
    """Says it from what to what."""

    def __init__(self, git: Git, book: PolicyBook, stops: Stops) -> None:
        self._git = git
        self._book = book
        self._stops = stops

    async def since(self, flight: Flight, fresh: Planned) -> list[str]:
        """A line for each thing, ready to show: commits, objects, rules, and what else differs."""
        return [
            *await commits_between(self._git, flight.facts, fresh.facts),
            *dict.fromkeys(
                [
                    *differences(flight.basis, fresh.basis),
                    *differences(flight.facts, fresh.facts),
                ]
            ),
            *await self.rules(flight, fresh.basis),
        ]

    async def rules(self, flight: Flight, now: dict[str, str]) -> list[str]:
        """What the rules that hold now change of those that were read, in words."""
        if flight.basis["policy"] == now["policy"]:
            return []
        return await self._book.since(flight.basis["policy"])

    async def power(self, flight: Flight) -> list[str]:
        """Whether the cluster's power moved, for where no plan can be made any more."""
        before, now = flight.basis.get("power", ""), await self._stops.state()
        return [f"power: {code(before)} → {code(now)}"] if before not in {"", now} else []
