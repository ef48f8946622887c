"""`!oncall`: who may approve now, and how a shift changes hands."""

from __future__ import annotations

from tests.commands.room import Room


async def test_who_is_on_call_is_shown(room: Room) -> None:
    answer = await room.ask("!oncall")

    assert "On call now: Ana Ferreira, Bo Lindqvist, Dee Okafor" in answer
    assert "Cleo" not in answer


async def test_a_shift_taken_in_chat_lets_a_later_plan_be_approved(room: Room) -> None:
    answer = await room.ask("!oncall take 1h", by="uCleo")
    record = await room.approved("!scale presence 2", voter="uCleo")

    assert "Cleo Marsh is on call until 16:00" in answer
    assert record.state == "succeeded"


async def test_nobody_comes_on_call_for_a_plan_they_have_already_seen(room: Room) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    await room.ask("!oncall take 1h", by="uCleo")
    answer = await room.ask(f"!approve {record.code}", by="uCleo")

    assert "came on call after this was asked" in answer
    assert (await room.ended(said)).state == "expired"


async def test_a_shift_that_ended_does_not_count(room: Room) -> None:
    await room.ask("!oncall take 30m", by="uCleo")
    await room.quiet(31 * 60)
    record = await room.waiting(await room.say("!scale presence 2"))

    assert "not on call now" in await room.ask(f"!approve {record.code}", by="uCleo")


async def test_a_shift_changes_hands_when_the_other_accepts(room: Room) -> None:
    offered = await room.ask("!oncall swap cleo 2h", by="uBo")
    assert "Cleo Marsh has an hour" in offered
    assert "Bo Lindqvist" in await room.ask("!oncall")

    assert '!oncall swap "Bo Lindqvist"' in offered
    accepted = await room.ask('!oncall swap "Bo Lindqvist"', by="uCleo")
    assert "Cleo Marsh is on call for Bo Lindqvist until 17:0" in accepted
    now = await room.ask("!oncall")
    assert "On call now: Ana Ferreira, Cleo Marsh, Dee Okafor" in now

    await room.quiet(2 * 3600)
    assert "Bo Lindqvist" in await room.ask("!oncall")


async def test_an_offer_that_is_too_old_is_none(room: Room) -> None:
    await room.ask("!oncall swap cleo 2h", by="uBo")
    await room.quiet(3700)

    assert "You are not on call" in await room.ask("!oncall swap bo", by="uCleo")


async def test_who_was_relieved_does_not_approve(room: Room) -> None:
    await room.ask("!oncall swap cleo 2h", by="uBo")
    await room.ask("!oncall swap bo", by="uCleo")
    record = await room.waiting(await room.say("!scale presence 2"))

    assert "not on call" in await room.ask(f"!approve {record.code}", by="uBo")


async def test_who_hands_over_a_shift_taken_in_chat_is_off_until_taking_one_anew(
    room: Room,
) -> None:
    await room.ask("!oncall take 4h", by="uCleo")
    await room.ask("!oncall swap bo 2h", by="uCleo")
    await room.ask("!oncall swap cleo", by="uBo")
    assert "Cleo" not in await room.ask("!oncall")

    assert "is on call until 16:00" in await room.ask("!oncall take 1h", by="uCleo")
    assert "Cleo Marsh until about Tue 16:" in await room.ask("!oncall")


async def test_a_shift_is_not_shortened_by_taking_it_again(room: Room) -> None:
    await room.ask("!oncall take 4h", by="uCleo")
    answer = await room.ask("!oncall take 2h", by="uCleo")

    assert "You are on call until 19:00 GMT already" in answer
    assert "until about Tue 19:" in await room.ask("!oncall")
    assert "is on call until 20:00" in await room.ask("!oncall take 5h", by="uCleo")


async def test_words_that_do_not_fit_are_refused(room: Room) -> None:
    assert "cannot hand your shift to yourself" in await room.ask("!oncall swap ana")
    assert "at most 24 h" in await room.ask("!oncall take 25h")
    assert "is no approver" in await room.ask("!oncall swap vic")
    assert "needs the role approver" in await room.ask("!oncall take 1h", by="uVic")


async def test_the_week_is_a_line_a_change(room: Room) -> None:
    await room.ask("!oncall take 2h", by="uCleo")
    answer = await room.ask("!oncall week")

    assert "Tue 24 Nov 15:00 GMT Ana Ferreira, Bo Lindqvist, Cleo Marsh, Dee Okafor" in answer
    assert "Tue 24 Nov 17:" in answer
