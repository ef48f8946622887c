"""A stream that dies without a word: what it does not tell is found, and the link begun anew."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from adapters.sim.chat import SimChat
from bot.ports.chat import Message
from tests.commands.room import Room


def answers(room: Room, said: Message) -> int:
    return len(room.thread(said))


def links(room: Room) -> int:
    """How many times Houston linked anew because the stream had gone silent."""
    return int(room.app.listener.meters.deaf._value.get())  # noqa: SLF001  # no other way to read it


async def test_a_command_the_stream_never_told_of_is_run_and_the_link_begun_anew(
    room: Room,
) -> None:
    await room.ask("!whoami")
    room.world.chat.lose_subscriptions()
    missed = await room.say("!whoami")

    assert "Ana" in await room.answer(missed, patience=40)
    await room.quiet(20)
    assert links(room) == 1
    heard = await room.say("!whoami")
    assert "Ana" in await room.answer(heard, patience=2)
    await room.quiet(600)
    assert links(room) == 1
    assert (answers(room, missed), answers(room, heard)) == (1, 1)


async def test_talk_that_is_not_told_is_proof_enough(room: Room) -> None:
    room.world.chat.lose_subscriptions()
    await room.say("good morning")
    await room.quiet(50)

    assert links(room) == 1
    assert "Ana" in await room.answer(await room.say("!whoami"), patience=2)


async def test_a_stream_that_always_goes_silent_is_not_begun_anew_all_the_time(room: Room) -> None:
    said = []
    for _ in range(120):
        room.world.chat.lose_subscriptions()
        said.append(await room.say("!whoami"))
        await room.quiet(60)

    assert 3 <= links(room) <= 8
    assert [answers(room, one) for one in said] == [1] * len(said)
    shown = [room.thread(one)[0] for one in said]
    assert not [text for text in shown if "Still want this?" in text]


async def test_a_stream_that_is_only_slow_or_tells_nothing_new_is_left_alone(room: Room) -> None:
    old = await room.say("good morning")
    await room.quiet(400)
    room.world.chat.links.latest = 8.0
    for second in range(40):
        await room.say("!whoami" if second % 8 == 0 else "talk")
        await room.quiet(7)
    room.world.chat.links.latest = 0.0
    await room.quiet(60)
    # A document that changes without a word, and a notice that is hidden from the stream.
    room.world.chat.links.silence()
    document = room.world.chat.archive.get(old.id)
    room.world.chat.archive.write(document)
    room.world.chat.remove_from_room("uVic", "ops")
    await room.quiet(45)

    assert links(room) == 0


async def test_a_silent_room_is_read_often_and_one_that_talks_seldom(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[float] = []
    since = SimChat.since

    async def counted(chat: SimChat, room_id: str, at: datetime) -> list[Message]:
        reads.append(asyncio.get_running_loop().time())
        return await since(chat, room_id, at)

    monkeypatch.setattr(SimChat, "since", counted)
    await room.quiet(300)
    silent = len(reads)
    for _ in range(60):
        await room.say("talk")
        await room.quiet(5)

    assert 8 <= silent <= 11
    assert len(reads) - silent <= 2
