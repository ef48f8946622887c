"""The timetable's arithmetic, day by day, against a slow model that only walks the clock."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.power import Days, Timetable, Weekly, month_of, week_of, zone_of

LONDON = ZoneInfo("Europe/London")
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo")
"""The user's; one in the west; one that changes by half an hour; one that changes at midnight."""
FIRST, LAST = date(2024, 1, 1), date(2028, 12, 31)
STEP = timedelta(minutes=15)
DAY = timedelta(days=1)
WEEKDAYS = Days.read("mon-fri")
TIMES = [time(16), time(23), time(0), time(0, 30), time(1, 30), time(2), time(2, 15), time(3)]
EVERY_DAY = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
Shown = list[tuple[datetime, datetime]]


@cache
def walk(name: str) -> dict[date, Shown]:
    """Every quarter of an hour of five years: what the wall clock shows, and the instant."""
    zone = ZoneInfo(name)
    shown: dict[date, Shown] = {}
    at = datetime(FIRST.year - 1, 12, 15, tzinfo=UTC)
    while at < datetime(LAST.year + 1, 1, 15, tzinfo=UTC):
        local = at.astimezone(zone).replace(tzinfo=None, fold=0)
        shown.setdefault(local.date(), []).append((local, at))
        at += STEP
    return shown


@cache
def slow_on(name: str, day: date, at: time) -> datetime:
    """When the clock shows it first; when it never does, as if the clock had not jumped."""
    wanted = datetime.combine(day, at)
    shown = walk(name)[day]
    for wall, instant in shown:
        if wall == wanted:
            return instant
    for (wall, instant), (following, _) in pairwise([*walk(name)[day - DAY][-1:], *shown]):
        if wall < wanted < following:
            return instant + (wanted - wall)
    raise AssertionError(f"the clock never came near {wanted}")


def slow_events(name: str, weekly: Weekly) -> list[datetime]:
    days = (day for day in walk(name) if FIRST - 14 * DAY < day < LAST + 13 * DAY)
    return [slow_on(name, day, weekly.at) for day in days if day.weekday() in weekly.days.numbers]


def slow_quarters(name: str, table: Timetable) -> list[datetime]:
    """The quarters of an hour in which the cluster runs."""
    assert table.start
    assert table.stop
    starts, stops = set(slow_events(name, table.start)), set(slow_events(name, table.stop))
    running: list[datetime] = []
    on = False
    for shown in walk(name).values():
        for _, instant in shown:
            on = instant in starts or (on and instant not in stops)
            if on:
                running.append(instant)
    return running


def table(zone: str, start: str, stop: str, days: str = "mon-fri") -> Timetable:
    return Timetable(
        *(Weekly(time.fromisoformat(at), Days.read(days), ZoneInfo(zone)) for at in (start, stop))
    )


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("at", TIMES, ids=str)
def test_every_day_of_five_years_has_its_time_where_the_clock_shows_it(name: str, at: time) -> None:
    weekly = Weekly(at, WEEKDAYS, ZoneInfo(name))

    assert [weekly.on(day) for day in EVERY_DAY] == [slow_on(name, day, at) for day in EVERY_DAY]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("at", [time(16), time(0, 30), time(2, 15)], ids=str)
