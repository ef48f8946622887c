"""Never deaf, never twice: whatever the link does, every command is heard, and runs once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.sim.world import Fault
from bot.ports.chat import Message
from bot.ports.store import State
from tests.commands.room import Room


def answers(room: Room, said: Message) -> int:
    return len(room.thread(said))


def edited(room: Room, said: Message) -> None:
    room.world.chat.edit("uAna", said.id, "!whoami now")


def reacted(room: Room, said: Message) -> None:
    room.world.chat.react("uBo", said.id, ":eyes:")
    room.world.chat.react("uBo", said.id, ":eyes:", on=False)


def replied(room: Room, said: Message) -> None:
    room.world.chat.say("uBo", "thanks", thread=said.id)


def pinned(room: Room, said: Message) -> None:
    room.world.chat.pin(said.id)


def starred(room: Room, said: Message) -> None:
    room.world.chat.star(said.id)


def previewed(room: Room, said: Message) -> None:
    room.world.chat.preview(said.id)


def relinked(room: Room, said: Message) -> None:
    del said
    room.world.chat.drop_links()


@pytest.mark.parametrize(
    "happens", [edited, reacted, replied, pinned, starred, previewed, relinked]
)
@pytest.mark.parametrize("twice", [False, True])
async def test_a_message_that_is_emitted_again_is_answered_once(
    room: Room, happens: Callable[[Room, Message], None], twice: bool
) -> None:
    room.world.chat.links.duplicate = twice
    said = await room.say("!whoami")
    await room.answer(said)
    happens(room, said)
    await room.quiet(20)

    assert answers(room, said) == 1
    noted = [stored.entry.event for stored in await room.store.audit.read(0, 100)]
    assert noted.count("command.answered") == 1


async def test_an_operation_begins_once_however_often_its_message_comes(room: Room) -> None:
    room.world.chat.links.duplicate = True
    room.world.chat.links.latest = 3.0
    said = await room.say("!scale presence 2 https://x.example/")
    await room.answer(said)
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    for happens in (reacted, replied, pinned, starred, previewed, relinked):
        happens(room, said)
    room.react(record)

    assert (await room.ended(said)).state == "succeeded"
    assert len(room.world.remote.commits()) == 2
    assert len(room.world.cluster.syncs) == 1
    assert sum(m.id in {record.approval, record.card} for m in room.world.chat.messages()) == 2


@pytest.mark.parametrize("text", ["!whoami", "@houston whoami"])
async def test_houston_does_not_answer_itself(room: Room, text: str) -> None:
    said = room.world.chat.say("uHouston", text)
    await room.quiet(20)

    assert answers(room, said) == 0


async def test_a_command_edited_into_being_is_not_run(room: Room) -> None:
    said = await room.say("good morning")
    room.world.chat.edit("uAna", said.id, "!scale presence 2")
    await room.quiet(20)
    room.world.chat.edit("uAna", said.id, "!scale presence 3")
    await room.quiet(20)

    (answer,) = room.thread(said)
    assert "Edits are not run" in answer
    assert await room.store.operations.recent(5) == []


Away = Callable[[Room], None]


def dropped(room: Room) -> None:
    room.world.fail("chat.connect", Fault.UNAVAILABLE, times=4)
    room.world.chat.drop_links()


def half_open(room: Room) -> None:
    room.world.chat.go_silent()


def unreadable(room: Room) -> None:
    room.world.fail("chat.since", Fault.UNAVAILABLE, times=3)
    room.world.chat.drop_links()


def forgotten(room: Room) -> None:
    room.world.chat.lose_subscriptions()


def limited(room: Room) -> None:
    room.world.fail("chat.connect", Fault.LIMITED, times=2)
    room.world.fail("chat.since", Fault.LIMITED, times=2)
    room.world.chat.drop_links()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_forty_commands_over_ten_disconnects_and_restarts_are_each_answered_once(
    room: Room, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  # a test that can be repeated
    room.world.chat.links.duplicate = True
    room.world.chat.links.latest = 2.0
    ways: list[Away | None] = [dropped, half_open, unreadable, forgotten, limited, None] * 2
    dice.shuffle(ways)
    said: list[Message] = []
    for away in ways[:10]:
        for index in range(4):
            if index == 1 and away is not None:
                away(room)
            said.append(await room.say(f"!help {dice.choice(['scale', 'status', 'why'])}"))
            await room.quiet(dice.uniform(0, 8))
        if away is None:
            await room.restart(after=dice.uniform(1, 40))
    await room.quiet(400)

    assert len(said) == 40
    assert [answers(room, one) for one in said] == [1] * 40
    shown = [room.thread(one)[0] for one in said]
    assert all(text.startswith("ℹ !") or "Still want this?" in text for text in shown)
    assert sum(text.startswith("ℹ !") for text in shown) > 25


async def test_what_is_found_late_is_asked_about_and_not_run(room: Room) -> None:
    await room.app.stop()
    said = await room.say("!scale presence 2")
    await room.quiet(180)
    await room.restart()
    answer = await room.answer(said)
    await room.quiet(60)

    assert "Still want this? It was said 3 min" in answer
    assert "Next: !scale presence 2" in answer
    assert await room.store.operations.recent(5) == []
    assert answers(room, said) == 1


async def test_what_is_found_in_time_is_run(room: Room) -> None:
    await room.app.stop()
    said = await room.say("!scale presence 2")
    await room.restart(after=90)

    assert (await room.waiting(said)).state is State.WAITING


async def test_a_room_where_nobody_had_spoken_is_read_from_the_last_stop(room: Room) -> None:
    await room.app.stop()
    said = await room.say("!status")
    await room.restart(after=3600)

    assert "Still want this?" in await room.answer(said)


async def test_a_catch_up_that_fails_is_tried_again_from_the_same_place(room: Room) -> None:
    room.world.fail("chat.connect", Fault.UNAVAILABLE, times=4)
    room.world.chat.drop_links()
    await room.quiet(2)
    missed = await room.say("!status")
    room.world.fail("chat.since", Fault.UNAVAILABLE, times=20)
    await room.quiet(45)
    later = await room.say("!whoami")
    await room.answer(later)

    assert await room.answer(missed, patience=120)


async def test_reading_breaks_off_in_the_middle_and_nothing_is_skipped(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old message whose document was written last must not move the cursor past the others."""
    old = await room.say("good morning")
    await room.quiet(40)
    await room.app.stop()
    said = await room.say("!whoami")
    await room.quiet(60)
    room.world.chat.react("uBo", old.id, ":wave:")
    with monkeypatch.context() as broken:
        broken.setattr(room.store.ledger, "take", full)
        await room.restart(after=1)
        await room.quiet(1)
    await room.restart(after=1)

    assert "Ana" in await room.answer(said)


