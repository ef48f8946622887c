"""What becomes of a vote whose voter or whose operation is not what it was any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sim.document import User
from adapters.sim.world import Fault
from bot.ports.chat import Message
from bot.ports.store import Record, State
from tests.commands.room import Room

BO = User("uBo", "bo", "Bo")


async def asked(room: Room) -> tuple[Message, Record]:
    said = await room.say("!scale presence 2")
    return said, await room.waiting(said)


async def held_with_a_vote(room: Room) -> tuple[Message, Record]:
    """Approved by Bo, and kept from starting by somebody."""
    said, record = await asked(room)
    await room.ask(f"!hold {record.code}", by="uVic")
    room.react(record)
    await room.quiet(5)
    assert "1 of 1 approved" in room.card(record)
    return said, record


@pytest.mark.parametrize("changed", [{"active": False}, {"type": "bot"}])
async def test_an_account_that_changes_after_its_vote_takes_the_vote_along(
    room: Room, changed: dict[str, object]
) -> None:
    said, record = await held_with_a_vote(room)
    room.world.chat.add_user(replace(BO, **changed))  # type: ignore[arg-type]  # parametrized
    await room.ask(f"!release {record.code}", by="uDee")

    assert (await room.ended(said)).state == "expired"
    assert room.world.remote.commits() == [room.first_commit]


async def test_a_vote_in_words_is_of_the_account_and_not_of_the_name(room: Room) -> None:
    said, record = await asked(room)
    room.world.fail("chat.account", Fault.SLOW)
    voted = await room.say(f"!approve {record.code}", by="uVic")
    await room.quiet(5)
    room.world.chat.rename("uVic", "victor")
    room.world.chat.rename("uBo", "vic")

    assert "belongs to another account now" in await room.answer(voted)
    assert (await room.ended(said)).state == "expired"


async def test_a_vote_the_stream_never_told_of_is_found(room: Room) -> None:
    """Not only by reading the room, which is put off where the stream tells of others in it."""
    seldom = {"probe": timedelta(hours=1), "resync": timedelta(hours=1)}
    pace = room.settings.pace.model_copy(update=seldom)
    room.settings = room.settings.model_copy(update={"pace": pace})
    await room.restart(0.1)
    said, record = await asked(room)
    room.world.chat.lose_subscriptions()
    room.react(record)

    assert (await room.until(said, State.RUNNING, patience=60)).round == 1


async def test_a_vote_while_it_runs_is_told_so(room: Room) -> None:
    said, record = await asked(room)
    room.react(record)
    await room.until(said, State.RUNNING)
    room.react(record, ":x:", by="uDee")
    await room.quiet(5)

    assert f"{record.code} already runs" in room.private("uDee")[-1]
    assert (await room.ended(said)).state == "succeeded"


async def test_a_vote_on_a_plan_that_was_made_anew_is_told_so(room: Room) -> None:
    said, record = await asked(room)
    for round in (2, 3):
        document = room.world.chat.archive.get(record.approval)
        room.world.chat.archive.write(replace(document, text="another plan"))
        room.react(record, by="uVic")
        await room.quiet(10)
        renewed = await room.until(said, State.WAITING)
        assert renewed.round == round
        room.react(record)
        await room.quiet(10)

        told = room.private("uBo")[-1]
        assert f"vote on {record.code} does not count: that plan was made anew since" in told
        assert await room.until(said, State.WAITING) == renewed
        record = renewed


async def test_a_hand_lowered_by_a_stranger_does_not_let_it_run_on(room: Room) -> None:
    said, record = await asked(room)
    room.react(record)
    await room.until(said, State.RUNNING)
    room.react(record, ":raised_hand:", by="uVic")
    await room.until(said, State.HELD)
    room.world.chat.react("uVic", record.approval, ":raised_hand:", on=False)
    await room.quiet(600)

    assert (await room.until(said, State.HELD)).state is State.HELD
    await room.ask(f"!release {record.code}", by="uBo")
    assert (await room.ended(said)).state == "succeeded"


async def test_a_hand_raised_by_a_bot_does_not_hold_what_runs(room: Room) -> None:
    room.world.chat.add_user(User("uRobot", "robot", "Robot", type="bot"))
    said, record = await asked(room)
    room.react(record)
    await room.until(said, State.RUNNING)
    room.react(record, ":raised_hand:", by="uRobot")

    assert (await room.ended(said)).state == "succeeded"
