"""The simulated bill: so much an hour and node while the cluster is meant to run, and a fixed part.

Law: what was used today shows up a day late, and yesterday's figure is still incomplete.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.sim.world import World

_SHARE_OF_A_LATE_DAY = 0.4


@dataclass
class Bill:
    """`empty` is a subscription without any usage yet. `amount` is the budget's; 0 is no budget."""

    currency: str = "GBP"
    name: str = "aks-fernhill-monthly-budget"
    amount: float = 100.0
    weekday: float = 4.9
    weekend: float = 0.8
    elsewhere: float = 0.11
    empty: bool = False

    def bind(self, world: World) -> None:
        self._world = world

    def days(self) -> list[tuple[date, float]]:
        """This month so far, in UTC."""
        today = self._world.clock.now().astimezone(UTC).date()
        yesterday = today - timedelta(days=1)
        if self.empty:
            return []
        return [
            (day, round(self._day(day) * (_SHARE_OF_A_LATE_DAY if day == yesterday else 1.0), 2))
            for day in (today.replace(day=n) for n in range(1, today.day))
        ]

    def spent(self) -> float:
        """What the whole subscription has cost."""
        return round(sum(amount + self.elsewhere for _, amount in self.days()), 2)

    def forecast(self) -> float | None:
        """Azure's own guess of the whole month; none without usage."""
        first = datetime.combine(self._world.clock.now().date().replace(day=1), datetime.min.time())
        end = (first + timedelta(days=31)).replace(day=1)
        whole = [self._day((first + timedelta(days=n)).date()) for n in range((end - first).days)]
        return None if self.empty else round(sum(amount + self.elsewhere for amount in whole), 2)

    def _day(self, day: date) -> float:
        wobble = (day.toordinal() * 7919 % 11 - 5) / 50
        return (self.weekday if day.weekday() < 5 else self.weekend) * (1 + wobble)
