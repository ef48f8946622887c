"""`!why`: the whole decision on an operation."""

from __future__ import annotations

from bot.flight import unpacked
from tests.commands.room import Room


async def test_the_plan_the_policy_the_votes_and_the_trail_are_shown(room: Room) -> None:
    record = await room.approved("!scale presence 2")
    answer = await room.ask(f"!why {record.code}")
    flight = unpacked(record)

    assert flight
    assert f"Scale presence from 1 to 2 · {record.code} · succeeded" in answer.splitlines()[0]
    assert "Asked by ana with !scale presence 2." in answer
    assert f"Plan {flight.digest}; policy: tier medium" in answer
    assert "needs 1 on-call approval(s)" in answer
    assert "✔ aks-rocketchat-helm is Synced and Healthy" in answer
    assert "bo (uBo, on call) approve by reaction · counted" in answer
    assert "+    replicas: 2" in answer
    for event in ("operation.planned", "operation.started", "step.done", "operation.succeeded"):
        assert event in answer
    assert answer.index("operation.planned") < answer.index("operation.succeeded")
    assert f"Next: !undo {record.code}" in answer


async def test_a_vote_that_did_not_count_is_shown_with_its_reason(room: Room) -> None:
    record = await room.waiting(await room.say("!scale presence 2"))
    room.react(record, by="uVic")
    await room.quiet(5)
    answer = await room.ask(f"!why {record.code}")

    assert "vic (uVic, not on call) approve by reaction · not counted: you are not in" in answer
    assert f"Next: !abort {record.code}" in answer


async def test_a_refused_operation_says_why(room: Room) -> None:
    record = await room.ended(await room.say("!scale presence 1"))
    answer = await room.ask(f"!why {record.code}")

    assert "· refused" in answer.splitlines()[0]
    assert "presence is already 1" in answer
    assert "No votes." in answer
    assert "Next: !ops" in answer


async def test_a_code_is_found_in_any_case_and_by_anyone(room: Room) -> None:
    record = await room.waiting(await room.say("!scale presence 2"))

    assert record.code in await room.ask(f"!why {record.code.lower()}", by="uVic")


async def test_an_unknown_code_gets_those_there_are(room: Room) -> None:
    record = await room.waiting(await room.say("!scale presence 2"))
    answer = await room.ask("!why ZZZZ")

    assert "No operation has the code ZZZZ" in answer
    assert record.code in answer
    assert "There are none yet" not in answer


async def test_a_wildcard_is_no_code(room: Room) -> None:
    await room.waiting(await room.say("!scale presence 2"))

    assert "No operation has the code" in await room.ask("!why %")
    assert "No operation has the code" in await room.ask("!why ____")
