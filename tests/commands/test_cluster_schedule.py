"""`!cluster schedule`: what the schedules do, did, and where the papers disagree."""

from __future__ import annotations

import pytest

from adapters.sim.runbooks import START, STOP, STOP_RUNBOOK
from adapters.sim.world import Fault, World
from tests.commands.room import Room, opened, settings

EXAMPLE = "terraform/terraform.tfvars.example"
ALWAYS = 99


def tfvars(start: str = "16:00", stop: str = "23:00", zone: str = "Europe/London") -> bytes:
    return (
        f'cluster_name = "aks-fernhill"\r\nshutdown_timezone    = "{zone}"      # UK\r\n'
        f'shutdown_time        = "{stop}"\r\nstartup_time         = "{start}"   # 4 PM\r\n'
    ).encode()


async def test_the_hours_stand_in_the_first_line(room: Room) -> None:
    answer = await room.ask("!cluster schedule")

    first = answer.splitlines()[0]
    assert "aks-fernhill runs 08:30–23:00 mon-fri (Europe/London), 72.5 h a week" in first
    assert "Start: Wed 25 Nov 08:30 GMT" in answer
    assert "Stop: Tue 24 Nov 23:00 GMT" in answer
    assert STOP in answer


async def test_the_guide_is_told_where_it_differs(room: Room) -> None:
    assert "the guide of January 2026 says 16:00–23:00" in await room.ask("!cluster schedule")

    room.world.runbooks.schedule("16:00", "23:00")
    assert "the guide" not in await room.ask("!cluster schedule")


async def test_the_example_in_git_is_compared(room: Room) -> None:
    room.world.remote.push(EXAMPLE, tfvars(), "terraform: example")
    answer = await room.ask("!cluster schedule")

    assert answer.startswith("⚠")
    assert "terraform.tfvars.example has startup_time 16:00, Azure 08:30" in answer
    assert "shutdown_time" not in answer


async def test_a_windows_name_of_the_same_zone_is_no_difference(room: Room) -> None:
    room.world.runbooks.schedule("16:00", "23:00")
    room.world.remote.push(EXAMPLE, tfvars(zone="GMT Standard Time"), "terraform: example")

    assert (await room.ask("!cluster schedule")).startswith("✔")


async def test_another_zone_is_a_difference(room: Room) -> None:
    room.world.runbooks.schedule("16:00", "23:00")
    room.world.remote.push(EXAMPLE, tfvars(zone="Europe/Paris"), "terraform: example")

    assert "shutdown_timezone Europe/Paris, Azure Europe/London" in await room.ask(
        "!cluster schedule"
    )


async def test_a_schedule_that_runs_nothing_is_found(room: Room) -> None:
    ties = room.world.runbooks.ties
    room.world.runbooks.ties = {id: t for id, t in ties.items() if t.runbook != STOP_RUNBOOK}

    assert f"{STOP} is not linked to {STOP_RUNBOOK}" in await room.ask("!cluster schedule")


async def test_a_schedule_that_is_off_or_gone_is_said(room: Room) -> None:
    room.world.runbooks.patch(STOP, enabled=False)
    del room.world.runbooks.timers[START]
    answer = await room.ask("!cluster schedule")

    assert f"Stop: {STOP} is turned off" in answer
    assert f"Start: there is no schedule {START} in Azure" in answer


async def test_the_last_runs_are_listed_with_their_results(room: Room) -> None:
    room.world.runbooks.run("j-1", STOP_RUNBOOK, {})
    room.world.power.denied.add("stop/action")
    await room.quiet(120)
    answer = await room.ask("!cluster schedule")

    assert f"{STOP_RUNBOOK} failed" in answer
    assert "Tue 24 Nov 15:00 GMT" in answer


async def test_without_runs_it_says_so(room: Room) -> None:
    assert "No run is known of the last month" in await room.ask("!cluster schedule")


@pytest.mark.parametrize("call", ["automation.jobs", "git.fetch"])
async def test_a_part_that_is_away_leaves_the_rest(room: Room, call: str) -> None:
    room.world.fail(call, Fault.UNAVAILABLE, times=ALWAYS)
    answer = await room.ask("!cluster schedule")

    assert "aks-fernhill runs 08:30–23:00" in answer
    assert "✘" in answer


async def test_without_azure_or_an_account_the_key_is_named(world: World) -> None:
    async with opened(world, settings(azure=None)) as room:
        assert "azure.subscription" in await room.ask("!cluster schedule")
        assert "azure.subscription" in await room.ask("!cluster schedule start 16:00")


async def test_without_an_account_its_key_is_named(world: World) -> None:
    azure = {"subscription": "s", "resource_group": "rg-fernhill", "cluster": "aks-fernhill"}
    async with opened(world, settings(azure=azure)) as room:
        assert "azure.automation_account" in await room.ask("!cluster schedule")
