"""What Houston needs of Azure's billing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True)
class Spent:
    """What the resource groups of the cluster have cost this month, by day (UTC).

    Usage is billed 8 to 24 hours late: the last day is incomplete. `currency` is that of the
    bill. `seen` is when it was asked for: answers are kept for hours, as the vendor wants it.
    """

    days: tuple[tuple[date, float], ...]
    currency: str
    seen: datetime

    @property
    def total(self) -> float:
        return sum(amount for _, amount in self.days)


@dataclass(frozen=True)
class Budget:
    """A monthly budget of the whole subscription: `spent` counts more than the cluster.

    `forecast` is Azure's own, None when it has none.
    """

    name: str
    amount: float
    spent: float
    currency: str
    forecast: float | None = None


class Cost(Protocol):
    """The bill of one subscription. Every method may raise Unavailable or Denied."""

    async def month(self) -> Spent:
        """This month so far, at most some hours old. Without data it has no days."""
        ...

    async def budget(self) -> Budget | None:
        """The configured budget; None when none is configured or it does not exist."""
        ...
