"""`!ops`: what runs, what waits, what ended."""

from __future__ import annotations

from tests.commands.room import Room


async def test_a_quiet_room_has_nothing_to_show(room: Room) -> None:
    assert (await room.ask("!ops")).startswith("ℹ Nothing runs and nothing waits")


async def test_what_waits_is_shown_with_who_asked_and_since_when(room: Room) -> None:
    record = await room.waiting(await room.say("!scale presence 2"))
    await room.quiet(60)
    answer = await room.ask("!ops", by="uBo")

    assert answer.startswith("↻ 1 open")
    assert f"{record.code} Scale presence from 1 to 2 · waiting · ana, 1 min 0" in answer
    assert f"Next: !why {record.code}" in answer


async def test_what_ended_lately_is_shown_with_how_it_ended(room: Room) -> None:
    done = await room.approved("!scale presence 2")
    refused = await room.ended(await room.say("!scale presence 2"))
    answer = await room.ask("!ops")

    assert answer.startswith("ℹ Nothing runs and nothing waits")
    assert "Lately:" in answer
    assert f"{done.code} Scale presence from 1 to 2 · succeeded · ana" in answer
    assert f"{refused.code} !scale presence 2 · refused · ana" in answer


async def test_what_runs_stands_before_what_ended(room: Room) -> None:
    done = await room.approved("!scale presence 2")
    said = await room.say("!scale account 2", by="uBo")
    record = await room.waiting(said)
    room.react(record, by="uDee")
    await room.quiet(5)
    answer = await room.ask("!ops")

    assert answer.index(f"{record.code} Scale account") < answer.index(f"{done.code} Scale")
    assert "· running ·" in answer
    assert (await room.ended(said)).state == "succeeded"


async def test_what_a_person_typed_does_nothing_in_the_list(room: Room) -> None:
    await room.ended(await room.say("!scale @all*x* 2"))
    await room.ask("!ops")
    raw = room.world.chat.messages("ops")[-1].text

    assert "@all" not in raw
    assert r"\*x\*" in raw
