"""Tonight's stop at another time, and the way back, whatever happens to Houston meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.sim.runbooks import STOP, WEEKDAYS
from bot.ports.store import State
from tests.commands.room import START, Room
from tests.faults.store import unwritten

USUAL = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
"""The stop of that Tuesday: in November London keeps UTC."""


def next_stop(room: Room) -> datetime:
    return room.world.runbooks.timers[STOP].next_run(room.world.clock.now()).astimezone(UTC)


def running(room: Room) -> bool:
    return room.world.power.state == "Running"


async def sleep_until(room: Room, at: datetime) -> None:
    await room.quiet((at - room.world.clock.now()).total_seconds())


async def test_the_stop_is_later_tonight_and_usual_tomorrow(room: Room) -> None:
    record = await room.approved("!cluster extend 2h release night")

    assert record.state is State.SUCCEEDED, room.card(record)
    assert next_stop(room) == USUAL + timedelta(hours=2)
    listed = await room.ask("!temporary")
    assert "1 temporary state\n" in listed
    assert "release night" in listed
    assert "Wed 25 Nov 01:10 GMT" in listed

    await sleep_until(room, USUAL + timedelta(hours=1))
    assert running(room)
    await sleep_until(room, USUAL + timedelta(hours=2, minutes=30))
    assert not running(room)
    assert next_stop(room) == USUAL + timedelta(days=1)
    assert set(room.world.runbooks.timers[STOP].days) == set(WEEKDAYS)


async def test_a_stop_moved_twice_comes_at_the_last_time_and_then_as_usual(room: Room) -> None:
    await room.approved("!cluster extend 2h")
    record = await room.approved("!cluster extend 1h again")

    assert record.state is State.SUCCEEDED, room.card(record)
    assert next_stop(room) == USUAL + timedelta(hours=3)
    listed = await room.ask("!temporary")
    assert "1 temporary state\n" in listed
    assert "Wed 25 Nov 02:10 GMT" in listed

    await sleep_until(room, USUAL + timedelta(hours=2, minutes=30))
    assert running(room)
    assert next_stop(room) == USUAL + timedelta(hours=3)
    await sleep_until(room, USUAL + timedelta(hours=3, minutes=30))
    assert not running(room)
    assert next_stop(room) == USUAL + timedelta(days=1)
    assert set(room.world.runbooks.timers[STOP].days) == set(WEEKDAYS)


async def test_it_goes_back_also_when_houston_was_away_at_that_time(room: Room) -> None:
    await room.approved("!cluster extend 2h")
    await room.restart(after=20 * 3600)
    await room.quiet(300)

    assert next_stop(room) == USUAL + timedelta(days=1)
    assert "Nothing is temporary" in await room.ask("!temporary")


async def test_while_azure_cannot_be_asked_it_is_tried_again_and_said_once_an_hour(
    room: Room,
) -> None:
    await room.approved("!cluster extend 1h")
    room.world.power.sign_in_error = "AADSTS7000222: the client secret is expired"
    await sleep_until(room, USUAL + timedelta(days=1))
    room.world.power.sign_in_error = ""
    await sleep_until(room, USUAL + timedelta(days=1, hours=18))

    texts = [m.text for m in room.world.chat.messages("ops") if "could not be taken back" in m.text]
    assert 1 <= len(texts) <= 25
    assert next_stop(room) == USUAL + timedelta(days=2)


async def test_it_is_said_also_where_the_store_fails_at_that_moment(room: Room) -> None:
    await room.approved("!cluster extend 1h")
    room.world.power.sign_in_error = "AADSTS7000222: the client secret is expired"
    with unwritten("houston_posts", 1, "could not be taken back") as refused:
        await room.when(lambda: bool(refused), patience=48 * 3600)
        await room.quiet(60)

    waiting = [out.post.text for out in await room.store.outbox.pending()]
    assert len([text for text in waiting if "could not be taken back" in text]) == 1


async def test_a_stop_that_is_left_out_comes_back_by_itself(room: Room) -> None:
    record = await room.approved("!cluster skip-stop")
    assert record.state is State.SUCCEEDED, room.card(record)
    assert next_stop(room) == USUAL + timedelta(days=1)
    await room.restart(after=9 * 3600)

    assert running(room)
    await sleep_until(room, USUAL + timedelta(days=1, minutes=20))
    assert not running(room)


async def test_leaving_out_fridays_stop_is_a_whole_weekend_and_needs_two(room: Room) -> None:
    await room.approved("!cluster skip-stop")
    await sleep_until(room, START + timedelta(days=1))
    room.world.runbooks.schedule("08:30", "23:00", days=("Wednesday", "Monday"))
    said = await room.say("!cluster skip-stop")
    record = await room.waiting(said)

    plan = room.thread(said)[0]
    assert "5 d 0 h longer" in plan
    assert "2 on-call colleagues" in plan
    assert record.state is State.WAITING


async def test_the_stop_waits_for_an_operation(room: Room) -> None:
    await sleep_until(room, USUAL - timedelta(minutes=20))
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    held = await room.approved(f"!cluster hold {record.code}")

    assert held.state is State.SUCCEEDED
    assert next_stop(room) > USUAL
    assert record.title in await room.ask("!temporary")


async def test_an_operation_that_ends_in_time_needs_no_hold(room: Room) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)

    assert "Nothing to hold" in await room.ask(f"!cluster hold {record.code}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!cluster extend", "LENGTH is missing"),
        ("!cluster extend soon", "like 10m, 2h or 3d"),
        ("!cluster extend 13h", "12 h 00 min at most"),
        ("!cluster extend 0h", "longer than nothing"),
        ("!cluster hold", "CODE is missing"),
        ("!cluster hold ABCD", "No operation has the code"),
    ],
)
async def test_words_that_do_not_fit_change_nothing(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert next_stop(room) == USUAL


async def test_a_stop_that_has_almost_begun_is_not_moved(room: Room) -> None:
    await sleep_until(room, USUAL - timedelta(minutes=5))

    assert "less than six minutes away" in await room.ask("!cluster extend 1h")
    assert next_stop(room) == USUAL


async def test_the_links_that_azure_loses_are_made_again(room: Room) -> None:
    room.world.runbooks.loses_links = True
    await room.approved("!cluster extend 1h")
    await sleep_until(room, USUAL + timedelta(hours=1, minutes=20))

    assert not running(room)
