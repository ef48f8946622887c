"""The cost port over the simulated world."""

from __future__ import annotations

from adapters.sim.azure import SYSTEM, refusals
from adapters.sim.world import World
from bot.ports.cost import Budget, Spent


class SimCost:
    """The bill of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def month(self) -> Spent:
        """See the port."""
        async with self._world.look("cost.query", SYSTEM):
            with refusals(self._world):
                days = tuple(self._world.bill.days())
                currency = self._world.bill.currency if days else ""
                return Spent(days, currency, self._world.clock.now())

    async def budget(self) -> Budget | None:
        """See the port."""
        bill = self._world.bill
        async with self._world.look("cost.budget", SYSTEM):
            with refusals(self._world):
                if not bill.amount:
                    return None
                return Budget(bill.name, bill.amount, bill.spent(), bill.currency, bill.forecast())
