"""When the cluster was really on: out of what switched it, against its hours."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from PIL import Image

from bot import coverage, strips
from bot.configured import hosting
from bot.coverage import Share, shares
from bot.ports.automation import Job, JobState
from bot.ports.azure import ManagedCluster, PowerState
from bot.ports.metrics import Series
from bot.power import Days, Timetable, Weekly
from bot.uptime import Uptime, switched, uptime
from houston.testing.configured import settings

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 27, 20, tzinfo=UTC)
"""A Friday evening."""
WEEKDAYS = Days.read("mon-fri")
TABLE = Timetable(Weekly(time(16), WEEKDAYS, LONDON), Weekly(time(23), WEEKDAYS, LONDON))
CLUSTER = ManagedCluster("aks", "rg", "mc", "uk", "host", "1.32", PowerState.RUNNING, "Succeeded")


def job(start: bool, at: datetime, state: JobState = JobState.COMPLETED) -> Job:
    runbook = "Start-AKS-Cluster" if start else "Stop-AKS-Cluster"
    return Job(f"{start}{at}", runbook, state, at, at)


def evening(day: int, *, begin: int = 16, end: int = 23) -> list[Job]:
    return [
        job(True, datetime(2026, 11, day, begin, tzinfo=UTC)),
        job(False, datetime(2026, 11, day, end, tzinfo=UTC)),
    ]


def week(*evenings: list[Job]) -> Uptime:
    jobs = [one for some in evenings for one in some]
    jobs.append(job(True, datetime(2026, 11, 27, 16, tzinfo=UTC)))
    return uptime(CLUSTER, TABLE, switched(jobs, (), hosting(settings())), NOW)


def test_a_week_as_it_was_meant() -> None:
    found = week(*(evening(day) for day in (20, 23, 24, 25, 26)))

    assert found.line == "On for 35.0 h in the last 7 days, 35.0 h by the schedule"


def test_an_evening_that_fell_out_and_a_morning_besides_are_named() -> None:
    found = week(*(evening(day) for day in (20, 23, 24)), evening(26, begin=10))

    assert found.line == (
        "On for 34.0 h in the last 7 days, 35.0 h by the schedule; off for 7.0 h of them; "
        "6.0 h besides"
    )


def test_a_run_that_failed_switched_nothing() -> None:
    failed = job(False, datetime(2026, 11, 27, 18, tzinfo=UTC), JobState.FAILED)
    found = week(*(evening(day) for day in (20, 23, 24, 25, 26)), [failed])

    assert found.line.startswith("On for 35.0 h")


def test_without_any_run_it_was_always_as_it_is_now() -> None:
    found = uptime(CLUSTER, TABLE, (), NOW)

    assert sum((b - a for a, b in found.real), timedelta(0)) == timedelta(days=7)


def test_the_picture_is_full_where_it_was_on_and_pale_where_it_was_meant_to_be() -> None:
    found = week(*(evening(day) for day in (20, 23, 24)), evening(26, begin=10))
    drawn = Image.open(io.BytesIO(strips.png(found.picture(LONDON)))).convert("RGB")

    def colour(at: datetime) -> tuple[int, int, int]:
        share = (at - found.begin) / (found.end - found.begin)
        pixel = drawn.getpixel((round(24 + 672 * share), 96 + 34 + 40 - 8))
        assert isinstance(pixel, tuple)
        return pixel[0], pixel[1], pixel[2]

    on, missed, besides, off = (
        colour(datetime(2026, 11, day, hour, tzinfo=UTC))
        for day, hour in ((24, 19), (25, 19), (26, 13), (24, 10))
    )
    assert drawn.width == 720
    assert near(on, "#1b7f3b")
    assert near(missed, "#e3f1e5")
    assert near(besides, "#b7791f")
    assert near(off, "#ffffff")


def near(colour: tuple[int, int, int], wanted: str) -> bool:
    parts = (int(wanted[i : i + 2], 16) for i in (1, 3, 5))
    return all(abs(a - b) < 12 for a, b in zip(colour, parts, strict=True))


def test_labels_are_counted_by_what_is_on_each_series() -> None:
    wanted = {"tenant_id": "aks", "cluster": "", "site_url": "https://a"}
    series = [
        Series({"tenant_id": "aks", "cluster": "x"}, "1"),
        Series({"tenant_id": "old", "cluster": "y"}, "1"),
    ]
    found = shares(wanted, series)

    assert found == [
        Share("tenant_id", 1, 1, 2),
        Share("cluster", 2, 0, 2),
        Share("site_url", 0, 0, 2),
    ]
    assert [each.note for each in found] == [
        "1 of 2 series, 1 with another value",
        "2 of 2 series",
        "0 of 2 series, 2 without",
    ]
    drawn = Image.open(io.BytesIO(coverage.png(found))).convert("RGB")
    left, right = (drawn.getpixel((x, 66 + 32 + 18)) for x in (100, 600))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert near((left[0], left[1], left[2]), "#1b7f3b")
    assert near((right[0], right[1], right[2]), "#b7791f")
