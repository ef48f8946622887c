"""`!cluster schedule start TIME [stop TIME] [days DAYS]`, told as stories."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from adapters.sim.runbooks import START, STOP, WEEKDAYS
from adapters.sim.world import Fault, World
from bot.ports.store import Record, State
from tests.commands.room import Room, opened, settings

CODE = "terraform/automation.tf"


async def changed(room: Room, line: str) -> Record:
    """Ask, two votes, and the end."""
    said = await room.say(line)
    record = await room.waiting(said)
    room.react(record, by="uBo")
    room.react(record, by="uDee")
    return await room.ended(said)


async def planned(room: Room, line: str) -> str:
    said = await room.say(line)
    await room.waiting(said)
    return "\n".join(room.thread(said))


async def test_the_start_is_moved_in_azure_and_seen_there(room: Room) -> None:
    before = dict(room.world.runbooks.ties)
    record = await changed(room, "!cluster schedule start 16:00")

    assert record.state is State.SUCCEEDED
    start = room.world.runbooks.timers[START]
    assert start.next_run(room.world.clock.now()) == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert (start.enabled, start.days, start.zone) == (True, WEEKDAYS, "Europe/London")
    assert room.world.runbooks.ties == before
    assert "automation.move" in room.world.calls
    assert room.world.calls.count("automation.move") == 1


async def test_the_plan_shows_azures_change_and_the_lines_to_type(room: Room) -> None:
    plan = await planned(room, "!cluster schedule start 16:00 stop 22:30 days mon-thu")

    assert "run 26 instead of 72.5 h a week" in plan
    assert f"{START}: 16:00 instead of 08:30, mon-thu instead of mon-fri, first Tue 24 Nov" in plan
    assert f"{STOP}: 22:30 instead of 23:00" in plan
    assert '-startup_time      = "08:30"' in plan
    assert '+startup_time      = "16:00"' in plan
    assert '+shutdown_time     = "22:30"' in plan
    assert "shutdown_timezone" not in plan


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("  lifecycle {\r\n    ignore_changes = [start_time] # kept\r\n  }\r\n", "ignores these"),
        ("  # ignore_changes = [start_time]\r\n", "any other apply fails"),
        (None, "or Terraform takes the change back"),
    ],
)
async def test_what_terraform_will_do_is_said(room: Room, code: str | None, said: str) -> None:
    if code is not None:
        room.world.remote.push(CODE, code.encode(), "terraform: schedules")

    assert said in await planned(room, "!cluster schedule start 16:00")


async def test_cron_jobs_that_miss_their_time_are_told(room: Room) -> None:
    plan = await planned(room, "!cluster schedule start 16:00")

    assert re.search(r"⚠ CronJob monitoring/[\w-]+ at 0 9 \* \* \* would always run late", plan)


async def test_cron_jobs_nobody_can_list_are_no_hindrance(room: Room) -> None:
    room.world.power.api = False
    plan = await planned(room, "!cluster schedule start 16:00")

    assert "? which CronJobs would miss their times is not known" in plan


async def test_the_hours_there_are_already_are_an_answer(room: Room) -> None:
    answer = await room.ask("!cluster schedule start 8:30 stop 23:00 days mon-fri")

    assert "aks-fernhill runs 08:30–23:00 mon-fri (Europe/London), 72.5 h a week already." in answer
    assert "automation.move" not in room.world.calls


async def test_a_time_that_is_near_begins_on_the_next_day(room: Room) -> None:
    await changed(room, "!cluster schedule start 15:05")

    first = room.world.runbooks.timers[START].start
    assert first == datetime(2026, 11, 25, 15, 5, tzinfo=UTC)


async def test_an_undo_brings_the_old_hours_back(room: Room) -> None:
    record = await changed(room, "!cluster schedule start 16:00 stop 22:00")
    await changed(room, f"!undo {record.code}")

    start, stop = (room.world.runbooks.timers[name] for name in (START, STOP))
    assert (start.start.hour, start.start.minute, stop.start.hour) == (8, 30, 23)


async def test_links_azure_loses_are_made_again_and_told(room: Room) -> None:
    room.world.runbooks.loses_links = True
    record = await changed(room, "!cluster schedule start 16:00")

    assert record.state is State.SUCCEEDED
    assert "Start-AKS-Cluster linked anew: Terraform knows the old link only" in room.card(record)
    assert {tie.schedule for tie in room.world.runbooks.ties.values()} == {START, STOP}


async def test_a_link_that_is_missing_before_stops_the_plan(room: Room) -> None:
    room.world.runbooks.ties.clear()
    answer = await room.ask("!cluster schedule start 16:00")

    assert f"{START} is not linked to Start-AKS-Cluster" in answer
    assert "automation.move" not in room.world.calls


async def test_a_schedule_that_is_not_there_is_not_made(room: Room) -> None:
    del room.world.runbooks.timers[START]
    answer = await room.ask("!cluster schedule start 16:00")

    assert f"The schedule {START} is not there" in answer
    assert "enable_auto_start" in answer


async def test_where_houston_may_not_the_lines_are_told(world: World) -> None:
    azure = {
        "subscription": "s",
        "resource_group": "rg-fernhill",
        "cluster": "aks-fernhill",
        "automation_account": "aa",
    }
    async with opened(world, settings(azure=azure)) as room:
        answer = await room.ask("!cluster schedule start 16:00")

    assert "Houston may not change schedules here" in answer
    assert 'startup_time      = "16:00"' in answer
    assert "azure.change_schedules" in answer


async def test_a_change_that_meets_another_fails_and_can_be_repeated(room: Room) -> None:
    room.world.runbooks.conflicts = 1
    record = await changed(room, "!cluster schedule start 16:00")

    assert record.state is State.FAILED
    assert "is being changed" in room.card(record)
    assert (await changed(room, "!cluster schedule start 16:00")).state is State.SUCCEEDED


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.REPLY_LOST])
async def test_a_change_that_is_not_heard_at_first_is_made_once(room: Room, fault: Fault) -> None:
    room.world.fail("automation.move", fault)
    record = await changed(room, "!cluster schedule start 16:00")

    assert record.state is State.SUCCEEDED
    assert room.world.runbooks.timers[START].start.hour == 16


async def test_an_identity_without_the_right_fails_with_a_reason(room: Room) -> None:
    room.world.fail("automation.move", Fault.DENIED, times=99)
    record = await changed(room, "!cluster schedule start 16:00")

    assert record.state is State.FAILED
    assert "401" in room.card(record)
    assert room.world.runbooks.timers[START].start.hour == 8


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!cluster schedule start", "TIME is missing"),
        ("!cluster schedule start 25:00", "25:00"),
        ("!cluster schedule start noon", "noon"),
        ("!cluster schedule start 16:00 stop", "needs TIME behind it"),
        ("!cluster schedule start 16:00 days never", "no days of the week"),
        ("!cluster schedule start 16:00 stop 16:00", "cannot be both"),
        ("!cluster schedule start 16:00 22:00", "one word too many"),
    ],
)
async def test_words_that_do_not_fit_are_explained(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert "automation.move" not in room.world.calls


async def test_a_viewer_may_change_no_hours(room: Room) -> None:
    assert (await room.ask("!cluster schedule start 16:00", by="uVic")).startswith("⛔")
