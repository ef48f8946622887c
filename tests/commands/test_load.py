"""Many people, many rooms, much talk: everybody is answered once, and quick things stay quick."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.sim.document import User
from adapters.sim.world import SLOW_SECONDS, Fault
from bot.ports.chat import Message
from bot.settings import Settings
from tests.commands.room import Room, settings
from tests.faults.store import planted

ROOMS = [f"ops-{number:02d}" for number in range(20)]
PEOPLE = [f"uMany{number:02d}" for number in range(50)]
SLOW_LINE = "!logs mongodb-0"
QUICK = 2.0
"""Seconds within which a quick command is answered, whatever else goes on."""


@pytest.fixture
def room_settings() -> Settings:
    chat = settings().chat.model_dump() | {"rooms": ["ops", *ROOMS], "per_person": 60}
    return settings(chat=chat)


async def crowd_into(room: Room) -> None:
    """Fifty more people, and twenty more rooms, all of them heard."""
    chat = room.world.chat
    for id in PEOPLE:
        chat.add_user(User(id, id.lower(), id))
        chat.people.join(id, "ops")
    for name in ROOMS:
        chat.add_room(name)
    chat.drop_links()
    await asyncio.sleep(30)
    assert len(room.app.listener.rooms) == len(ROOMS) + 1


def answers(room: Room, said: Message) -> int:
    return sum(reply.author.id == "uHouston" for reply in room.world.chat.thread(said.id))


async def test_two_hundred_commands_at_once_are_each_answered_once(room: Room) -> None:
    await crowd_into(room)
    chat = room.world.chat
    said = [
        chat.say(PEOPLE[number % 50], "!whoami", room=ROOMS[number % 20]) for number in range(200)
    ]
    await room.quiet(60)

    assert [answers(room, one) for one in said] == [1] * 200


async def test_they_are_each_answered_once_though_the_link_breaks_among_them(room: Room) -> None:
    await crowd_into(room)
    chat = room.world.chat
    said = []
    for number in range(200):
        if number % 40 == 20:
            chat.drop_links()
            await asyncio.sleep(0.5)
        said.append(chat.say(PEOPLE[number % 50], "!whoami", room=ROOMS[number % 20]))
    await room.quiet(90)

    assert [answers(room, one) for one in said] == [1] * 200


async def test_help_stays_quick_while_a_hundred_slow_commands_run(room: Room) -> None:
    await crowd_into(room)
    room.world.fail("kubernetes.logs", Fault.SLOW, times=100)
    slow = [room.world.chat.say(PEOPLE[number % 50], SLOW_LINE) for number in range(100)]
    await asyncio.sleep(1)

    await room.answer(await room.say("!help"), patience=QUICK)
    assert sum(answers(room, one) for one in slow) == 0

    await room.quiet(3 * SLOW_SECONDS)
    assert [answers(room, one) for one in slow] == [1] * 100


async def test_one_person_with_many_slow_commands_keeps_nobody_waiting(room: Room) -> None:
    await crowd_into(room)
    room.world.fail("kubernetes.logs", Fault.SLOW, times=75)
    for who in PEOPLE[:3]:
        for _ in range(25):
            room.world.chat.say(who, SLOW_LINE)
    await asyncio.sleep(1)

    await room.answer(await room.say("!nodes"), patience=QUICK)


async def test_help_stays_quick_while_a_hundred_operations_wait_and_run(room: Room) -> None:
    await crowd_into(room)
    asked = [
        room.world.chat.say(PEOPLE[number % 50] if number % 2 else "uAna", "!upgrade 7.13.1")
        for number in range(100)
    ]
    await asyncio.sleep(1)

    await room.answer(await room.say("!help", by="uBo"), patience=QUICK)
    await room.quiet(60)
    assert all(answers(room, one) >= 1 for one in asked[1::2])


async def test_help_stays_quick_while_a_hundred_operations_are_planned_at_once(room: Room) -> None:
    """Each is a durable function that is under way, and waits for a slow remote."""
    await crowd_into(room)
    room.world.fail("git.fetch", Fault.SLOW, times=100)
    asked = [
        room.world.chat.say(("uAna", "uBo")[number % 2], "!scale presence 2")
        for number in range(100)
    ]
    await asyncio.sleep(1)

    await room.answer(await room.say("!help", by=PEOPLE[0]), patience=QUICK)
    under_way = await room.engine.active()
    await room.quiet(300)

    assert len(under_way) == 100
    assert [answers(room, one) for one in asked].count(0) == 0


async def test_a_flood_of_one_person_takes_nothing_from_others(room: Room) -> None:
    """Theirs are answered up to their share, told once, and then passed over."""
    await crowd_into(room)
    chat = room.world.chat
    flood, others = [], []
    for number in range(300):
        flood.append(chat.say(PEOPLE[0], "!nodes", room=ROOMS[0]))
        if number % 30 == 0:
            others.append(chat.say(PEOPLE[1 + number // 30], "!nodes", room=ROOMS[0]))
            await room.quiet(QUICK)
            assert answers(room, others[-1]) == 1
    await room.quiet(30)
    texts = [text for one in flood for text in told(room, one)]
    too_many = [text for text in texts if "Too many commands at once" in text]

    assert len(texts) == room.settings.chat.per_person + 1
    assert len(too_many) == 1


def told(room: Room, said: Message) -> list[str]:
    return [m.text for m in room.world.chat.thread(said.id) if m.author.id == "uHouston"]


async def test_talk_costs_a_look_and_no_work_of_its_own(room: Room) -> None:
    """Ten thousand messages cost hardly more of the store than the same time in silence."""
    await crowd_into(room)
    count = [0]

    def counted(*arguments: object) -> None:
        count[0] += 1

    with planted("before_cursor_execute", counted):
        await room.quiet(20)
        silent, count[0] = count[0], 0
        tasks = len(asyncio.all_tasks())
        for number in range(10_000):
            room.world.chat.say(PEOPLE[number % 50], "nothing for a bot", room=ROOMS[number % 20])
            if number % 50 == 0:
                await asyncio.sleep(0.05)
        await room.quiet(10)

    assert count[0] - silent < 10_000 / 20
    assert len(asyncio.all_tasks()) <= tasks


async def test_a_thousand_messages_a_second_pass_by(room: Room) -> None:
    await crowd_into(room)
    chat, asked = room.world.chat, []
    for second in range(10):
        for number in range(1_000):
            chat.say(PEOPLE[number % 50], "nothing for a bot", room=ROOMS[number % 20])
            if number % 50 == 0:
                await asyncio.sleep(0.05)
        asked.append(chat.say(PEOPLE[second], "!whoami", room=ROOMS[second]))
        await asyncio.sleep(QUICK)
        assert answers(room, asked[-1]) == 1

    await room.quiet(timedelta(minutes=10).total_seconds())
    assert [answers(room, one) for one in asked] == [1] * 10
