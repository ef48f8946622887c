"""Cron lines as cron means them, against a model that looks at every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.schedule import ScheduleSection, next_slot, slots, trigger_of

_NAMES = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


def brute(cron: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    """Every minute of the span whose wall time the line names, each wall time once.

    A wall time that a clock change leaves out is not seen here.
    """
    minute, hour, day, month, weekday = cron.split()
    found, seen, at = [], set(), begin
    while at <= end:
        local = at.astimezone(ZoneInfo(zone))
        wall = local.replace(tzinfo=None, fold=0)
        dom, dow = member(day, local.day), member_day(weekday, local.isoweekday() % 7)
        named = (dom or dow) if day != "*" and weekday != "*" else (dom and dow)
        whole = member(minute, local.minute) and member(hour, local.hour)
        if whole and member(month, local.month) and named and wall not in seen:
            seen.add(wall)
            found.append(at)
        at += timedelta(minutes=1)
    return found


def member(field: str, value: int) -> bool:
    return any(_in(part, value) for part in field.split(","))


def member_day(field: str, value: int) -> bool:
    for index, name in enumerate(_NAMES):
        field = field.replace(name, str(index))
    return member(field, value) or (value == 0 and member(field.replace("*", "-1"), 7))


def _in(part: str, value: int) -> bool:
    span, _, step = part.partition("/")
    if span == "*":
        return value % int(step or 1) == 0
    first, _, last = span.partition("-") if not span.startswith("-") else (span, "", "")
    begin, end = int(first), int(last or first)
    return begin <= value <= end and (value - begin) % int(step or 1) == 0


WEEKDAYS = st.sampled_from(["*", "0", "7", "1-5", "mon-fri", "sat,sun", "0,3", "5-7", "*/2", "fri"])
DAYS = st.sampled_from(["*", "1", "13", "1-7", "28,29"])
HOURS = st.sampled_from(["*", "3", "0-2", "16,23", "*/6"])
ZONES = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata"])


@settings(max_examples=40, deadline=None)
@given(
    line=st.tuples(st.integers(0, 59), HOURS, DAYS, WEEKDAYS),
    zone=ZONES,
    start=st.integers(0, 364),
)
def test_it_fires_when_every_minute_looked_at_says_so(
    line: tuple[int, str, str, str], zone: str, start: int
) -> None:
    cron = "{} {} {} * {}".format(*line)
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=start)
    end = begin + timedelta(days=9)
    found = list(slots(trigger_of(cron, zone), zone, begin - timedelta(seconds=1), end))

    wanted = brute(cron, zone, begin, end)
    # A wall time that the spring leaves out is later or not at all; all others must agree.
    assert [at for at in found if at in wanted] == wanted
    assert all(skipped_hour(at, zone) for at in found if at not in wanted)


def skipped_hour(at: datetime, zone: str) -> bool:
    """Whether the clock was put forward in the two hours before."""
    local = ZoneInfo(zone)
    before = (at - timedelta(hours=2)).astimezone(local).utcoffset()
    return before != at.astimezone(local).utcoffset()


def test_a_time_that_comes_twice_fires_once() -> None:
    trigger = trigger_of("30 1 * * *", "Europe/London")
    night = datetime(2026, 10, 24, 12, tzinfo=UTC)

    assert list(slots(trigger, "Europe/London", night, night + timedelta(days=1))) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    ]


def test_weekdays_are_counted_as_cron_counts_them() -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    week = [
        f"{at:%a}" for at in slots(trigger_of("0 9 * * 1-5", "UTC"), "UTC", monday, monday + WEEK)
    ]

    assert week == ["Mon", "Tue", "Wed", "Thu", "Fri"]


WEEK = timedelta(days=7)


def test_what_never_comes_has_no_next() -> None:
    assert (
        next_slot(trigger_of("0 0 30 2 *", "UTC"), "UTC", datetime(2026, 1, 1, tzinfo=UTC)) is None
    )


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * * * 8", "* * * * fri-mon",
     "* * * * */0", "* * * * mon-", "a b c d e", "@sometimes", "* * 32 * *", "* * * 13 *"],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_with_an_example(cron: str) -> None:
    with pytest.raises(UsageError) as refused:
        trigger_of(cron, "UTC")

    assert "is no schedule" in refused.value.message
    assert "mon-fri" in refused.value.hint


def test_the_configuration_says_what_is_wrong_with_a_line() -> None:
    with pytest.raises(ValueError, match="is no schedule"):
        ScheduleSection(name="brief", cron="* * *", command="!status")
