"""What an hour of the cluster costs, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.azure_settings import AzureSection
from bot.ports.cost import Spent
from bot.power import Days, Timetable, Weekly
from bot.price import Price, price, projected

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
HOSTING = AzureSection(subscription="s", resource_group="g", cluster="c").hosting


def hours(start: str = "08:30", stop: str = "23:00") -> Timetable:
    zone = ZoneInfo("Europe/London")
    ends = (Weekly(time.fromisoformat(at), Days.read("mon-fri"), zone) for at in (start, stop))
    return Timetable(*ends)


def spent(hourly: float, fixed: float = 0.0, until: int = 23) -> Spent:
    """A bill made of a price, so that the price must be found again."""
    days = []
    for number in range(1, until + 1):
        day = date(2026, 11, number)
        running = 14.5 if day.weekday() < 5 else 0.0
        days.append((day, hourly * running + fixed * 12 / 365))
    return Spent(tuple(days), "GBP", NOW)


def test_the_price_of_an_hour_is_found_in_the_bill() -> None:
    found = price(spent(0.35), hours(), 2, HOSTING)

    assert found
    assert found.hour == pytest.approx(0.35)
    assert "this month's bill over 218 h" in found.source


def test_the_fixed_part_is_taken_off_first() -> None:
    found = price(spent(0.35, fixed=20), hours(), 2, replace(HOSTING, fixed_month=20))

    assert found
    assert found.hour == pytest.approx(0.35)
    assert found.monthly(hours()) == pytest.approx(0.35 * 72.5 * 52 / 12 + 20)


def test_a_configured_price_wins() -> None:
    found = price(spent(9), hours(), 2, replace(HOSTING, node_rate=0.17, fixed_month=18))

    assert found == Price(0.34, 18, "GBP", "2 nodes at 0.17 an hour, from the configuration")


def test_the_last_day_is_incomplete_and_does_not_count() -> None:
    bill = spent(0.35)
    cut = replace(bill, days=(*bill.days[:-1], (bill.days[-1][0], 0.01)))

    assert price(cut, hours(), 2, HOSTING) == price(bill, hours(), 2, HOSTING)


@pytest.mark.parametrize(
    ("bill", "table"),
    [
        (Spent((), "", NOW), hours()),
        (spent(0.35, until=1), hours()),
        (spent(0.35), Timetable(None, None)),
        (spent(0.0), hours()),
    ],
)
def test_what_cannot_be_known_is_not_made_up(bill: Spent, table: Timetable) -> None:
    assert price(bill, table, 2, HOSTING) is None


def test_the_end_of_the_month_follows_the_schedule() -> None:
    """22 complete days, then Monday 23 to Monday 30: six working days of 14.5 h."""
    bill = spent(0.35)
    known = price(bill, hours(), 2, HOSTING)
    whole = sum(amount for _, amount in bill.days[:-1])

    assert projected(bill, NOW, hours(), known) == pytest.approx(whole + 6 * 14.5 * 0.35)


def test_without_a_price_the_average_goes_on() -> None:
    bill = spent(0.35)
    whole = sum(amount for _, amount in bill.days[:-1])

    assert projected(bill, NOW, Timetable(None, None), None) == pytest.approx(whole / 22 * 30)


def test_the_first_day_of_a_month_is_its_own_end() -> None:
    bill = spent(0.35, until=1)

    assert projected(bill, NOW, hours(), None) == bill.total


def test_more_hours_cost_their_price() -> None:
    assert Price(0.35, 20, "GBP", "").more(timedelta(hours=2)) == pytest.approx(0.70)
