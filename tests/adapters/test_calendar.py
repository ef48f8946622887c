"""The calendar port, in the simulated world and over HTTP; and iCalendar as vendors write it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.calendar import HttpCalendar
from adapters.icalendar import read_shifts
from adapters.sim.calendar import SimCalendar
from adapters.sim.scenarios import healthy
from adapters.sim.servers import calendar as served
from adapters.sim.world import Fault, World
from bot.clock import LoopClock
from bot.errors import AdapterError, Denied, Invalid, Missing, Unavailable
from bot.ports.calendar import Calendar, Shift

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SPEED = 200.0
HOUR = timedelta(hours=1)


def shift(begin: int, end: int, *who: str) -> Shift:
    return Shift(START + begin * HOUR, START + end * HOUR, who or ("Ana",))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(LoopClock(START, SPEED), speed=SPEED)
    made.calendars["primary"] = [
        shift(4, 8, "Bo Lindqvist", "bo@x.example"),
        shift(-4, 4, "Ana Ferreira"),
        shift(50, 60, "Cleo"),
    ]
    yield made
    await made.close()


@pytest.fixture(params=["sim", "http"])
async def calendar(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Calendar]:
    async with AsyncExitStack() as stack:
        if request.param == "sim":
            yield SimCalendar(world)
            return
        server = await stack.enter_async_context(TestServer(served.app(world)))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        address = str(server.make_url("/primary.ics?secret=s3cret-address"))
        gone = str(server.make_url("/gone.ics"))
        yield HttpCalendar(session, {"primary": address, "gone": gone})


async def test_the_shifts_that_touch_a_time_come_earliest_first(calendar: Calendar) -> None:
    assert await calendar.shifts("primary", START, START + 6 * HOUR) == [
        shift(-4, 4, "Ana Ferreira"),
        shift(4, 8, "Bo Lindqvist", "bo@x.example"),
    ]
    assert await calendar.shifts("primary", START + 8 * HOUR, START + 50 * HOUR) == []


@pytest.mark.parametrize("name", ["gone", "nobody-configured-it"])
async def test_a_calendar_that_is_not_there_is_missing(calendar: Calendar, name: str) -> None:
    with pytest.raises(Missing):
        await calendar.shifts(name, START, START + HOUR)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAVAILABLE, Unavailable),
        (Fault.HTML, Unavailable),
        (Fault.REPLY_LOST, Unavailable),
        (Fault.LIMITED, Unavailable),
        (Fault.DENIED, Denied),
    ],
)
async def test_a_fault_is_named_without_the_secret_address(
    calendar: Calendar, world: World, fault: Fault, error: type[AdapterError]
) -> None:
    world.fail("calendar.get", fault)
    with pytest.raises(error) as caught:
        await calendar.shifts("primary", START, START + HOUR)

    assert "s3cret" not in f"{caught.value} {caught.value.hint}"
    assert await calendar.shifts("primary", START, START + HOUR)


def ics(*lines: str, zone: str = "") -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x"]
    head += [f"X-WR-TIMEZONE:{zone}"] if zone else []
    event = ["BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join([*head, *event]).encode()


def begins(content: bytes, days: int = 30) -> list[str]:
    found = read_shifts(content, START, START + timedelta(days=days))
    return [f"{one.start:%m-%dT%H:%M}+{(one.end - one.start) // HOUR}" for one in found]


def test_a_shift_as_pagerduty_writes_it() -> None:
    content = ics(
        "SUMMARY:On Call - Ana Ferreira - Rocket.Chat",
        "ATTENDEE;CN=Ana Ferreira:mailto:ana@x.example",
        "DTSTART:20261124T090000Z",
        "DTEND:20261125T090000Z",
    )
    (found,) = read_shifts(content, START, START + HOUR)

    assert found.who == (
        "On Call - Ana Ferreira - Rocket.Chat",
        "ana@x.example",
        "Ana Ferreira",
    )
    assert (found.start.hour, found.end.day) == (9, 25)


def test_a_weekly_shift_follows_the_wall_clock_over_the_change_to_winter_time() -> None:
    content = ics(
        "SUMMARY:Ana",
        "DTSTART;TZID=Europe/London:20261005T090000",
        "DTEND;TZID=Europe/London:20261005T170000",
        "RRULE:FREQ=WEEKLY",
    )
    start = datetime(2026, 10, 18, tzinfo=UTC)
    found = read_shifts(content, start, start + timedelta(days=10))

    assert [one.start for one in found] == [
        datetime(2026, 10, 19, 8, tzinfo=UTC),
        datetime(2026, 10, 26, 9, tzinfo=UTC),
    ]


def test_a_repeated_shift_ends_leaves_out_and_moves() -> None:
    content = ics(
        "SUMMARY:Ana",
        "DTSTART;TZID=Europe/London:20261125T090000",
        "DURATION:PT2H",
        "RRULE:FREQ=DAILY;UNTIL=20261130T090000Z",
        "EXDATE;TZID=Europe/London:20261127T090000",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:1",
        "SUMMARY:Bo",
        "RECURRENCE-ID;TZID=Europe/London:20261128T090000",
        "DTSTART;TZID=Europe/London:20261128T120000",
        "DURATION:PT1H",
    )

    assert begins(content) == [
        "11-25T09:00+2",
        "11-26T09:00+2",
        "11-28T12:00+1",
        "11-29T09:00+2",
        "11-30T09:00+2",
    ]


def test_times_without_a_zone_are_in_the_calendars_own() -> None:
    lines = ("SUMMARY:Ana", "DTSTART:20261125T090000", "DTEND:20261125T100000")

    assert begins(ics(*lines, zone="America/New_York")) == ["11-25T14:00+1"]
    assert begins(ics(*lines)) == ["11-25T09:00+1"]


def test_a_whole_day_is_a_day() -> None:
    assert begins(ics("SUMMARY:Ana", "DTSTART;VALUE=DATE:20261125")) == ["11-25T00:00+24"]


def test_a_cancelled_shift_is_none() -> None:
    lines = ("SUMMARY:Ana", "DTSTART:20261125T090000Z", "DURATION:PT1H")

    assert begins(ics(*lines, "STATUS:CANCELLED")) == []
    assert begins(ics(*lines, "STATUS:CONFIRMED")) == ["11-25T09:00+1"]


@pytest.mark.parametrize(
    "content",
    [
        b"<html>please log in</html>",
        b"",
        b"\xff\xfe\x00",
        ics("SUMMARY:Ana"),
        ics("SUMMARY:Ana", "DTSTART:tomorrow"),
        ics("DTSTART:20261125T090000Z", "RRULE:FREQ=SECONDLY"),
        ics("DTSTART:20261125T090000Z", "RRULE:FREQ=SOMETIMES"),
        ics("SUMMARY:Ana", "DTSTART:20261125T090000", zone="Mars/Olympus"),
    ],
)
async def test_what_is_no_calendar_is_invalid(content: bytes) -> None:
    async def answer(request: web.Request) -> web.Response:
        del request
        return web.Response(body=content)

    made = web.Application()
    made.router.add_get("/", answer)
    async with TestServer(made) as server, aiohttp.ClientSession() as session:
        calendar = HttpCalendar(session, {"x": str(server.make_url("/"))})
        with pytest.raises(Invalid):
            await calendar.shifts("x", START, START + timedelta(days=3))
