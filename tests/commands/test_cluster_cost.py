"""`!cluster cost`: the month, its end, the budget, and what other hours would cost."""

from __future__ import annotations

import pytest

from adapters.sim.runbooks import START
from adapters.sim.world import Fault, World
from tests.commands.room import Room, opened, settings

ALWAYS = 99


async def test_the_month_its_end_and_the_budget(room: Room) -> None:
    answer = await room.ask("!cluster cost")
    bill = room.world.bill
    total = sum(amount for _, amount in bill.days())

    first = answer.splitlines()[0]
    assert f"GBP {total:.2f} this month until 23 Nov, about" in first
    assert f"Budget GBP 100 for the whole subscription: {bill.spent():.2f} spent" in answer
    assert f"Azure expects {bill.forecast():.0f}" in answer
    assert "for rg-fernhill and MC_rg-fernhill_aks-fernhill_uksouth" in answer


async def test_the_days_are_a_picture_below(room: Room) -> None:
    said = await room.say("!cluster cost")
    await room.answer(said)
    await room.quiet(20)

    shown = [message.files for message in room.world.chat.messages("ops") if message.files]
    assert any("cost-2026-11.png" in names for names in shown)


async def test_other_hours_are_priced_by_the_same_price(world: World) -> None:
    world.runbooks.schedule("16:00", "23:00")
    azure = {
        "subscription": "s",
        "resource_group": "rg-fernhill",
        "cluster": "aks-fernhill",
        "automation_account": "aa-aks-fernhill",
        "node_rate": 0.2,
        "fixed_month": 30,
    }
    async with opened(world, settings(azure=azure)) as room:
        answer = await room.ask("!cluster cost")

    rows = {
        line.split()[0]: line.split()
        for line in answer.splitlines()
        if "–" in line or "always" in line
    }
    assert rows["now"][-3:] == ["35", "151.7", "91"]
    assert rows["guide"][-3:] == ["35", "151.7", "91"]
    assert rows["earlier"][-3:] == ["72.5", "314.2", "156"]
    assert rows["always"][-3:] == ["168", "728.0", "321"]
    assert "An hour costs about GBP 0.40, and 30 a month always" in answer


async def test_the_guides_figures_are_put_right(room: Room) -> None:
    answer = await room.ask("!cluster cost")

    assert "4 weeks a month (140 h and 290 h)" in answer
    assert "151.7 h and 314.2 h" in answer


async def test_a_month_that_passes_the_budget_is_a_warning(room: Room) -> None:
    room.world.bill.amount = 50
    answer = await room.ask("!cluster cost")

    assert answer.startswith("⚠")
    assert "the cluster alone will pass it" in answer

    room.world.bill.amount = 500
    assert (await room.ask("!cluster cost")).startswith("✔")


async def test_without_usage_nothing_is_made_up(room: Room) -> None:
    room.world.bill.empty = True
    answer = await room.ask("!cluster cost")

    assert "No costs are known for this month yet" in answer
    assert "GBP" not in answer


async def test_without_hours_no_price_is_made_up(room: Room) -> None:
    room.world.runbooks.patch(START, enabled=False)
    answer = await room.ask("!cluster cost")

    assert "What an hour costs cannot be told: set azure.node_rate" in answer


async def test_without_a_budget_it_says_so(room: Room) -> None:
    room.world.bill.amount = 0

    assert "No budget is configured" in await room.ask("!cluster cost")


@pytest.mark.parametrize("call", ["cost.budget", "automation.schedules"])
async def test_a_part_that_is_away_leaves_the_rest(room: Room, call: str) -> None:
    room.world.fail(call, Fault.UNAVAILABLE, times=ALWAYS)
    answer = await room.ask("!cluster cost")

    assert "this month until 23 Nov" in answer.splitlines()[0]
    assert "✘ Azure: 503" in answer


@pytest.mark.parametrize(
    ("fault", "said"), [(Fault.LIMITED, "429"), (Fault.DENIED, "401"), (Fault.UNAVAILABLE, "503")]
)
async def test_a_bill_that_cannot_be_read_is_said(room: Room, fault: Fault, said: str) -> None:
    room.world.fail("cost.query", fault, times=ALWAYS)

    assert f"Azure: {said}" in await room.ask("!cluster cost")


async def test_without_azure_the_keys_are_named(world: World) -> None:
    async with opened(world, settings(azure=None)) as room:
        assert "azure.subscription" in await room.ask("!cluster cost")
