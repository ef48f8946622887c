"""Schedules, from what is typed to what is posted without anybody asking."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.ports.chat import Message
from tests.commands.room import START, Room, settings
from tests.faults.store import unwritten

MORNING = '!schedule add morning "*/10 * * * *" !status'


def posted(room: Room, word: str = "Rocket.Chat") -> list[Message]:
    """What Houston said in the room itself, below nothing."""
    return [
        message
        for message in room.world.chat.messages("ops")
        if message.thread is None and message.author.id == "uHouston" and word in message.text
    ]


async def test_a_schedule_posts_in_the_room_at_its_time_and_once(room: Room) -> None:
    answer = await room.ask(MORNING)
    assert "morning runs !status" in answer
    assert "Tue 24 Nov 15:10 GMT" in answer
    await room.quiet(31 * 60)

    times = [message.at - START for message in posted(room)]
    assert len(times) == 3
    assert all(at % timedelta(minutes=10) < timedelta(seconds=5) for at in times)


async def test_it_is_listed_paused_resumed_and_removed(room: Room) -> None:
    await room.ask(MORNING)
    assert "2 of 2 schedules are active" in await room.ask("!schedule list")
    assert "morning rests" in await room.ask("!schedule pause morning")
    assert "paused" in await room.ask("!schedule list")
    await room.quiet(25 * 60)
    assert posted(room) == []

    assert "goes on" in await room.ask("!schedule resume morning")
    await room.quiet(10 * 60)
    assert len(posted(room)) == 1
    assert "morning is gone" in await room.ask("!schedule remove morning")
    await room.quiet(25 * 60)
    assert len(posted(room)) == 1


async def test_running_it_now_answers_who_asked(room: Room) -> None:
    await room.ask(MORNING)

    assert "is well" in await room.ask("!schedule run morning")


async def test_the_command_of_a_schedule_may_have_options_and_quotes(room: Room) -> None:
    line = '!logs rocketchat-account --grep "no such file" --since 1h'
    await room.ask(f'!schedule add errors "0 9 * * *" {line} --in-zone UTC')

    assert line in await room.ask("!schedule list")
    assert "rocketchat-account" in await room.ask("!schedule run errors")


async def test_schedules_that_run_each_other_end_with_the_reason(room: Room) -> None:
    await room.ask('!schedule add one "0 4 * * *" !schedule run two')
    await room.ask('!schedule add two "0 4 * * *" !schedule run one')

    assert "!schedule run one leads to itself" in await room.ask("!schedule run one")
    assert "is well" in await room.ask("!status")


async def test_a_schedule_answers_in_the_room_it_names(room: Room) -> None:
    await room.ask(f"{MORNING} --room #ops")
    await room.quiet(11 * 60)

    assert len(posted(room)) == 1


async def test_times_missed_while_houston_was_away_are_caught_up_once(room: Room) -> None:
    await room.ask(MORNING)
    await room.restart(after=65 * 60)
    await room.quiet(60)

    assert len(posted(room)) == 1


async def test_times_missed_while_chat_was_away_are_caught_up_once(room: Room) -> None:
    await room.ask(MORNING)
    room.world.chat.set_up(False)
    await room.quiet(65 * 60)
    room.world.chat.set_up(True)
    await room.quiet(120)
    assert posted(room) == []  # what came back with chat comes back one by one

    await room.quiet(4 * 60)
    assert len(posted(room)) == 1


async def test_a_time_that_comes_while_the_cluster_is_on_its_way_waits_for_it(room: Room) -> None:
    await room.ask(MORNING)
    room.world.power.provisioning = "Starting"
    await room.quiet(13 * 60)
    assert posted(room, "") == []

    room.world.power.provisioning = "Succeeded"
    await room.quiet(60)
    assert len(posted(room)) == 1


async def test_a_store_that_is_away_for_a_moment_does_not_silence_schedules(room: Room) -> None:
    await room.ask(MORNING)
    database = room.store._database  # noqa: SLF001  # to break it
    rename = "alter table {} rename to {}"
    names = "houston_documents", "away"
    await database.run(lambda c: c.exec_driver_sql(rename.format(*names)))
    await room.quiet(60)
    await database.run(lambda c: c.exec_driver_sql(rename.format(*reversed(names))))
    await room.quiet(10 * 60)

    assert len(posted(room)) == 1


async def test_a_restart_at_the_very_time_neither_loses_nor_repeats_it(room: Room) -> None:
    await room.ask(MORNING)
    for _ in range(4):
        await asyncio.sleep(297)
        await room.restart(after=6)
    await room.quiet(60)

    assert len(posted(room)) == 2


async def test_a_time_that_was_taken_when_houston_was_killed_is_not_run_again(room: Room) -> None:
    await room.ask(MORNING)
    before = await room.store.documents.get("schedule-done", "morning")
    assert before is not None
    await room.quiet(11 * 60)
    await room.app.stop()
    await room.store.documents.put("schedule-done", "morning", before)
    await room.restart(after=1)
    await room.quiet(60)

    entries = [stored.entry for stored in await room.store.audit.read(0, 100)]
    answered = [entry for entry in entries if entry.event == "command.answered"]
    assert [entry.actor for entry in answered] == ["uAna", "schedule:morning"]


async def test_a_schedule_has_only_its_own_rights(room: Room) -> None:
    await room.ask('!schedule add grow "*/10 * * * *" !scale presence 2')
    await room.quiet(11 * 60)

    [said] = posted(room, "role operator")
    assert "needs the role operator" in said.text
    assert room.world.remote.commits() == [room.first_commit]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!schedule", "needs one more word"),
        ("!schedule add", "NAME is missing"),
        ('!schedule add x "* * * *" !status', "is no schedule"),
        ('!schedule add x "61 * * * *" !status', '"30 8 * * mon-fri"'),
        ("!schedule add x 30 8 * * * !status", 'in quotes, like "30 8 * * mon-fri"'),
        ('!schedule add "No Name" "0 9 * * *" !status', "no name is no name: use at most 31 small"),
        ('!schedule add x "0 9 * * *"', "COMMAND is missing"),
        ('!schedule add x "0 9 * * *" !sttaus', "Did you mean"),
        ('!schedule add x "0 9 * * *" !scale presence', "N is missing"),
        ('!schedule add x "0 9 * * *" !status --in-zone Mars/Base', "Mars/Base is no time zone"),
        ('!schedule add x "0 9 * * *" !status --room nowhere', "I do not talk in #nowhere"),
        ("!schedule pause nothing", "There is no schedule"),
        ("!schedule remove configured", "stands in the configuration"),
        ('!schedule add configured "0 9 * * *" !status', "already"),
    ],
)
async def test_words_that_do_not_fit_change_nothing(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert "0 of 0" not in await room.ask("!schedule list")


async def test_who_is_no_operator_changes_no_schedule(room: Room) -> None:
    assert "needs the role operator" in await room.ask(MORNING, by="uVic")
    assert "1 schedules" in await room.ask("!schedule list", by="uVic")


@pytest.fixture
def configured() -> dict[str, Any]:
    """A schedule of the configuration that is far off."""
    far = {"name": "configured", "cron": "0 4 * * *", "command": "!ops", "missed": "report"}
    return {"schedules": [far]}


@pytest.fixture
async def room_settings(configured: dict[str, Any]) -> Any:
    return settings(**configured)


async def test_a_missed_time_is_reported_where_that_is_wanted(room: Room) -> None:
    room.world.runbooks.keep_up(23)
    await room.quiet(60)
    await room.restart(after=14 * 3600)
    await room.quiet(60)

    [said] = posted(room, "was missed")
    assert "!schedule run configured" in said.text


async def test_a_missed_time_is_reported_also_by_a_store_that_fails_at_that_moment(
    room: Room,
) -> None:
    room.world.runbooks.keep_up(23)
    await room.quiet(60)
    with unwritten("houston_posts", 3) as refused:
        await room.restart(after=14 * 3600)
        await room.quiet(120)

    assert len(refused) == 3
    [said] = posted(room, "was missed")
    assert "!schedule run configured" in said.text
