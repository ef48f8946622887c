"""`!cluster status`: is it up, until when, and what it costs."""

from __future__ import annotations

import re

import pytest

from adapters.sim.power import ArmRefusal
from adapters.sim.runbooks import START, STOP
from adapters.sim.world import Fault, World
from bot.ports.store import State
from tests.commands.room import Room, opened, settings

ALWAYS = 99


async def test_the_first_line_says_that_it_is_up_and_until_when(room: Room) -> None:
    answer = await room.ask("!cluster status")

    first, *rest = answer.splitlines()
    assert re.search(
        r"aks-fernhill is up until Tue 24 Nov 23:00 GMT, in (8 h 00|7 h 59) min$", first
    )
    text = "\n".join(rest)
    assert "Power Running, Succeeded · Kubernetes 1.32.4 · system 2 × Standard" in text
    assert re.search(r"Next start: Wed 25 Nov 08:30 GMT, in 17 h (30|29) min", text)
    assert "Next stop: Tue 24 Nov 23:00 GMT" in text
    assert "Rocket.Chat runs on it" in text
    assert "!cluster stop" in text


async def test_hours_are_those_of_the_schedule(room: Room) -> None:
    """Monday 14.5 h and Tuesday 6.5 h of five days of 14.5; 21 weekdays in November 2026."""
    answer = await room.ask("!cluster status")

    assert "21.0 of 72.5 h this week" in answer
    assert "of 304 h this month" in answer


async def test_the_cost_is_told_with_what_it_will_be_and_the_budget(room: Room) -> None:
    bill = room.world.bill
    answer = await room.ask("!cluster status")

    total = sum(amount for _, amount in bill.days())
    assert f"GBP {total:.2f} this month until 23 Nov, about" in answer
    assert "budget GBP 100, of the whole subscription" in answer


async def test_a_stopped_cluster_says_until_when(room: Room) -> None:
    room.world.power.state = "Stopped"
    answer = await room.ask("!cluster status")

    assert "aks-fernhill is off until Wed 25 Nov 08:30 GMT" in answer.splitlines()[0]
    assert "Next: !cluster schedule · !cluster cost · !cluster start" in answer


async def test_a_cluster_in_between_says_what_goes_on(room: Room) -> None:
    room.world.power.provisioning = "Updating"

    assert "not settled: Updating" in (await room.ask("!cluster status")).splitlines()[0]


async def test_a_cluster_that_failed_asks_for_a_person(room: Room) -> None:
    room.world.power.provisioning = "Failed"

    assert "ended Failed; somebody must look" in (await room.ask("!cluster status")).splitlines()[0]


async def test_schedules_that_are_off_change_nothing(room: Room) -> None:
    for name in (START, STOP):
        room.world.runbooks.patch(name, enabled=False)
    answer = await room.ask("!cluster status")

    assert "is up; no schedule changes that" in answer.splitlines()[0]
    assert "No stop planned" in answer


async def test_an_operation_under_way_is_named(room: Room) -> None:
    said = await room.say("!upgrade 7.13.2")
    record = await room.waiting(said)
    room.react(record)
    await room.until(said, State.RUNNING)
    answer = await room.ask("!cluster status")

    assert f"The next stop would hit: {record.code} Upgrade Rocket.Chat" in answer
    await room.ended(said)


async def test_parts_that_are_away_leave_the_others_standing(room: Room) -> None:
    room.world.fail("automation.schedules", Fault.UNAVAILABLE, times=ALWAYS)
    room.world.fail("cost.query", Fault.LIMITED, times=ALWAYS)
    answer = await room.ask("!cluster status")

    assert "aks-fernhill is up; until when is not seen" in answer.splitlines()[0]
    assert "✘ Azure: 503" in answer
    assert "✘ Azure: 429" in answer


async def test_without_usage_no_cost_is_made_up(room: Room) -> None:
    room.world.bill.empty = True

    assert "No costs are known for this month yet" in await room.ask("!cluster status")


@pytest.mark.parametrize(
    ("fault", "said"), [(Fault.UNAVAILABLE, "503"), (Fault.DENIED, "401"), (Fault.LIMITED, "429")]
)
async def test_an_azure_that_is_away_is_said(room: Room, fault: Fault, said: str) -> None:
    room.world.fail("azure.cluster", fault, times=ALWAYS)
    answer = await room.ask("!cluster status")

    assert f"Azure: {said}" in answer


async def test_an_expired_credential_names_its_number(room: Room) -> None:
    room.world.power.sign_in_error = "AADSTS7000222"

    assert "AADSTS7000222" in await room.ask("!cluster status")


async def test_a_missing_right_is_named(room: Room) -> None:
    room.world.power.denied.add("read")
    with pytest.raises(ArmRefusal):
        room.world.power.allow("read")

    assert "AuthorizationFailed" in await room.ask("!cluster status")


@pytest.mark.parametrize("line", ["!cluster status", "!cluster start", "!cluster stop"])
async def test_without_azure_every_cluster_command_names_the_keys(world: World, line: str) -> None:
    async with opened(world, settings(azure=None)) as room:
        answer = await room.ask(line)

    assert "Azure is not in Houston's configuration" in answer
    assert "azure.subscription" in answer


async def test_without_an_account_there_is_no_schedule(world: World) -> None:
    azure = {"subscription": "s", "resource_group": "rg-fernhill", "cluster": "aks-fernhill"}
    async with opened(world, settings(azure=azure)) as room:
        answer = await room.ask("!cluster status")

    assert "aks-fernhill is up; no schedule changes that" in answer.splitlines()[0]
