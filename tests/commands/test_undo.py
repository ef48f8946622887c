"""`!undo`: the change that takes an operation back, planned and approved like any other."""

from __future__ import annotations

import pytest

from adapters.sim.world import Fault
from tests.commands.room import Room


async def test_undo_shows_a_plan_and_waits_for_votes(room: Room) -> None:
    record = await room.approved("!scale presence 3")
    before = room.world.remote.head()
    said = await room.say(f"!undo {record.code}", by="uBo")
    undoing = await room.waiting(said)
    await room.quiet(60)

    assert undoing.title == "Scale presence from 3 to 1"
    assert undoing.requester == "bo"
    assert room.world.remote.head() == before
    room.react(undoing, by="uDee")
    assert (await room.ended(said)).state == "succeeded"
    assert room.world.cluster.deployment("rocketchat-presence").ready == 1


async def test_who_asks_for_the_undo_cannot_approve_it(room: Room) -> None:
    record = await room.approved("!scale presence 3", by="uAna", voter="uBo")
    said = await room.say(f"!undo {record.code}", by="uBo")
    room.react(await room.waiting(said), by="uBo")

    assert (await room.ended(said)).state == "expired"


async def test_an_undo_can_be_undone(room: Room) -> None:
    record = await room.approved("!scale presence 3")
    undone = await room.approved(f"!undo {record.code}")
    again = await room.approved(f"!undo {undone.code}")

    assert again.state == "succeeded"
    assert room.world.cluster.deployment("rocketchat-presence").ready == 3


async def test_an_operation_that_failed_half_way_can_be_undone(room: Room) -> None:
    room.world.cluster.sync_failures = 1
    record = await room.approved("!scale presence 2")
    assert record.state == "failed"
    answer = await room.ask(f"!undo {record.code}")

    assert "OutOfSync" in answer  # a change on top of one that hangs is not judged


async def test_an_upgrade_that_left_the_application_degraded_can_be_undone(room: Room) -> None:
    room.world.cluster.unpullable = {"rocketchat/presence-service:7.13.2"}
    record = await room.approved("!upgrade 7.13.2")
    assert record.state == "failed"
    said = await room.say(f"!undo {record.code}")
    undoing = await room.waiting(said)
    assert "? aks-rocketchat-helm is Synced and Degraded" in room.thread(said)[0]
    room.react(undoing, by="uBo")
    room.react(undoing, by="uDee")

    assert (await room.ended(said)).state == "succeeded"
    assert room.world.cluster.health == "Healthy"


async def test_what_changed_nothing_has_nothing_to_undo(room: Room) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.react(record, ":x:")
    await room.ended(said)

    assert f"{record.code} changed nothing" in await room.ask(f"!undo {record.code}")


async def test_what_still_runs_is_aborted_not_undone(room: Room) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.react(record)
    await room.quiet(10)
    answer = await room.ask(f"!undo {record.code}")

    assert f"{record.code} is still running" in answer
    assert f"!abort {record.code}" in answer
    assert (await room.ended(said)).state == "succeeded"


async def test_an_upgrade_across_majors_names_no_undo(room: Room) -> None:
    assert (await room.approved("!upgrade 7.13.2")).state == "succeeded"
    said = await room.say("!upgrade 8.0.0")
    record = await room.waiting(said)
    room.react(record, by="uBo")
    room.react(record, by="uDee")
    record = await room.ended(said)

    assert record.state == "succeeded", room.card(record)
    assert "!undo" not in room.card(record)
    assert "cannot be undone by a command" in await room.ask(f"!undo {record.code}")


@pytest.mark.parametrize(
    ("line", "by", "said"),
    [
        ("!undo", "uAna", "CODE is missing"),
        ("!undo ZZZZ", "uAna", "No operation has the code"),
        ("!undo ZZZZ", "uVic", "needs the role operator"),
    ],
)
async def test_words_that_do_not_fit_change_nothing(
    room: Room, line: str, by: str, said: str
) -> None:
    assert said in await room.ask(line, by=by)
    assert room.world.remote.commits() == [room.first_commit]


async def test_the_old_value_is_planned_on_what_stands_there_now(room: Room) -> None:
    record = await room.approved("!scale presence 3")
    await room.approved("!scale presence 2")
    answer = await room.ask(f"!undo {record.code}")

    assert "Scale presence from 2 to 1" in answer


async def test_an_undo_that_git_cannot_plan_says_so(room: Room) -> None:
    record = await room.approved("!scale presence 3")
    room.world.fail("git.fetch", Fault.UNAVAILABLE)
    answer = await room.ask(f"!undo {record.code}")

    assert "git: 503" in answer
    assert "Nothing was changed" in answer
