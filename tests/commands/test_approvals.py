"""`!approve`, `!deny`, `!hold`, `!release`, `!abort`: votes and stops in words."""

from __future__ import annotations

import pytest

from adapters.sim.world import Fault
from bot.ports.chat import Message
from bot.ports.store import Record, State
from tests.commands.room import Room


async def asked(room: Room) -> tuple[Message, Record]:
    said = await room.say("!scale presence 2")
    return said, await room.waiting(said)


async def test_approve_does_what_the_reaction_does(room: Room) -> None:
    said, record = await asked(room)
    answer = await room.ask(f"!approve {record.code}", by="uBo")

    assert answer == f"✔ bo approves {record.code} · 1 of 1 approved (bo)"
    assert (await room.ended(said)).state == "succeeded"


async def test_a_code_is_read_in_any_case(room: Room) -> None:
    said, record = await asked(room)
    await room.ask(f"!APPROVE {record.code.lower()}", by="uBo")

    assert (await room.ended(said)).state == "succeeded"


async def test_deny_ends_it_and_nothing_was_changed(room: Room) -> None:
    said, record = await asked(room)
    await room.ask(f"!deny {record.code}", by="uBo")
    record = await room.ended(said)

    assert record.state == "cancelled"
    assert "Denied by bo. Nothing was changed." in room.card(record)
    assert room.world.remote.commits() == [room.first_commit]


@pytest.mark.parametrize(
    ("voter", "reason"),
    [
        ("uAna", "you asked for this"),
        ("uCleo", "you are not on call now"),
        ("uVic", "you are not in the roster"),
    ],
)
async def test_a_vote_in_words_that_does_not_count_is_told_why(
    room: Room, voter: str, reason: str
) -> None:
    said, record = await asked(room)
    answer = await room.ask(f"!approve {record.code}", by=voter)

    assert answer.startswith("⛔")
    assert reason in answer
    assert (await room.ended(said)).state == "expired"


@pytest.mark.parametrize("word", ["approve", "deny", "hold", "abort", "release"])
async def test_what_has_ended_takes_no_more_words(room: Room, word: str) -> None:
    record = await room.approved("!scale presence 2")
    answer = await room.ask(f"!{word} {record.code}", by="uBo")

    assert f"{record.code} is already succeeded" in answer


@pytest.mark.parametrize("word", ["approve", "deny", "hold", "abort", "release"])
async def test_a_word_without_its_code_is_nothing(room: Room, word: str) -> None:
    said, _ = await asked(room)
    answer = await room.ask(f"!{word}", by="uBo")

    assert "CODE is missing" in answer
    assert (await room.until(said, State.WAITING)).state is State.WAITING


async def test_hold_keeps_an_approved_operation_from_starting(room: Room) -> None:
    said, record = await asked(room)
    await room.ask(f"!hold {record.code}", by="uVic")
    await room.ask(f"!approve {record.code}", by="uBo")
    await room.quiet(60)
    assert (await room.until(said, State.HELD)).state is State.HELD
    assert "held by vic" in room.card(record)

    answer = await room.ask(f"!release {record.code}", by="uDee")
    assert f"{record.code} is released by Dee Okafor" in answer
    assert (await room.ended(said)).state == "succeeded"


async def test_what_is_not_held_is_not_released(room: Room) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)

    assert f"{record.code} is not held" in await room.ask(f"!release {record.code}", by="uDee")
    await room.ask(f"!hold {record.code}", by="uVic")
    assert "is released by Dee" in await room.ask(f"!release {record.code}", by="uDee")
    assert f"{record.code} is not held" in await room.ask(f"!release {record.code}", by="uBo")
    told = await room.ask(f"!why {record.code}")
    assert told.count("hold of vic (uVic) released") == 1
    assert "hold of vic (uVic) released by dee, on call · counted" in told


async def test_a_vote_that_does_not_count_says_so_once(room: Room) -> None:
    record = await room.waiting(await room.say("!scale presence 2"))

    answer = await room.ask(f"!approve {record.code}")
    assert answer.startswith(f"⛔ Your vote on {record.code} does not count: you asked for this")


