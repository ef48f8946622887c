"""The real cost adapter: columns by name, and figures that are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.cost import ArmCost, read_budget, read_rows
from bot.errors import Limited, Unavailable
from tests.adapters.armed import CLUSTER, TOKEN, Tls, arm, azure, wrapped
from tests.adapters.wire import Answer, Wire


@pytest.mark.parametrize("money", ["Cost", "PreTaxCost"])
def test_costs_are_read_by_the_names_of_the_columns(money: str) -> None:
    columns = [{"name": name} for name in ("Currency", "UsageDate", money)]
    payload = {"properties": {"columns": columns, "rows": [["GBP", 20261101, 1.5]]}}

    assert list(read_rows(payload)) == [(date(2026, 11, 1), 1.5, "GBP")]


def test_costs_without_a_known_column_are_not_guessed() -> None:
    payload = {"properties": {"columns": [{"name": "Tax"}], "rows": [[1.5]]}}

    with pytest.raises(Unavailable, match="Tax"):
        list(read_rows(payload))


def test_a_budget_without_forecast_is_read() -> None:
    budget = read_budget({"name": "b", "properties": {"amount": 90}})

    assert (budget.amount, budget.spent, budget.forecast) == (90, 0, None)


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 15, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


COLUMNS = [{"name": name} for name in ("Cost", "UsageDate", "Currency")]
SPENT = Answer(200, {"properties": {"columns": COLUMNS, "rows": [[2.5, 20261101, "GBP"]]}})
TOO_MANY = Answer(429, wrapped("429", "Too many requests. Please retry."))


async def test_costs_are_kept_for_hours_and_given_again_when_azure_is_busy(
    tls: Tls,
) -> None:
    clock = Hand()
    answers = (Answer(200, CLUSTER), SPENT, Answer(200, CLUSTER), TOO_MANY)
    async with Wire(TOKEN, *answers, tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        cost = ArmCost(client, azure(client), subscription="s", budget="", clock=clock)
        first = await cost.month()
        clock.at += timedelta(hours=3, minutes=59)
        assert await cost.month() is first
        assert len(wire.asked) == 3
        clock.at += timedelta(minutes=2)
        assert await cost.month() is first
    assert len(wire.asked) == 5
    assert wire.asked[2].headers["ClientType"] == "houston"


async def test_last_months_costs_are_not_given_for_this_one(
    tls: Tls,
) -> None:
    clock = Hand()
    answers = (Answer(200, CLUSTER), SPENT, Answer(200, CLUSTER), TOO_MANY)
    async with Wire(TOKEN, *answers, tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        cost = ArmCost(client, azure(client), subscription="s", budget="", clock=clock)
        await cost.month()
        clock.at = datetime(2026, 12, 1, 9, tzinfo=UTC)
        with pytest.raises(Limited):
            await cost.month()