def test_the_next_time_from_any_moment_is_the_next_in_the_list(name: str, at: time) -> None:
    weekly = Weekly(at, Days.read("mon,wed-sat"), ZoneInfo(name))
    events = slow_events(name, weekly)
    moment = datetime.combine(FIRST, time(), UTC)

    while moment < datetime.combine(LAST, time(), UTC):
        assert weekly.after(moment) == events[bisect_right(events, moment)]
        moment += timedelta(hours=5)


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize(
    ("start", "stop", "days"),
    [("16:00", "23:00", "mon-fri"), ("22:30", "04:15", "daily"), ("00:30", "02:00", "sat,sun")],
)
def test_hours_of_every_week_and_month_are_those_of_the_model(
    name: str, start: str, stop: str, days: str
) -> None:
    made, zone = table(name, start, stop, days), ZoneInfo(name)
    running = slow_quarters(name, made)
    for span in (week_of, month_of):
        begin, end = span(datetime.combine(FIRST + 10 * DAY, time(12), UTC), zone)
        while end < datetime.combine(LAST, time(), UTC):
            quarters = bisect_right(running, end - STEP) - bisect_right(running, begin - STEP)
            assert made.hours(begin, end) == quarters / 4, (begin, end)
            begin, end = span(end + DAY, zone)


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    start=st.integers(0, 95),
    stop=st.integers(0, 95),
    on=st.sets(st.integers(0, 6), min_size=1),
    off=st.sets(st.integers(0, 6), min_size=1),
    begin=st.integers(0, (LAST - FIRST).days - 40),
)
def test_any_timetable_runs_as_the_model_does(
    *, name: str, start: int, stop: int, on: set[int], off: set[int], begin: int
) -> None:
    zone = ZoneInfo(name)
    made = Timetable(
        *(
            Weekly(time(quarter // 4, quarter % 4 * 15), Days(frozenset(days)), zone)
            for quarter, days in ((start, on), (stop, off))
        )
    )
    first = datetime.combine(FIRST + begin * DAY, time(), UTC)
    last = first + 21 * DAY
    running = slow_quarters(name, made)
    quarters = bisect_right(running, last - STEP) - bisect_right(running, first - STEP)

    assert made.hours(first, last) == quarters / 4


def test_both_changes_of_the_clock_in_london() -> None:
    made = table("Europe/London", "16:00", "23:00")

    friday = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)
    assert made.next_start(friday) == datetime(2026, 3, 30, 15, tzinfo=UTC)
    assert made.next_start(datetime(2026, 10, 23, 23, tzinfo=UTC)) == datetime(
        2026, 10, 26, 16, tzinfo=UTC
    )


def test_a_night_that_a_clock_changes_in_is_an_hour_shorter_or_longer() -> None:
    nights = table("Europe/London", "22:00", "06:00", "daily")

    for evening, hours in ((date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 6, 1), 8)):
        noon = datetime.combine(evening, time(12), UTC)
        assert nights.hours(noon, noon + DAY) == hours


def test_the_guides_rows_recomputed() -> None:
    short, long = (table("Europe/London", start, "23:00") for start in ("16:00", "08:30"))

    assert (short.weekly_hours, long.weekly_hours) == (35, 72.5)
    assert round(short.monthly_hours, 1) == 151.7
    assert round(long.monthly_hours, 1) == 314.2


def test_a_lead_skips_a_time_that_is_too_near() -> None:
    weekly = Weekly(time(16), WEEKDAYS, LONDON)
    now = datetime(2026, 11, 24, 15, 52, tzinfo=UTC)

    assert weekly.after(now) == datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert weekly.after(now, timedelta(minutes=10)) == datetime(2026, 11, 25, 16, tzinfo=UTC)


def test_without_a_stop_it_runs_on_and_without_a_start_it_never_runs() -> None:
    both = table("Europe/London", "16:00", "23:00")
    monday = datetime(2026, 11, 23, tzinfo=UTC)

    assert Timetable(both.start, None).hours(monday, monday + DAY) == 24
    assert Timetable(None, both.stop).hours(monday, monday + 7 * DAY) == 0
    assert Timetable(None, None).next_stop(monday) is None
    assert Timetable(None, None).next_start(monday) is None


def test_whether_it_runs_at_a_moment() -> None:
    made = table("Europe/London", "16:00", "23:00")

    assert not made.runs_at(datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC))
    assert made.runs_at(datetime(2026, 11, 24, 16, tzinfo=UTC))
    assert not made.runs_at(datetime(2026, 11, 24, 23, tzinfo=UTC))
    assert not made.runs_at(datetime(2026, 11, 28, 17, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "numbers", "shown"),
    [
        ("mon-fri", "01234", "mon-fri"),
        ("weekdays", "01234", "mon-fri"),
        ("Monday,Wed", "02", "mon,wed"),
        ("sat,sun", "56", "sat,sun"),
        ("fri-mon", "0456", "mon,fri,sat,sun"),
        ("daily", "0123456", "daily"),
        ("weekend", "56", "sat,sun"),
        ("tue", "1", "tue"),
    ],
)
def test_days_are_read_and_shown(text: str, numbers: str, shown: str) -> None:
    days = Days.read(text)

    assert days.numbers == {int(number) for number in numbers}
    assert str(days) == shown
    assert Days.read(str(days)) == days
    assert Days.named(days.names) == days


@pytest.mark.parametrize("text", ["", "mo", "mon-", "mon-wed-fri", "monkey", "1-5", "mon,,tue"])
def test_what_are_no_days_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no days"):
        Days.read(text)


@pytest.mark.parametrize("name", ["Europe/London", "GMT Standard Time"])
def test_windows_and_iana_names_are_the_same_zone(name: str) -> None:
    assert zone_of(name).key == "Europe/London"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc", "London"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        zone_of(name)
