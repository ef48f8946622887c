"""Schedules against a model that shares nothing with them: every minute, looked at one by one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.cron import Cron

MINUTE = timedelta(minutes=1)
LOOKED_AT = timedelta(days=3)
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
MONTHS = ["JAN", "feb", "Mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "MON", "Tue", "wed", "thu", "fri", "sat"]
ZONES = ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
CHANGES = (
    datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 12, tzinfo=UTC), datetime(2026, 10, 3, 12, tzinfo=UTC),
    datetime(2026, 12, 31, tzinfo=UTC), datetime(2028, 2, 28, tzinfo=UTC),
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """What is written, what it means by its making, and whether it is a star."""

    text: str
    values: frozenset[int]
    star: bool


@st.composite
def part(draw: st.DrawFn, index: int) -> Field:
    low, high = BOUNDS[index]
    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    step = draw(st.integers(1, 20))

    def spelled(number: int) -> str:
        if index == 3 and draw(st.booleans()):
            return MONTHS[number - 1]
        return DAYS[number] if index == 4 and draw(st.booleans()) else str(number)

    every = range(low, high + 1)
    kinds = {
        "star": Field(draw(st.sampled_from("*?")), frozenset(every), True),
        "stepped": Field(f"*/{step}", frozenset(every[::step]), step == 1),
        "one": Field(spelled(first), frozenset({first}), False),
        "from": Field(f"{first}/{step}", frozenset(range(first, high + 1, step)), False),
        "range": Field(f"{spelled(first)}-{spelled(last)}", frozenset(range(first, last + 1)),
                       False),
        "both": Field(f"{first}-{last}/{step}", frozenset(range(first, last + 1, step)), False),
    }  # fmt: skip
    return kinds[draw(st.sampled_from(sorted(kinds)))]


@st.composite
def field(draw: st.DrawFn, index: int) -> Field:
    parts = draw(st.lists(part(index), min_size=1, max_size=3))
    return Field(
        ",".join(each.text for each in parts),
        frozenset().union(*(each.values for each in parts)),
        any(each.star for each in parts),
    )


LINES = st.tuples(*(field(index) for index in range(5)))
MOMENTS = st.builds(
    lambda at, offset: at + timedelta(seconds=offset),
    st.sampled_from(CHANGES),
    st.integers(-100_000, 200_000),
)


def runs(fields: tuple[Field, ...], at: datetime, zone: ZoneInfo) -> bool:
    """Whether it runs in the minute that begins then, by what the fields were made of."""
    local = at.astimezone(zone)
    minute, hour, day, month, weekday = fields
    shown = (local.minute in minute.values, local.hour in hour.values, local.month in month.values)
    dated = local.day in day.values
    weekly = (local.weekday() + 1) % 7 in weekday.values
    either = dated or weekly if not (day.star or weekday.star) else dated and weekly
    return all(shown) and either


@given(LINES, MOMENTS, st.sampled_from(ZONES))
@settings(max_examples=60, deadline=None)
def test_the_next_and_the_last_time_are_those_of_a_walk_through_every_minute(
    fields: tuple[Field, ...], moment: datetime, name: str
) -> None:
    zone = ZoneInfo(name)
    cron = Cron.read(" ".join(each.text for each in fields))
    floor = moment.replace(second=0, microsecond=0)
    minutes = range(1, LOOKED_AT // MINUTE)
    following = (floor + MINUTE * number for number in minutes)
    earlier = (floor - MINUTE * number + (MINUTE if moment > floor else timedelta(0))
               for number in minutes)  # fmt: skip

    expected = next((at for at in following if runs(fields, at, zone)), None)
    found = cron.after(moment, zone)
    if expected is not None:
        assert found == expected
    else:
        assert found is None or found - floor >= LOOKED_AT
    expected = next((at for at in earlier if runs(fields, at, zone)), None)
    found = cron.before(moment, zone)
    if expected is not None:
        assert found == expected
    else:
        assert found is None or floor - found >= LOOKED_AT - 2 * MINUTE


@given(LINES, MOMENTS, st.sampled_from(ZONES))
@settings(max_examples=40, deadline=None)
def test_before_takes_after_back(fields: tuple[Field, ...], moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    cron = Cron.read(" ".join(each.text for each in fields))
    found = cron.after(moment, zone)
    if found is not None:
        assert cron.before(found + MINUTE, zone) == found
        assert cron.after(found - MINUTE, zone) == found


@given(st.text(max_size=30))
@example("0 9 * * 7")
@example("0 9 * * 5-7")
@example("0 9 L * *")
@example("0 9 * * 1#2")
@example("0 0 9 * * *")
@example("H 9 * * *")
@example("CRON_TZ=UTC 0 9 * * *")
@example("60 * * * *")
@example("5-1 * * * *")
@example("*/0 * * * *")
@example("١ * * * *")
def test_whatever_is_read_is_a_schedule_or_refused(text: str) -> None:
    with suppress(ValueError):
        Cron.read(text)

        assert len(text.split()) == 5 or text.strip().startswith("@")


@pytest.mark.parametrize("line", ["0 9 * * 7", "0 9 * * 5-7", "0 9 * * 1#2", "0 9 L * *"])
def test_what_other_crons_take_and_kubernetes_does_not_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"does not fit|is no part"):
        Cron.read(line)
