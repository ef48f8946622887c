"""`!cluster start` and `!cluster stop`, told as stories."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sim.power import RUNNING, STOPPED
from adapters.sim.runbooks import STOP_RUNBOOK
from adapters.sim.world import Fault, World
from bot.doorway import message, operator, readable
from bot.policy import Policy
from bot.ports.chat import Message
from bot.ports.store import Record, State
from tests.commands.room import Room, opened, settings


async def voted(room: Room, said: Message) -> Record:
    """A stop needs two votes beside the one who asks."""
    record = await room.waiting(said)
    room.react(record, by="uBo")
    room.react(record, by="uDee")
    return record


def bring_back(room: Room) -> None:
    """Somebody starts it beside Houston, as the schedule would."""
    room.world.power.change("start")


async def test_a_stop_says_what_goes_away_for_whom_and_until_when(room: Room) -> None:
    said = await room.say("!cluster stop")
    record = await room.waiting(said)
    plan = "\n".join(room.thread(said))

    assert "Stop aks-fernhill" in plan
    assert "Rocket.Chat goes away for everybody until the schedule starts it" in plan
    assert "Wed 25 Nov 08:30 GMT" in plan
    assert "sooner by houston exec '!cluster start' beside Houston" in plan
    assert "Stop-AKS-Cluster drains the build agents first" in plan
    assert record.detail["approvals"] == 2


async def test_a_stop_drains_stops_and_reports_when_chat_is_back(room: Room) -> None:
    said = await room.say("!cluster stop")
    await voted(room, said)
    await room.when(lambda: room.world.power.state == STOPPED)
    await room.until(said, State.SUCCEEDED)
    await room.quiet(10)

    assert not room.world.chat.up
    (task,) = room.world.runbooks.tasks.values()
    assert (task.runbook, task.status) == (STOP_RUNBOOK, "Completed")
    assert any(m.text.startswith(":warning: *aks-fernhill stops now.*")
               for m in room.world.chat.messages("ops"))  # fmt: skip

    bring_back(room)
    record = await room.ended(said)
    assert record.state is State.SUCCEEDED
    assert "aks-fernhill stopped Azure says Stopped" in room.card(record)


async def door(room: Room, line: str, by: str = "Ana Ferreira") -> Message:
    """`houston exec` beside a Houston that runs: the only door while chat is off."""
    said = message(operator(Policy(room.settings.policy), by), line, room.world.clock)
    await room.store.ledger.submit(said)
    return said


async def test_a_start_from_beside_houston_ends_when_rocket_chat_answers(room: Room) -> None:
    room.world.power.off()
    said = await door(room, "!cluster start")
    record = await room.ended(said)

    assert record.state is State.SUCCEEDED
    assert room.world.power.state == RUNNING
    assert room.world.chat.up
    card = "\n".join(readable(out.post.text) for out in await room.store.outbox.thread(said.id))
    assert "6 rolled out; 5 stale pods left by the stop, see !pods --bad" in card
    assert "Rocket.Chat answers the server says 7.12" in card
    assert timedelta(minutes=3) < record.updated - record.created < timedelta(minutes=6)


async def test_a_start_needs_no_vote_and_takes_back_a_stop(room: Room) -> None:
    room.world.power.off()
    said = await door(room, "!cluster start")
    record = await room.until(said, State.RUNNING)

    assert record.detail["approvals"] == 0
    assert record.detail["undo"] == "!cluster stop"
    await room.ended(said)


async def test_what_runs_already_is_an_answer(room: Room) -> None:
    said = await room.say("!cluster start")
    answer = await room.answer(said)

    assert answer.startswith("ℹ aks-fernhill runs already until Tue 24 Nov 23:00 GMT.")
    assert room.world.power.runs == {}


async def test_what_is_stopped_already_is_an_answer(room: Room) -> None:
    room.world.power.off()
    said = await door(room, "!cluster stop")
    await room.until(said, State.REFUSED)
    (out,) = await room.store.outbox.thread(said.id)

    assert "aks-fernhill is stopped already until Wed 25 Nov 08:30 GMT." in out.post.text


async def test_a_viewer_may_stop_nothing(room: Room) -> None:
    answer = await room.ask("!cluster stop", by="uVic")

    assert answer.startswith("⛔")
    assert room.world.power.state == RUNNING


async def test_a_stop_does_not_cut_off_what_runs(room: Room) -> None:
    said = await room.say("!upgrade 7.13.2")
    record = await room.waiting(said)
    room.react(record)
    await room.until(said, State.RUNNING)
    answer = await room.ask("!cluster stop", by="uBo")

    assert f"{record.code}, Upgrade Rocket.Chat from 7.12.2 to 7.13.2, would be cut off" in answer
    await room.ended(said)
    assert room.world.runbooks.tasks == {}


@pytest.mark.parametrize("doing", ["Updating", "Starting"])
async def test_a_cluster_that_is_busy_is_left_alone(room: Room, doing: str) -> None:
    room.world.power.provisioning = doing
    answer = await room.ask("!cluster stop")

    assert f"is {doing.lower()}" in answer
    assert room.world.runbooks.tasks == {}


@pytest.mark.parametrize("line", ["!cluster stop", "!cluster start"])
async def test_a_plan_says_that_the_schedule_was_not_seen(room: Room, line: str) -> None:
    if line == "!cluster start":
        room.world.power.off()
        room.world.chat.set_up(True)
    room.world.fail("automation.schedules", Fault.UNAVAILABLE, times=1000)
    said = await room.say(line)

    assert "⚠ the schedule is not seen: Azure: 503" in await room.answer(said)


async def test_without_an_account_azure_itself_is_asked(world: World) -> None:
    azure = {"subscription": "s", "resource_group": "rg-fernhill", "cluster": "aks-fernhill"}
    async with opened(world, settings(azure=azure)) as room:
        said = await room.say("!cluster stop")
        await voted(room, said)
        plan = "\n".join(room.thread(said))
        record = await room.until(said, State.SUCCEEDED)
        assert room.world.power.state == STOPPED

    assert "nothing is drained first" in plan
    assert "until somebody starts it" in plan
    assert room.world.runbooks.tasks == {}
    assert record.state is State.SUCCEEDED


async def test_a_runbook_that_fails_is_told_with_its_reason(room: Room) -> None:
    room.world.power.denied.add("stop/action")
    said = await room.say("!cluster stop")
    await voted(room, said)
    record = await room.ended(said)

    assert record.state is State.FAILED
    assert "Stop-AKS-Cluster failed: (AuthorizationFailed)" in room.card(record)
    assert room.world.chat.up


async def test_a_start_azure_has_no_room_for_fails_and_can_be_tried_again(room: Room) -> None:
    room.world.power.off()
    room.world.power.failing = ("AllocationFailed", "There is not enough capacity in uksouth.")
    said = await door(room, "!cluster start")
    record = await room.until(said, State.FAILED)

    posts = await room.store.outbox.thread(said.id)
    assert any("AllocationFailed: There is not enough capacity" in out.post.text for out in posts)
    again = await door(room, "!cluster start")
    assert (await room.ended(again)).state is State.SUCCEEDED
    assert record.state is State.FAILED


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.LIMITED, Fault.REPLY_LOST])
async def test_a_start_that_is_not_heard_at_first_is_one_start(room: Room, fault: Fault) -> None:
    room.world.power.off()
    room.world.fail("azure.start", fault)
    record = await room.ended(await door(room, "!cluster start"))

    assert record.state is State.SUCCEEDED
    assert len(room.world.power.runs) == 1


async def test_a_houston_killed_while_it_stops_goes_on_and_stops_once(room: Room) -> None:
    said = await room.say("!cluster stop")
    await voted(room, said)
    await room.when(lambda: bool(room.world.runbooks.tasks))
    await room.restart()
    record = await room.until(said, State.SUCCEEDED)

    assert len(room.world.runbooks.tasks) == 1
    assert len(room.world.power.runs) == 1
    assert record.state is State.SUCCEEDED


async def test_a_schedule_that_moves_while_it_is_voted_on_voids_the_votes(room: Room) -> None:
    said = await room.say("!cluster stop")
    record = await room.waiting(said)
    room.world.runbooks.schedule("07:00", "23:00")
    room.react(record, by="uBo")
    room.react(record, by="uDee")
    await room.quiet(60)

    again = await room.store.operations.get(record.id)
    assert again
    assert (again.round, again.state) == (2, State.WAITING)
    assert room.world.power.state == RUNNING


async def test_the_night_is_survived_and_the_morning_heard(room: Room) -> None:
    """The schedule stops the cluster, chat goes, Houston stays, and answers in the morning."""
    room.world.runbooks.schedule("15:20", "15:05")
    await room.when(lambda: room.world.power.state == STOPPED)
    assert not room.world.chat.up
    await room.when(lambda: room.world.chat.up)
    await room.quiet(120)

    assert "aks-fernhill is up until Wed 25 Nov 15:05 GMT" in await room.ask("!cluster status")
