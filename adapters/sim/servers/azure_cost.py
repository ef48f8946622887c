"""The world's bill over HTTPS."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from adapters.sim.azure import SYSTEM
from adapters.sim.power import SUBSCRIPTION, ArmRefusal
from adapters.sim.world import World

_PAGE = 10
_WAIT = "x-ms-ratelimit-microsoft.costmanagement-entity-retry-after"


def add_to(app: web.Application, world: World) -> None:
    """Serve the query of Cost Management and the budget of Consumption."""
    server = _Server(world)
    base = f"/subscriptions/{SUBSCRIPTION}/providers"
    app.router.add_post(f"{base}/Microsoft.CostManagement/query", server.query)
    app.router.add_get(f"{base}/Microsoft.Consumption/budgets/{{name}}", server.budget)


class _Server:
    def __init__(self, world: World) -> None:
        self._world = world

    async def query(self, request: web.Request) -> web.Response:
        """Costs by day; whoever does not say who is asking shares an empty allowance."""
        if "ClientType" not in request.headers:
            body = {"error": {"code": "429", "message": "Too many requests. Please retry."}}
            return web.json_response(body, status=429, headers={_WAIT: "41"})
        asked = await request.json()
        async with self._world.look("cost.query", SYSTEM):
            groups = asked["dataset"]["filter"]["dimensions"]["values"]
            power = self._world.power
            if {group.lower() for group in groups} != {power.group, power.node_group.lower()}:
                raise ArmRefusal(400, "BadRequest", "Invalid query definition: other groups.")
            days = self._world.bill.days()
            if not days:
                return web.Response(status=204)
            return web.json_response(self._page(request, days))

    def _page(self, request: web.Request, days: list[Any]) -> dict[str, Any]:
        start = int(request.query.get("$skiptoken", "0"))
        following = request.url.update_query({"$skiptoken": str(start + _PAGE)})
        currency = self._world.bill.currency
        return {
            "name": "5ad1e000-0000-4000-8000-0000000000dd",
            "type": "Microsoft.CostManagement/query",
            "properties": {
                "nextLink": str(following) if start + _PAGE < len(days) else None,
                "columns": [
                    {"name": "Cost", "type": "Number"},
                    {"name": "UsageDate", "type": "Number"},
                    {"name": "Currency", "type": "String"},
                ],
                "rows": [
                    [amount, int(day.strftime("%Y%m%d")), currency]
                    for day, amount in days[start : start + _PAGE]
                ],
            },
        }

    async def budget(self, request: web.Request) -> web.Response:
        """One budget."""
        bill = self._world.bill
        async with self._world.look("cost.budget", SYSTEM):
            if request.match_info["name"] != bill.name or not bill.amount:
                raise ArmRefusal(404, "404", "The budget does not exist.")
            forecast = bill.forecast()
            spend = {"amount": bill.spent(), "unit": bill.currency}
            properties: dict[str, Any] = {
                "category": "Cost",
                "amount": bill.amount,
                "timeGrain": "Monthly",
                "timePeriod": {"startDate": "2026-03-01T00:00:00Z"},
                "currentSpend": spend,
            }
            if forecast is not None:
                properties["forecastSpend"] = {"amount": forecast, "unit": bill.currency}
            return web.json_response({"name": bill.name, "properties": properties})