async def test_what_the_server_stored_late_is_found_behind_the_cursor(room: Room) -> None:
    await room.app.stop()
    said = await room.say("!whoami")
    await room.store.ledger.advance(said.room_id, said.updated + timedelta(seconds=10))
    await room.restart(after=1)

    assert "Ana" in await room.answer(said)


async def test_a_command_that_was_taken_when_houston_was_killed_is_answered(room: Room) -> None:
    await room.app.stop()
    said = await room.say("!whoami")
    assert await room.store.ledger.take(said)
    await room.restart(after=1)
    await room.quiet(20)

    assert answers(room, said) == 1


async def full(message: Message) -> bool:
    raise OSError(f"the disk is full, {message.id} is not taken")


async def test_a_message_that_breaks_the_store_leaves_houston_hearing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = room.store.ledger.take
    broken = [True]

    async def once(message: Message) -> bool:
        if broken and broken.pop():
            return await full(message)
        return await take(message)

    monkeypatch.setattr(room.store.ledger, "take", once)
    said = await room.say("!whoami")

    assert "Ana" in await room.answer(said, patience=30)
    assert "Ana" in await room.ask("!whoami")


@pytest.mark.parametrize("before", [True, False])
async def test_an_operation_that_had_begun_goes_on_though_its_command_is_old_by_now(
    room: Room, before: bool
) -> None:
    room.journal.kill_at, room.journal.before = room.journal.writes + 1, before
    said = await room.say("!scale presence 2")
    await room.engine.died.wait()
    room.journal.kill_at = 0
    await room.restart(after=600)
    await room.quiet(30)

    asked = any("Still want this?" in text for text in room.thread(said))
    assert asked is before
    assert len(await room.store.operations.recent(5)) == (0 if before else 1)
