"""On call by a calendar elsewhere: who it names may approve, and when it is away nobody new may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.sim.world import Fault, World
from bot.ports.calendar import Shift
from tests.commands.room import START, Room, opened, settings

PEOPLE = [
    {
        "id": f"u{name}",
        "name": f"{name} Example",
        "email": f"{name.lower()}@x.example",
        "roles": ["operator", "approver"],
    }
    for name in ("Ana", "Bo", "Cleo")
]
ALWAYS = 100


def shift(who: str, hours: float = 6) -> Shift:
    return Shift(START - timedelta(hours=1), START + timedelta(hours=hours), (who,))


@pytest.fixture
async def room(world: World) -> AsyncIterator[Room]:
    world.calendars["primary"] = [shift("On Call - Bo Example - Chat")]
    calendars: list[dict[str, Any]] = [
        {
            "name": "primary",
            "url": "http://rota.invalid/s3cret",
            "people": {"clee": "uCleo"},
            "usable_for": 1200,
        }
    ]
    async with opened(world, settings(policy={"people": PEOPLE}, calendars=calendars)) as made:
        yield made


async def test_who_the_calendar_names_may_approve(room: Room) -> None:
    assert "On call now: Bo Example" in await room.ask("!oncall")
    assert (await room.approved("!scale presence 2")).state == "succeeded"


async def test_whoami_and_release_read_the_calendar_themselves(room: Room) -> None:
    assert "on call now" in await room.ask("!whoami", by="uBo")
    record = await room.waiting(await room.say("!scale presence 2"))
    await room.ask(f"!hold {record.code}", by="uVic")
    room.world.calendars["primary"] = [shift("Cleo Example")]
    await room.quiet(301)

    assert "Only somebody on call" in await room.ask(f"!release {record.code}", by="uBo")
    assert "not on call now" in await room.ask("!whoami", by="uBo")


async def test_who_it_does_not_name_may_not(room: Room) -> None:
    record = await room.waiting(await room.say("!scale presence 2"))

    assert "not on call" in await room.ask(f"!approve {record.code}", by="uCleo")


async def test_an_alias_and_a_mail_address_name_a_person(room: Room) -> None:
    room.world.calendars["primary"] = [shift("@clee (L1)"), shift("mailto ana@x.example")]

    assert "On call now: Ana Example, Cleo Example" in await room.ask("!oncall")


@pytest.mark.parametrize("who", ["Ana Example-Smith", "Nobody", "xana@x.example", "Ana", "uBo"])
async def test_a_name_the_roster_does_not_have_is_nobody_and_is_told(room: Room, who: str) -> None:
    room.world.calendars["primary"] = [shift(who)]
    answer = await room.ask("!oncall")

    assert "On call now: nobody" in answer
    assert "calendar primary names" in answer
    assert "Nobody on call can approve" in answer


async def test_a_title_with_two_names_puts_nobody_on_call(room: Room) -> None:
    room.world.calendars["primary"] = [shift("Bo Example for Ana Example")]

    assert "On call now: nobody" in await room.ask("!oncall")


async def test_while_it_is_away_the_last_copy_is_used_with_its_age_and_then_nobody(
    room: Room,
) -> None:
    await room.ask("!oncall")
    room.world.fail("calendar.get", Fault.UNAVAILABLE, times=ALWAYS)
    await room.quiet(10 * 60)
    late = await room.ask("!oncall")
    await room.quiet(11 * 60)
    gone = await room.ask("!oncall")

    assert "On call now: Bo Example" in late
    assert "a copy of 10 min ago is used" in late
    assert "On call now: nobody" in gone
    assert "nobody is on call by it" in gone
    assert "s3cret" not in late + gone


async def test_a_vote_of_who_a_lost_calendar_named_does_not_count(room: Room) -> None:
    await room.ask("!oncall")
    room.world.fail("calendar.get", Fault.UNAVAILABLE, times=ALWAYS)
    await room.quiet(1300)
    record = await room.waiting(await room.say("!scale presence 2"))

    assert "not on call" in await room.ask(f"!approve {record.code}", by="uBo")


async def test_the_copy_outlives_a_restart(room: Room) -> None:
    await room.ask("!oncall")
    room.world.fail("calendar.get", Fault.UNAVAILABLE, times=ALWAYS)
    await room.restart(after=400)

    assert "On call now: Bo Example" in await room.ask("!oncall")


async def test_a_shift_that_changed_in_the_calendar_is_seen_within_minutes(room: Room) -> None:
    await room.ask("!oncall")
    room.world.calendars["primary"] = [shift("Cleo Example")]
    await room.quiet(301)

    assert "On call now: Cleo Example" in await room.ask("!oncall")


async def test_a_calendar_that_is_away_is_not_hammered(room: Room) -> None:
    room.world.fail("calendar.get", Fault.UNAVAILABLE, times=ALWAYS)
    for _ in range(5):
        await room.ask("!oncall")

    assert room.world.calls.count("calendar.get") == 1
