"""Votes in words, holds that are lifted, and the count that is acted on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.approvals import Verdict
from bot.errors import Missing, Refused
from bot.plan import Tier
from bot.ports.chat import Author
from bot.ports.store import CONSOLE, LOCAL, Choice, Record, State
from tests.core.booth import ROOM, Booth, opened
from tests.core.test_judge import FLIGHT, WAIT

pytestmark = pytest.mark.looptime(start=time.monotonic, noop_cycles=1)
ANA, BO, BO2 = Author("uAna", "ana"), Author("uBo", "bo"), Author("uBo2", "bo2")
CLEO, DEE = Author("uCleo", "cleo"), Author("uDee", "dee")
ALONE = replace(FLIGHT, approvals=2, alone_after=WAIT)
YES, NO, HOLD = Choice.APPROVE, Choice.DENY, Choice.HOLD


@pytest.fixture
async def booth() -> AsyncIterator[Booth]:
    async with opened() as made:
        yield made


async def test_a_vote_in_words_is_written_down_answered_and_told(booth: Booth) -> None:
    record = await booth.asked()
    answer = await booth.ballots.say(record, BO, YES, ROOM)

    assert (answer.text, answer.counted) == ("bo approves 7F3K · 1 of 1 approved (bo)", True)
    assert await booth.lines(record) == [("bo", "approve", True, "text")]
    assert booth.woken() == [{"kind": "votes", "round": 1}]
    assert await booth.events() == ["vote.approve"]


async def test_in_words_too_it_must_be_somebody_s_to_say(booth: Booth) -> None:
    record = await booth.asked()
    answer = await booth.ballots.say(record, ANA, YES, ROOM)

    assert not answer.counted
    assert "you asked for this" in answer.text


async def test_before_there_is_a_plan_there_is_nothing_to_vote_on(booth: Booth) -> None:
    record = replace(await booth.asked(), detail={})
    said = await booth.ballots.say(record, BO, YES, ROOM)
    alone = await booth.ballots.override(record, BO, "at night", ROOM)

    assert {said.text, alone.text} == {"There is nothing to vote on yet."}
    assert await booth.lines(record) == []


@pytest.mark.parametrize(
    ("asked_in", "said_in", "source", "taken"),
    [
        (ROOM, ROOM, "text", True),
        (ROOM, "rOther", "text", False),
        (ROOM, "rPrivate", "code", True),
        (ROOM, LOCAL, "text", True),
        (ROOM, CONSOLE, "text", True),
        (CONSOLE, "rOther", "text", True),
        (CONSOLE, LOCAL, "text", True),
    ],
)
async def test_words_count_in_the_room_that_asked_at_a_door_and_by_code(
    booth: Booth, asked_in: str, said_in: str, source: str, taken: bool
) -> None:
    flight = replace(FLIGHT, tier=Tier.MEDIUM)
    record = await booth.asked(flight, shown=False, room_id=asked_in)
    answer = await booth.ballots.say(record, BO, YES, said_in, source)

    assert answer.counted is taken
    assert len(await booth.votes(record)) == taken
    assert taken or answer.text == "7F3K was asked for in another room: go there."


async def test_in_chat_the_account_is_looked_up_and_at_a_door_it_was_proven(booth: Booth) -> None:
    record = await booth.asked(replace(FLIGHT, tier=Tier.MEDIUM))
    booth.world.chat.people.deactivate("uBo")

    chat = await booth.ballots.say(record, BO, YES, ROOM)
    door = await booth.ballots.say(record, BO, YES, CONSOLE)
    assert (chat.counted, door.counted) == (False, True)
    assert [vote.door for vote in await booth.votes(record)] == ["", CONSOLE]


async def test_a_name_that_changed_hands_votes_for_nobody(booth: Booth) -> None:
    record = await booth.asked()
    booth.world.chat.rename("uBo", "robert")
    booth.world.chat.rename("uDee", "bo")

    answer = await booth.ballots.say(record, BO, YES, ROOM)
    assert answer.text == "The name bo belongs to another account now. Not counted."
    assert (answer.counted, await booth.votes(record)) == (False, [])


async def test_at_a_door_what_is_dangerous_is_objected_to_and_never_approved(
    booth: Booth,
) -> None:
    record = await booth.asked(ALONE)
    for meant in (NO, HOLD):
        assert (await booth.ballots.say(record, BO, meant, CONSOLE)).counted
    with pytest.raises(Refused, match="Tier high is taken at the console only while chat"):
        await booth.ballots.say(record, BO, YES, CONSOLE)
    with pytest.raises(Refused, match="Tier high is taken at the console only while chat"):
        await booth.ballots.override(record, BO, "at night", CONSOLE)
    assert [vote.choice for vote in await booth.votes(record)] == [NO, HOLD]


async def test_who_is_on_call_is_read_with_each_word(booth: Booth) -> None:
    record = await booth.asked()
    await booth.relieved("uBo", by="uDee")

    answer = await booth.ballots.say(record, BO, YES, ROOM)
    assert "you are not on call now" in answer.text


async def test_everybody_who_could_object_hears_of_a_single_person(booth: Booth) -> None:
    record = await booth.asked(ALONE, requester_id="uEve")
    for gone in ("uAna", "uDee"):
        await booth.relieved(gone, by="uEve")

    answer = await booth.ballots.override(record, BO, "at *night*", ROOM)

    assert answer.counted
    assert "7F3K · Scale web to 2: 0 of 2 approved · single-person override by bo" in answer.text
    assert "Reason: at night" in answer.text.replace("\\", "").replace("*", "")
    said = await booth.said()
    assert [(where, below) for where, below, _ in said] == [
        (f"@{id}", False) for id in ("uAna", "uCleo", "uDee")
    ]
    assert {text for *_, text in said} == {answer.text}
    assert await booth.lines(record) == [("bo", "approve", True, "override")]
    assert booth.woken() == [{"kind": "votes", "round": 1}]


async def test_whoever_came_on_call_elsewhere_can_be_asked(booth: Booth) -> None:
    record = await booth.asked(ALONE)
    for gone in ("uAna", "uDee"):
        await booth.relieved(gone, by="uEve")
    await booth.ballots.count(record, ALONE)
    await booth.called("uDee")

    with pytest.raises(Refused, match="You are not alone: Dee can approve"):
        await booth.ballots.override(record, BO, "at night", ROOM)


async def test_a_release_lifts_each_hold_that_stands_and_nothing_else(booth: Booth) -> None:
    record = await booth.asked()
    for who, meant in ((BO, YES), (CLEO, HOLD), (DEE, HOLD)):
        await booth.ballots.say(record, who, meant, ROOM)
    before = await booth.votes(record)
    assert (await booth.ballots.count(record, FLIGHT)).verdict is Verdict.HELD

    await booth.ballots.release(record, BO)

    lifted = (await booth.votes(record))[len(before) :]
    assert [(one.username, one.choice, one.present) for one in lifted] == [
        ("cleo", HOLD, False),
        ("dee", HOLD, False),
    ]
    assert (await booth.ballots.count(record, FLIGHT)).verdict is Verdict.APPROVED
    assert len(booth.woken()) == 4
    known = await booth.votes(record)
    assert not await booth.ballots.release(record, BO)
    assert await booth.votes(record) == known
    assert len(booth.woken()) == 4


async def test_a_release_by_who_is_not_on_call_leaves_the_hold_to_be_lifted(booth: Booth) -> None:
    record = await booth.asked()
    await booth.ballots.say(record, CLEO, HOLD, ROOM)

    assert await booth.ballots.release(record, CLEO)
    assert (await booth.ballots.count(record, FLIGHT)).verdict is Verdict.HELD
    assert await booth.ballots.release(record, BO)
    assert (await booth.ballots.count(record, FLIGHT)).verdict is Verdict.OPEN


async def test_the_count_reads_who_is_on_call(booth: Booth) -> None:
    record = await booth.asked()
    await booth.ballots.say(record, BO, YES, ROOM)
    assert (await booth.ballots.count(record, FLIGHT)).verdict is Verdict.APPROVED
    await booth.relieved("uBo", by="uDee")

    assert (await booth.ballots.count(record, FLIGHT)).verdict is Verdict.OPEN


async def approved(booth: Booth, room: str = ROOM) -> Record:
    record = await booth.asked(replace(FLIGHT, tier=Tier.MEDIUM))
    await booth.ballots.say(record, BO, YES, room)
    return record


async def verdict(booth: Booth, record: Record) -> Verdict:
    return (await booth.ballots.confirmed(record, FLIGHT)).verdict


async def test_an_account_that_is_as_it_was_is_still_counted_at_the_gate(booth: Booth) -> None:
    record = await approved(booth)

    assert await verdict(booth, record) is Verdict.APPROVED
    assert len(await booth.votes(record)) == 1


@pytest.mark.parametrize("change", ["renamed", "gave the name away", "closed", "a guest"])
async def test_an_account_that_changed_is_not_counted_at_the_gate(
    booth: Booth, change: str
) -> None:
    record = await approved(booth)
    people = booth.world.chat.people
    if change in {"renamed", "gave the name away"}:
        booth.world.chat.rename("uBo", "robert")
    if change == "gave the name away":
        booth.world.chat.rename("uDee", "bo")
    if change == "closed":
        people.deactivate("uBo")
    if change == "a guest":
        people.add(replace(people.user("uBo"), roles=("guest",)))

    assert await verdict(booth, record) is Verdict.OPEN
    gone = (await booth.votes(record))[-1]
    assert (gone.username, gone.present, gone.source) == ("bo", False, "gate")
    assert gone.reason == "the account was renamed or closed"


async def test_who_voted_at_a_door_proved_there_who_they_are(booth: Booth) -> None:
    record = await approved(booth, CONSOLE)
    booth.world.chat.rename("uBo", "robert")

    assert await verdict(booth, record) is Verdict.APPROVED


async def test_of_two_who_approved_only_the_one_who_changed_is_withdrawn(booth: Booth) -> None:
    record = await approved(booth)
    await booth.ballots.say(record, DEE, YES, CONSOLE)
    booth.world.chat.people.deactivate("uBo")

    assert await verdict(booth, record) is Verdict.APPROVED
    assert [vote.username for vote in await booth.votes(record)] == ["bo", "dee", "bo"]


async def test_a_look_at_an_account_that_fails_decides_nothing(booth: Booth) -> None:
    record = await booth.asked()
    with pytest.raises(Missing):
        await booth.ballots.say(record, Author("uBo", "nobody"), YES, ROOM)
    assert await booth.votes(record) == []


async def test_a_vote_in_words_after_the_end_wakes_nobody(booth: Booth) -> None:
    record = await booth.asked(state=State.SUCCEEDED)
    answer = await booth.ballots.say(record, BO, YES, ROOM)

    assert "already succeeded" in answer.text
    assert booth.woken() == []
