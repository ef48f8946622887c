"""How reactions become votes: each observed change once, answered, and told to the operation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.flight import packed, unpacked
from bot.ports.chat import Author, Post
from bot.ports.store import Choice, State
from bot.request import post_id
from tests.core.booth import ROOM, Booth, opened
from tests.core.test_judge import FLIGHT

pytestmark = pytest.mark.looptime(start=time.monotonic, noop_cycles=1)
YES, NO, HAND = ":white_check_mark:", ":x:", ":raised_hand:"
APPROVED = ("bo", "approve", True, "reaction")
BACK = ("bo", "approve", False, "reaction")


@pytest.fixture
async def booth() -> AsyncIterator[Booth]:
    async with opened() as made:
        yield made


async def test_a_reaction_is_written_down_answered_and_told_once(booth: Booth) -> None:
    record = await booth.asked()
    await booth.ballots.observe(record)
    assert (booth.woken(), await booth.said()) == ([], [])
    booth.react()

    for _ in range(3):
        await booth.ballots.observe(record)

    assert await booth.lines(record) == [APPROVED]
    assert booth.woken() == [{"kind": "votes", "round": 1}]
    assert await booth.events() == ["vote.approve"]
    assert await booth.said() == [(ROOM, True, "bo approves 7F3K · 1 of 1 approved (bo)")]


async def test_taking_back_and_voting_again_are_changes_of_their_own(booth: Booth) -> None:
    record = await booth.asked(replace(FLIGHT, approvals=2))
    for on in (True, False, True):
        booth.react(on=on)
        await booth.ballots.observe(record)

    assert await booth.lines(record) == [APPROVED, BACK, APPROVED]
    assert [text for *_, text in await booth.said()] == [
        "bo approves 7F3K · 1 of 2 approved (bo)",
        "bo takes the approve of 7F3K back · 0 of 2 approved",
        "bo approves 7F3K · 1 of 2 approved (bo)",
    ]
    assert len(booth.woken()) == 3


async def test_votes_that_came_together_are_counted_one_after_another(booth: Booth) -> None:
    record = await booth.asked(replace(FLIGHT, approvals=2))
    booth.react(by="uBo")
    booth.react(by="uDee")
    await booth.ballots.observe(record)

    assert [text for *_, text in await booth.said()] == [
        "bo approves 7F3K · 1 of 2 approved (bo)",
        "dee approves 7F3K · 2 of 2 approved (bo, dee)",
    ]
    assert len(booth.woken()) == 1


async def test_what_was_said_in_words_is_no_reaction_that_vanished(booth: Booth) -> None:
    record = await booth.asked()
    await booth.ballots.say(record, Author("uBo", "bo"), Choice.APPROVE, ROOM)
    await booth.ballots.observe(record)

    assert [source for *_, source in await booth.lines(record)] == ["text"]


async def test_what_does_not_count_is_told_to_the_voter_alone(booth: Booth) -> None:
    record = await booth.asked()
    booth.react(by="uAna")
    await booth.ballots.observe(record)

    (where, below, text), *more = await booth.said()
    assert (where, below, more) == ("@uAna", False, [])
    assert "you asked for this" in text
    assert [vote.counted for vote in await booth.votes(record)] == [False]


async def test_a_name_that_nobody_holds_any_more_is_answered_below_the_command(
    booth: Booth,
) -> None:
    record = await booth.asked()
    booth.react()
    booth.world.chat.rename("uBo", "robert")
    await booth.ballots.observe(record)

    ((where, below, text),) = await booth.said()
    assert (where, below) == (ROOM, True)
    assert "deactivated accounts never count" in text
    assert (await booth.votes(record))[0].person == ""


async def test_who_is_on_call_is_read_with_each_reaction(booth: Booth) -> None:
    record = await booth.asked()
    await booth.relieved("uBo", by="uDee")
    booth.react()
    await booth.ballots.observe(record)

    assert [vote.counted for vote in await booth.votes(record)] == [False]


@pytest.mark.parametrize("state", [State.WAITING, State.HELD, State.RUNNING])
async def test_what_the_stream_did_not_bring_is_found(booth: Booth, state: State) -> None:
    record = await booth.asked(state=state)
    booth.react()
    await booth.ballots.sweep()

    assert await booth.lines(record) == [APPROVED]


async def test_a_round_that_ended_is_not_read(booth: Booth) -> None:
    record = await booth.asked(state=State.VOID)
    booth.react()
    await booth.ballots.sweep()

    assert await booth.lines(record) == []


async def test_a_change_of_the_plan_is_looked_at_and_another_is_not(booth: Booth) -> None:
    record = await booth.asked()
    booth.react()
    await booth.ballots.noticed(replace(booth.plan, id="another"))
    assert await booth.lines(record) == []
    await booth.ballots.noticed(booth.plan)
    assert await booth.lines(record) == [APPROVED]


async def test_what_people_say_costs_no_look_into_the_store(booth: Booth) -> None:
    await booth.asked()
    said = booth.world.chat.say("uBo", "hello")
    await booth.store.close()

    await booth.ballots.noticed(said)


@pytest.mark.parametrize("number", [1, 2])
async def test_a_vote_on_a_plan_that_was_made_anew_is_answered_with_its_code(
    booth: Booth, number: int
) -> None:
    old = post_id("op", "plan", str(number))
    record = await booth.asked(round=3, code="7F3K-3", approval=post_id("op", "plan", "3"))
    await booth.chat.post(Post(old, ROOM, "an old plan", record.thread))
    booth.world.chat.react("uBo", old, YES)

    await booth.ballots.noticed(booth.world.chat.archive.get(old).message)

    code = "7F3K" if number == 1 else "7F3K-2"
    (*_, (where, _, text)) = await booth.said()
    assert where == "@uBo"
    assert f"Your vote on {code} does not count: that plan was made anew" in text
    seen = {n: len(await booth.store.votes.of("op", n)) for n in (1, 2, 3)}
    assert seen == {1: 0, 2: 0, 3: 0} | {number: 1}
    assert booth.woken() == []


async def test_a_vote_after_the_end_is_answered_and_wakes_nobody(booth: Booth) -> None:
    record = await booth.asked(state=State.CANCELLED)
    booth.react()
    await booth.ballots.noticed(booth.plan)

    assert "already cancelled" in (await booth.said())[0][2]
    assert len(await booth.votes(record)) == 1
    assert booth.woken() == []


@pytest.mark.parametrize("on_call", [True, False])
async def test_a_hand_holds_what_runs_and_releases_by_who_is_on_call(
    booth: Booth, on_call: bool
) -> None:
    who = "bo" if on_call else "cleo"
    record = await booth.asked(replace(FLIGHT, started=FLIGHT.opened), state=State.RUNNING)
    for on in (True, False):
        booth.react(HAND, by=f"u{who.title()}", on=on)
        await booth.ballots.observe(record)

    told = [one for one in booth.woken() if one["kind"] != "votes"]
    held = {"kind": "hold", "round": 1, "by": who}
    assert told == [held, *([{"kind": "release", "round": 1, "by": who}] if on_call else [])]


async def test_no_other_reaction_and_no_bot_holds_what_runs(booth: Booth) -> None:
    record = await booth.asked(replace(FLIGHT, started=FLIGHT.opened), state=State.RUNNING)
    people = booth.world.chat.people
    people.add(replace(people.user("uVic"), type="bot"))
    booth.react(HAND, by="uVic")
    booth.react(NO, by="uBo")
    await booth.ballots.observe(record)
    booth.react(NO, by="uBo", on=False)
    await booth.ballots.observe(record)

    assert {one["kind"] for one in booth.woken()} == {"votes"}


async def test_to_take_an_approval_back_after_the_start_releases_nothing(booth: Booth) -> None:
    record = await booth.asked()
    booth.react()
    await booth.ballots.observe(record)
    detail = packed(replace(unpacked(record) or FLIGHT, started=FLIGHT.opened))
    booth.react(on=False)
    await booth.ballots.observe(replace(record, state=State.RUNNING, detail=detail))

    assert {one["kind"] for one in booth.woken()} == {"votes"}


async def test_before_the_start_a_hand_is_a_vote_and_no_order(booth: Booth) -> None:
    record = await booth.asked()
    booth.react(HAND)
    await booth.ballots.observe(record)

    assert [one["kind"] for one in booth.woken()] == ["votes"]


async def test_two_who_read_at_once_write_each_vote_down_once(booth: Booth) -> None:
    record = await booth.asked()
    booth.react()
    await asyncio.gather(*(booth.ballots.observe(record) for _ in range(4)))

    assert await booth.lines(record) == [APPROVED]


async def test_how_late_it_was_is_forgotten_with_the_operation_and_not_before(
    booth: Booth,
) -> None:
    waits = await booth.asked()
    over = replace(waits, id="over", code="OVER", state=State.CANCELLED)
    await booth.store.operations.save(over)
    seen = [booth.ballots.now(record) for record in (waits, over)]
    booth.clock.move(timedelta(hours=-1))
    await booth.ballots.sweep()

    assert booth.ballots.now(waits) >= seen[0]
    assert booth.ballots.now(over) < seen[1]


async def test_a_reaction_that_does_not_count_is_answered_with_a_no(booth: Booth) -> None:
    record = await booth.asked()
    booth.react(by="uCleo")
    await booth.ballots.observe(record)

    [(_, _, text)] = await booth.said()
    assert text.startswith(":no_entry: Your vote on 7F3K does not count")
