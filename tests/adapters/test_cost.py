"""The cost port: one contract, kept by the simulated world and over Azure's own protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from adapters.sim.world import Fault
from bot.errors import Denied, Unavailable
from tests.adapters.azures import Place
from tests.adapters.azures import place as made_place


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with made_place(request.param, tmp_path) as made:
        yield made


async def test_the_month_is_told_by_day_in_the_currency_of_the_bill(place: Place) -> None:
    spent = await place.cost.month()

    assert [day for day, _ in spent.days] == [date(2026, 11, n) for n in range(1, 24)]
    assert spent.days == tuple(place.world.bill.days())
    assert spent.currency == "GBP"
    assert spent.total == pytest.approx(sum(amount for _, amount in place.world.bill.days()))
    assert spent.seen <= place.world.clock.now()


async def test_a_subscription_without_usage_has_no_days(place: Place) -> None:
    place.world.bill.empty = True
    spent = await place.cost.month()

    assert (spent.days, spent.total) == ((), 0)


async def test_the_budget_counts_the_whole_subscription(place: Place) -> None:
    bill = place.world.bill
    budget = await place.cost.budget()

    assert budget
    assert (budget.name, budget.amount, budget.currency) == (bill.name, 100.0, "GBP")
    assert budget.spent == bill.spent() > (await place.cost.month()).total
    assert budget.forecast == bill.forecast()


async def test_without_a_forecast_there_is_none(place: Place) -> None:
    place.world.bill.empty = True
    budget = await place.cost.budget()

    assert budget
    assert budget.forecast is None


async def test_a_budget_that_does_not_exist_is_none(place: Place) -> None:
    place.world.bill.amount = 0

    assert await place.cost.budget() is None


async def test_a_bill_that_is_away_is_unavailable(place: Place) -> None:
    place.world.fail("cost.query", Fault.UNAVAILABLE, times=9)

    with pytest.raises(Unavailable):
        await place.cost.month()


async def test_an_identity_that_may_not_see_costs_is_denied(place: Place) -> None:
    place.world.fail("cost.query", Fault.DENIED, times=9)
    place.world.fail("cost.budget", Fault.DENIED, times=9)

    with pytest.raises(Denied):
        await place.cost.month()
    with pytest.raises(Denied):
        await place.cost.budget()
