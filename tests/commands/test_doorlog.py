"""What is done at a second door is told in chat: soon when chat is there, else when it is back."""

from __future__ import annotations

import pytest

from bot import doorway
from bot.ports.chat import Message
from bot.ports.store import CONSOLE, DOORS, LOCAL, State
from tests.commands.room import Room


async def said(room: Room, line: str, by: str = LOCAL, who: int = 0) -> Message:
    message = doorway.message(room.settings.policy.people[who], line, room.world.clock, by)
    await room.store.ledger.submit(message)
    return message


def told(room: Room) -> list[str]:
    return [
        doorway.readable(message.text)
        for message in room.world.chat.messages("ops")
        if "At a second door" in message.text
    ]


@pytest.mark.parametrize("by", [LOCAL, CONSOLE])
async def test_while_chat_is_there_it_is_told_soon(room: Room, by: str) -> None:
    await said(room, "!whoami", by)
    await said(room, "!scale nothing 2", by)
    await room.quiet(60)

    text = "\n".join(told(room))
    assert f"15:00 GMT Ana Ferreira at the {DOORS[by]}: !whoami · Ana Ferreira: approver" in text
    assert "!scale nothing 2 refused · nothing is no service; there are: rocketchat" in text


async def test_what_was_done_while_chat_was_away_is_told_once_when_it_is_back(room: Room) -> None:
    room.world.chat.set_up(False)
    for who in range(3):
        await said(room, "!whoami", CONSOLE, who)
    await room.quiet(600)
    await room.restart()
    room.world.chat.set_up(True)
    await room.quiet(120)
    await room.restart()
    await room.quiet(120)

    [text] = told(room)
    assert text.count("at the console: !whoami") == 3
    assert "15:00 GMT" in text


async def test_an_operation_is_told_with_its_vote_and_its_end(room: Room) -> None:
    message = await said(room, "!scale presence 2", CONSOLE)
    record = await room.until(message, State.WAITING)
    await room.quiet(30)
    assert f"`!approve {record.code}`".replace("`", "") in told(room)[-1]

    answer = await room.ask(f"!approve {record.code}", by="uBo")
    assert "1 of 1 approved" in answer
    await room.ended(message)
    await room.quiet(30)
    assert f"{record.code} Scale presence from 1 to 2 succeeded" in "\n".join(told(room))


async def test_more_than_fits_is_told_in_several_messages_and_nothing_twice(room: Room) -> None:
    room.world.chat.set_up(False)
    for _ in range(45):
        await said(room, "!whoami")
    await room.quiet(60)
    room.world.chat.set_up(True)
    await room.quiet(120)

    assert [text.count("!whoami") for text in told(room)] == [20, 20, 5]


async def test_what_is_said_in_chat_is_not_told_again(room: Room) -> None:
    await room.ask("!whoami")
    await room.quiet(60)

    assert told(room) == []
