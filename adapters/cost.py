"""Azure's billing over Azure Resource Manager."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from adapters.arm import Arm
from adapters.arm_errors import SYSTEM
from bot.clock import Clock
from bot.errors import Limited, Missing, Unavailable
from bot.ports.azure import Azure
from bot.ports.cost import Budget, Spent

VERSION = "2023-11-01"
KEPT = timedelta(hours=4)
"""How long an answer is given again: the vendor renews its figures about as often."""
_HEADERS = {"ClientType": "houston"}
"""Without it every caller of the tenant shares one small allowance."""
_MONEY = ("Cost", "PreTaxCost")
_PAGES = 10


class ArmCost:
    """The bill of one subscription, cut to the cluster's two resource groups.

    Args:
        azure: tells the second resource group, that of the virtual machines.
        budget: its name; empty for none.
    """

    def __init__(
        self, arm: Arm, azure: Azure, *, subscription: str, budget: str, clock: Clock
    ) -> None:
        self._arm = arm
        self._azure = azure
        self._scope = f"/subscriptions/{subscription}/providers"
        self._budget = budget
        self._clock = clock
        self._kept: Spent | None = None

    async def month(self) -> Spent:
        """See the port."""
        now = self._clock.now()
        kept = self._kept
        if kept and now - kept.seen < KEPT:
            return kept
        try:
            self._kept = await self._asked(now)
        except Limited:
            if kept is None or (kept.seen.year, kept.seen.month) != (now.year, now.month):
                raise
        return self._kept or Spent((), "", now)

    async def budget(self) -> Budget | None:
        """See the port."""
        if not self._budget:
            return None
        path = f"{self._scope}/Microsoft.Consumption/budgets/{self._budget}"
        try:
            return read_budget((await self._arm.get(path, VERSION)).body)
        except Missing:
            return None

    async def _asked(self, now: datetime) -> Spent:
        cluster = await self._azure.cluster()
        body = query([cluster.group, cluster.node_group])
        path = f"{self._scope}/Microsoft.CostManagement/query"
        days: dict[date, float] = {}
        currency = ""
        for _ in range(_PAGES):
            answer = (await self._arm.send("POST", path, VERSION, body, _HEADERS)).body
            for day, amount, unit in read_rows(answer):
                days[day] = days.get(day, 0.0) + amount
                currency = unit
            path = str(((answer or {}).get("properties") or {}).get("nextLink") or "")
            if not path:
                break
        return Spent(tuple(sorted(days.items())), currency, now)


def query(groups: list[str]) -> dict[str, Any]:
    """What the resource groups cost this month, by day."""
    return {
        "type": "ActualCost",
        "timeframe": "MonthToDate",
        "dataset": {
            "granularity": "Daily",
            "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
            "filter": {
                "dimensions": {"name": "ResourceGroupName", "operator": "In", "values": groups}
            },
        },
    }


def read_rows(payload: Any) -> Iterator[tuple[date, float, str]]:
    """Day, amount and currency of each row, by the columns' names. No answer is no rows."""
    properties = (payload or {}).get("properties") or {}
    names = [str(column.get("name")) for column in properties.get("columns") or ()]
    for row in properties.get("rows") or ():
        named = dict(zip(names, row, strict=False))
        money = next((named[name] for name in _MONEY if name in named), None)
        if money is None or "UsageDate" not in named:
            raise Unavailable(SYSTEM, f"costs without amount or day: {', '.join(names)}"[:200])
        day = datetime.strptime(str(int(named["UsageDate"])), "%Y%m%d").date()  # noqa: DTZ007
        yield day, float(money), str(named.get("Currency") or "")


def read_budget(payload: Any) -> Budget:
    """From Azure's JSON."""
    properties = (payload or {}).get("properties") or {}
    spent, forecast = (properties.get(key) or {} for key in ("currentSpend", "forecastSpend"))
    return Budget(
        name=str((payload or {}).get("name") or ""),
        amount=float(properties.get("amount") or 0.0),
        spent=float(spent.get("amount") or 0.0),
        currency=str(spent.get("unit") or ""),
        forecast=float(forecast["amount"]) if forecast.get("amount") is not None else None,
    )
