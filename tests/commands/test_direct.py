"""What is said to Houston alone: heard live, after a gap, once; and what is not taken there."""

from __future__ import annotations

import pytest

from tests.commands.alone import ask_alone, whisper
from tests.commands.room import Room

TOKEN = "ghp_" + "a1B2" * 9


async def test_a_reading_command_is_answered_where_it_was_said(room: Room) -> None:
    answer = await ask_alone(room, "!whoami")

    assert "Ana Ferreira" in answer
    assert not any("Ana Ferreira" in m.text for m in room.world.chat.messages("ops"))


@pytest.mark.parametrize(
    "line",
    ["!scale presence 2", "!freeze for a while", "!oncall take 2h", "!approve 7F3K", "!hold 7F3K"],
)
async def test_what_colleagues_must_see_is_not_taken_alone(room: Room, line: str) -> None:
    answer = await ask_alone(room, line)

    assert "is not taken in direct messages" in answer
    assert "Say it in #ops" in answer
    assert await room.store.operations.open() == []
    assert await room.store.documents.all("freeze") == {}


async def test_who_is_not_in_the_roster_is_told_nothing_alone(room: Room) -> None:
    """Whoever can write to Houston need not be let into #ops."""
    answer = await ask_alone(room, "!pods", by="uVic")

    assert "people of the roster only" in answer
    assert "rocketchat" not in answer


async def test_what_was_said_alone_while_the_link_was_down_is_answered_once(room: Room) -> None:
    await ask_alone(room, "!whoami")
    room.world.chat.drop_links()
    said = whisper(room, "!whoami")
    first = whisper(room, "!whoami", by="uBo")
    await room.quiet(60)
    room.world.chat.star(said.id)
    await room.restart()
    await room.quiet(60)

    assert len(room.thread(said)) == 1
    assert len(room.thread(first)) == 1


async def test_what_was_said_alone_while_houston_was_away_is_answered(room: Room) -> None:
    await ask_alone(room, "!whoami")
    await room.app.stop()
    said = whisper(room, "!whoami")
    await room.restart()

    assert "Ana Ferreira" in await room.answer(said)


async def test_prose_is_not_answered(room: Room) -> None:
    said = whisper(room, "good morning")
    await room.quiet(30)

    assert room.thread(said) == []


async def test_a_command_edited_into_being_is_not_run_alone_either(room: Room) -> None:
    said = whisper(room, "who am I")
    await room.quiet(5)
    room.world.chat.edit("uAna", said.id, "!whoami")

    assert "Edits are not run" in await room.answer(said)


async def test_a_secret_pasted_alone_in_a_thread_or_by_an_edit_is_noticed_and_not_kept(
    room: Room,
) -> None:
    whisper(room, f"is {TOKEN} right?")
    root = await room.say("look")
    await room.say(f"here: {TOKEN}", by="uBo", thread=root.id)
    edited = await room.say("harmless", by="uCleo")
    await room.quiet(5)
    room.world.chat.edit("uCleo", edited.id, f"!freeze {TOKEN}")
    await room.quiet(5)

    for who in ("uAna", "uBo", "uCleo"):
        told = [text for text in room.private(who) if "renew that secret" in text]
        assert len(told) == 1, who
    assert TOKEN not in room.store.dump()


async def test_nothing_is_posted_alone_that_belongs_in_the_room(room: Room) -> None:
    """Schedules and reports go to the first room that is heard."""
    await ask_alone(room, "!whoami")

    assert [heard.name for heard in room.app.listener.rooms] == ["ops"]
