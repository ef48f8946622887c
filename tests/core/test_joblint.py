"""CronJobs against the hours the cluster runs, and against two years minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cron import Cron
from bot.joblint import outlook
from bot.jobtime import nearest
from bot.power import Days, Timetable, Weekly
from tests.core.minutes import BEGIN, TWO_YEARS, matches, walk, walls

LONDON = ZoneInfo("Europe/London")
UTC_ZONE = ZoneInfo("UTC")
ZONES = ("UTC", "Europe/London", "America/New_York")
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
PRUNE, CLEANUP = Cron.read("0 3 * * 0"), Cron.read("0 9 * * *")


def week(days: str = "mon-fri", on: time = time(16), off: time = time(23)) -> Timetable:
    chosen = Days.read(days)
    return Timetable(Weekly(on, chosen, LONDON), Weekly(off, chosen, LONDON))


def test_the_prune_on_sunday_never_comes_on_time_and_is_caught_up_on_monday() -> None:
    found = outlook(PRUNE, UTC_ZONE, week(), NOW, limit=timedelta(days=8))

    assert (found.due, found.on_time, found.late) == (52, 0, 52)
    assert found.always_late
    assert found.latest == timedelta(hours=37)
    assert found.alarms == ()


def test_the_prune_with_a_deadline_never_runs() -> None:
    found = outlook(PRUNE, UTC_ZONE, week(), NOW, deadline=timedelta(hours=12))

    assert found.never


def test_the_cleanup_is_always_late_and_its_alert_fires_every_weekend() -> None:
    found = outlook(CLEANUP, UTC_ZONE, week(), NOW, limit=timedelta(hours=25))

    assert (found.due, found.on_time, found.late) == (365, 0, 260)
    assert found.latest == timedelta(hours=7)
    assert len(found.alarms) == 52
    assert {f"{end.astimezone(LONDON):%a %H:%M}" for _, end in found.alarms} == {"Mon 16:00"}


def test_a_cluster_that_never_stops_misses_nothing() -> None:
    always = Timetable(Weekly(time(0), Days.read("daily"), LONDON), None)
    found = outlook(CLEANUP, UTC_ZONE, always, NOW, limit=timedelta(hours=25))

    assert found.fits
    assert found.alarms == ()


def test_a_cluster_that_nothing_starts_runs_nothing() -> None:
    found = outlook(CLEANUP, UTC_ZONE, Timetable(None, None), NOW)

    assert found.never


@pytest.mark.parametrize(
    ("line", "moved"),
    [
        ("0 3 * * 0", "25 21 * * 5"),
        ("0 9 * * *", "30 16 * * 1-5"),
        ("0 9 * * 1-5", "30 16 * * 1-5"),
        ("0 18 * * *", "0 18 * * 1-5"),
        ("0 3 * 6 6", "25 21 * 6 5"),
        ("0 18 * * 3", "0 18 * * 3"),
        ("0 3 1 * *", None),
        ("0 */4 * * *", None),
        ("0 3 1 * 1", None),
        ("@every 4h", None),
    ],
)
def test_the_nearest_time_that_works(line: str, moved: str | None) -> None:
    assert nearest(Cron.read(line), UTC_ZONE, week(), NOW) == moved


def test_a_window_too_short_for_the_reserve_is_still_used() -> None:
    short = week(on=time(16), off=time(16, 40))

    assert nearest(CLEANUP, LONDON, short, NOW) == "0 16 * * 1-5"


def test_nothing_fits_a_cluster_that_never_runs() -> None:
    assert nearest(CLEANUP, UTC_ZONE, Timetable(None, None), NOW) is None


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    some = st.lists(number, min_size=1, max_size=3).map(lambda each: ",".join(map(str, each)))
    return st.one_of(st.just("*"), number.map(str), some, st.sampled_from(("*/5", "*/7")))


crons = st.builds(
    lambda *fields: Cron.read(" ".join(fields)),
    _field(0, 59), _field(0, 23), _field(1, 28), _field(1, 12), _field(0, 6),
)  # fmt: skip
hours = st.builds(time, st.integers(3, 23), st.sampled_from((0, 15, 30)))
chosen = st.frozensets(st.integers(0, 6), min_size=1).map(Days)
# The hours in which clocks change are the timetable's own tests.
timetables = st.builds(
    lambda on, off, start_days, stop_days: Timetable(
        Weekly(on, start_days, LONDON), Weekly(off, stop_days, LONDON)
    ),
    hours, hours, chosen, chosen,
).filter(lambda each: each.start and each.stop and each.start.at != each.stop.at)  # fmt: skip
deadlines = st.sampled_from((None, timedelta(minutes=30), timedelta(hours=9)))


@settings(max_examples=20, deadline=None)
@given(crons, st.sampled_from(ZONES), timetables, deadlines, st.integers(2, 200))
def test_two_years_end_as_if_walked_minute_by_minute(
    cron: Cron, zone: str, timetable: Timetable, deadline: timedelta | None, limit: int
) -> None:
    walked = walk(cron, zone, timetable, deadline)
    over = timedelta(hours=limit)
    found = outlook(
        cron, ZoneInfo(zone), timetable, BEGIN, deadline=deadline, limit=over, length=TWO_YEARS
    )

    late = [each for each in walked.late if each]
    assert found.due == walked.due
    assert (found.on_time, found.late) == (len(walked.runs) - len(late), len(late))
    assert found.latest == timedelta(minutes=max(late, default=0))
    pairs = zip(walked.runs, walked.runs[1:], strict=False)
    alarms = [(a + limit * 60, b) for a, b in pairs if b - a > limit * 60]
    assert [
        tuple((at - BEGIN) // timedelta(minutes=1) for at in each) for each in found.alarms
    ] == [*alarms]


@settings(max_examples=10, deadline=None)
@given(
    st.integers(0, 59), st.integers(0, 23), st.sampled_from(("*", "0", "6", "3", "1-5", "0,6")),
    st.sampled_from(ZONES), timetables,
)  # fmt: skip
def test_a_proposed_time_never_comes_while_the_cluster_is_off(
    minute: int, hour: int, weekdays: str, zone: str, timetable: Timetable
) -> None:
    line = nearest(Cron.read(f"{minute} {hour} * * {weekdays}"), ZoneInfo(zone), timetable, BEGIN)
    if line is None:
        return
    walked = walk(Cron.read(line), zone, timetable, None)
    assert walked.due == len(walked.runs) > 0
    assert set(walked.late) == {0}


@settings(max_examples=60, deadline=None)
@given(crons, st.sampled_from(ZONES), st.integers(0, TWO_YEARS // timedelta(minutes=1) - 1))
def test_the_next_and_the_last_run_are_those_a_walk_finds(
    cron: Cron, zone: str, minute: int
) -> None:
    moment = BEGIN + timedelta(minutes=minute)
    after, before = cron.after(moment, ZoneInfo(zone)), cron.before(moment, ZoneInfo(zone))
    clock = walls(zone)

    for found, path in (
        (after, range(minute + 1, len(clock))),
        (before, range(minute - 1, -1, -1)),
    ):
        walked = next((at for at in path if matches(cron, clock[at])), None)
        if walked is not None:
            assert found == BEGIN + timedelta(minutes=walked)
        elif found is not None:
            assert not BEGIN <= found < BEGIN + TWO_YEARS


@pytest.mark.parametrize("line", ["30 1 * * *", "*/20 * * * *", "0 2 * 3,10 0", "15 0,1,2 * * *"])
def test_runs_around_both_changes_of_the_clock_are_those_a_walk_finds(line: str) -> None:
    cron, clock = Cron.read(line), walls("Europe/London")
    for day in (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)):
        begin = (day - BEGIN) // timedelta(minutes=1)
        walked = [m for m in range(begin, begin + 3 * 1440) if matches(cron, clock[m])]
        found, at = [], day - timedelta(minutes=1)
        while (run := cron.after(at, LONDON)) and run < day + timedelta(days=3):
            found.append((run - BEGIN) // timedelta(minutes=1))
            at = run
        assert found == walked
