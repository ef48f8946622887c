"""What proves that a stream is dead, and what does not."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from bot.hearing import LATE, Hearing
from bot.ports.chat import Author, Message

pytestmark = pytest.mark.looptime
START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
OVER = LATE.total_seconds() + 1


def said(id: str, second: float = 1.0, room: str = "r") -> Message:
    at = START + timedelta(seconds=second)
    return Message(id, room, "text", Author("uAna", "ana"), at, at)


async def linked(*known: Message) -> Hearing:
    """A link whose first catch-up brought these."""
    hearing = Hearing()
    hearing.begin()
    hearing.read("r", START, known)
    return hearing


async def test_what_the_first_catch_up_finds_proves_nothing() -> None:
    hearing = await linked(said("m1"))
    hearing.read("r", START, [said("m1")])
    await asyncio.sleep(OVER)

    assert not hearing.doubted
    assert hearing.deaf() == []


async def test_a_message_of_which_the_stream_says_nothing_proves_it_dead() -> None:
    hearing = await linked()
    hearing.read("r", START, [said("m1")])

    assert hearing.doubted
    assert hearing.deaf() == []
    await asyncio.sleep(OVER)
    assert hearing.deaf() == ["r"]


async def test_a_stream_that_is_late_is_alive() -> None:
    hearing = await linked()
    hearing.read("r", START, [said("m1")])
    await asyncio.sleep(OVER - 2)
    hearing.told(said("m1"))
    await asyncio.sleep(OVER)

    assert not hearing.doubted
    assert hearing.deaf() == []


async def test_a_stream_that_told_it_first_is_alive() -> None:
    hearing = await linked()
    hearing.told(said("m1"))
    hearing.read("r", START, [said("m1")])
    hearing.read("r", START, [said("m1")])
    await asyncio.sleep(OVER)

    assert hearing.deaf() == []


async def test_an_old_message_that_was_only_changed_proves_nothing() -> None:
    hearing = await linked(said("m1"))
    later = START + timedelta(minutes=10)
    hearing.read("r", later, [])
    hearing.read("r", later, [said("m1")])
    await asyncio.sleep(OVER)

    assert hearing.deaf() == []


async def test_another_room_that_talks_does_not_speak_for_this_one() -> None:
    hearing = await linked()
    hearing.read("r", START, [said("m1")])
    await asyncio.sleep(OVER)
    hearing.told(said("m2", room="other"))

    assert hearing.deaf() == ["r"]


async def test_a_new_link_and_a_lost_room_begin_with_nothing() -> None:
    for end in (Hearing.begin, lambda hearing: hearing.forget("r")):
        hearing = await linked()
        hearing.read("r", START, [said("m1")])
        end(hearing)
        hearing.read("r", START, [said("m1"), said("m2")])
        await asyncio.sleep(OVER)

        assert hearing.deaf() == []


async def test_new_links_that_do_not_help_come_ever_more_seldom() -> None:
    hearing, minutes = Hearing(), []
    for minute in range(24 * 60):
        hearing.begin()
        hearing.read("r", START, [])
        hearing.read("r", START, [said("m1")])
        await asyncio.sleep(60)
        minutes += [minute] if hearing.deaf() else []
    pauses = [later - one for one, later in itertools.pairwise(minutes)]

    assert pauses[:6] == [1, 2, 4, 8, 16, 32]
    assert {*pauses[6:]} == {60}


async def test_after_a_sound_hour_the_next_new_link_is_soon_followed_by_another() -> None:
    hearing = Hearing()
    tried = []
    for pause in (60, 3600 * 3, 61, 120):
        await asyncio.sleep(pause)
        hearing.begin()
        hearing.read("r", START, [])
        hearing.read("r", START, [said("m1")])
        await asyncio.sleep(OVER)
        tried.append(bool(hearing.deaf()))

    assert tried == [True, True, True, True]


async def test_only_the_newest_messages_are_remembered() -> None:
    hearing = await linked()
    for number in range(5_000):
        hearing.told(said(f"m{number}", number / 100))
    hearing.read("r", START, [said(f"m{number}", number / 100) for number in range(5_000)])

    assert len(hearing._known["r"]) == 1_000  # noqa: SLF001  # what it holds is what is claimed