async def test_a_hold_that_nobody_releases_ends_in_no(room: Room) -> None:
    said, record = await asked(room)
    await room.ask(f"!hold {record.code}", by="uVic")
    await room.ask(f"!approve {record.code}", by="uBo")

    assert (await room.ended(said)).state == "expired"
    assert room.world.remote.commits() == [room.first_commit]


@pytest.mark.parametrize(
    ("by", "reason"), [("uVic", "needs the role approver"), ("uCleo", "Only somebody on call")]
)
async def test_only_an_approver_on_call_releases(room: Room, by: str, reason: str) -> None:
    said, record = await asked(room)
    await room.ask(f"!hold {record.code}", by="uVic")

    assert reason in await room.ask(f"!release {record.code}", by=by)
    assert (await room.until(said, State.HELD)).state is State.HELD


async def test_hold_stops_what_runs_between_two_steps_and_release_lets_it_go_on(
    room: Room,
) -> None:
    said, record = await asked(room)
    room.react(record)
    await room.until(said, State.RUNNING)
    answer = await room.ask(f"!hold {record.code}", by="uVic")
    assert "does nothing further after its current step" in answer
    await room.until(said, State.HELD)
    await room.quiet(600)
    assert "Held by vic" in room.card(record)

    await room.ask(f"!release {record.code}", by="uBo")
    record = await room.ended(said)
    assert record.state == "succeeded", room.card(record)
    assert len(room.world.cluster.syncs) == 1


async def test_hold_while_the_first_step_goes_on_keeps_the_next_from_being_done(room: Room) -> None:
    said, record = await asked(room)
    room.world.cluster.automated = False
    room.world.fail("git.push", Fault.SLOW)
    room.react(record)
    await room.until(said, State.RUNNING)
    await room.ask(f"!hold {record.code}", by="uVic")
    await room.until(said, State.HELD)
    await room.quiet(600)
    assert len(room.world.remote.commits()) == 2
    assert room.world.cluster.syncs == []

    await room.ask(f"!release {record.code}", by="uBo")
    assert (await room.ended(said)).state == "succeeded"


async def test_abort_ends_what_waits(room: Room) -> None:
    said, record = await asked(room)
    answer = await room.ask(f"!abort {record.code}")

    assert f"{record.code} stops" in answer
    assert (await room.ended(said)).state == "cancelled"
    assert "Aborted by ana. Nothing was changed." in room.card(record)


async def test_abort_stops_what_runs_and_says_what_was_done(room: Room) -> None:
    room.world.cluster.rollout_seconds = 10**6
    said, record = await asked(room)
    room.react(record)
    await room.quiet(30)
    await room.ask(f"!abort {record.code}", by="uDee")
    record = await room.ended(said)

    assert record.state == "cancelled"
    assert "aborted by dee" in room.card(record)
    assert "Done before: Commit to master, Sync aks-rocketchat-helm" in room.card(record)
    assert f"!undo {record.code}" in room.card(record)


async def test_a_stranger_may_hold_but_not_abort(room: Room) -> None:
    said, record = await asked(room)
    answer = await room.ask(f"!abort {record.code}", by="uVic")

    assert "Only ana and approvers may abort" in answer
    assert f"You may !hold {record.code}" in answer
    assert (await room.until(said, State.WAITING)).state is State.WAITING


async def test_an_aborted_operation_gives_its_lock_back(room: Room) -> None:
    said, record = await asked(room)
    await room.ask(f"!abort {record.code}")
    await room.ended(said)

    assert (await room.approved("!scale account 2")).state == "succeeded"


async def test_abort_is_obeyed_while_the_first_step_cannot_be_done(room: Room) -> None:
    said, record = await asked(room)
    room.world.fail("git.push", Fault.UNAVAILABLE, times=100)
    room.react(record)
    await room.until(said, State.RUNNING)
    await room.quiet(5)
    await room.ask(f"!abort {record.code}")
    record = await room.ended(said, patience=40)

    assert record.state == "cancelled"
    assert "Nothing was changed" in room.card(record)
    assert room.world.remote.commits() == [room.first_commit]
