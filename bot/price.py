"""What it costs to let the cluster run: estimates, with what they rest on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.hosting import Hosting
from bot.ports.cost import Budget, Spent
from bot.power import Timetable, month_of

_DAYS_A_MONTH = 365 / 12
_DAY = timedelta(days=1)
ZONE = ZoneInfo("UTC")
"""The bill counts days in UTC."""


@dataclass(frozen=True)
class Price:
    """Money for one hour of the whole cluster, and for a month whether it runs or not.

    `source` says where the figures come from; every sum made of them is an estimate.
    """

    hour: float
    month: float
    currency: str
    source: str

    def monthly(self, timetable: Timetable) -> float:
        """An average month by this timetable."""
        return self.hour * timetable.monthly_hours + self.month

    def day(self, timetable: Timetable, begin: datetime) -> float:
        """The day that begins there, by this timetable."""
        return self.hour * timetable.hours(begin, begin + _DAY) + self.month / _DAYS_A_MONTH

    def more(self, length: timedelta) -> float:
        """What running so much longer adds."""
        return self.hour * (length / timedelta(hours=1))


def price(spent: Spent, timetable: Timetable, nodes: int, hosting: Hosting) -> Price | None:
    """The configured price, or one from this month's bill and the hours of the timetable.

    None when neither can be known. The last billed day is incomplete and left out.
    """
    if hosting.node_rate:
        source = f"{nodes} nodes at {hosting.node_rate:g} an hour, from the configuration"
        return Price(hosting.node_rate * nodes, hosting.fixed_month, spent.currency, source)
    whole = spent.days[:-1]
    if not whole:
        return None
    begin, end = _midnight(whole[0][0]), _midnight(whole[-1][0] + _DAY)
    hours = timetable.hours(begin, end)
    fixed = hosting.fixed_month * (end - begin).days / _DAYS_A_MONTH
    money = sum(amount for _, amount in whole) - fixed
    if hours <= 0 or money <= 0:
        return None
    source = f"this month's bill over {hours:.0f} h by the schedule"
    return Price(money / hours, hosting.fixed_month, spent.currency, source)


def projected(spent: Spent, now: datetime, timetable: Timetable, known: Price | None) -> float:
    """What this month (UTC) will have cost at its end, by the price of an hour where known.

    Without one the days so far are taken for the average.
    """
    end = month_of(now, ZONE)[1]
    whole = spent.days[:-1]
    if not whole:
        return spent.total
    billed = sum(amount for _, amount in whole)
    since = _midnight(whole[-1][0] + _DAY)
    left = (end - since) / _DAY
    if known is None:
        return billed + billed / len(whole) * left
    return billed + known.hour * timetable.hours(since, end) + known.month * left / _DAYS_A_MONTH


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def allowance(budget: Budget, day: date) -> float:
    """What the budget has for each day of this day's month."""
    begin, end = month_of(datetime.combine(day, time(), ZONE), ZONE)
    return budget.amount / (end - begin).days
