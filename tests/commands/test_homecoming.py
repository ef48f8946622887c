"""What was done while chat was away is told once, when it is back."""

from __future__ import annotations

from tests.commands.room import Room


def digests(room: Room) -> list[str]:
    return [
        message.text
        for message in room.world.chat.messages("ops")
        if "Chat is back after" in message.text
    ]


async def away(room: Room, minutes: int) -> None:
    room.world.chat.set_up(False)
    await room.quiet(minutes * 60)
    room.world.chat.set_up(True)
    await room.quiet(180)


async def test_a_night_in_which_nothing_happened_is_no_news(room: Room) -> None:
    await room.quiet(120)
    await away(room, 120)

    assert digests(room) == []


async def test_an_operation_that_ended_meanwhile_is_told_once(room: Room) -> None:
    await room.quiet(120)
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.react(record)
    await room.until(said, *[state for state in type(record.state) if state == "running"])
    await away(room, 60)
    await room.restart()
    await room.quiet(180)

    [digest] = digests(room)
    assert f"`{record.code}` Scale presence from 1 to 2 · *succeeded*" in digest


async def test_a_short_absence_is_no_news(room: Room) -> None:
    await room.quiet(120)
    await away(room, 10)

    assert digests(room) == []
