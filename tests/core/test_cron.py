"""Schedules, by the rules of the cluster that runs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.cron import Cron

LONDON = ZoneInfo("Europe/London")
UTC_ZONE = ZoneInfo("UTC")
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def after(line: str, *, moment: datetime = TUESDAY, zone: ZoneInfo = UTC_ZONE) -> str:
    found = Cron.read(line).after(moment, zone)
    return found.strftime("%a %Y-%m-%d %H:%M") if found else "never"


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("0 9 * * *", "Wed 2026-11-25 09:00"),
        ("0 3 * * 0", "Sun 2026-11-29 03:00"),
        ("0 15 * * 1-5", "Wed 2026-11-25 15:00"),
        ("30 */4 * * *", "Tue 2026-11-24 16:30"),
        ("@hourly", "Tue 2026-11-24 16:00"),
        ("@weekly", "Sun 2026-11-29 00:00"),
        ("0 0 ? * MON", "Mon 2026-11-30 00:00"),
        ("0 0 1 feb *", "Mon 2027-02-01 00:00"),
        ("20-20/11 4 * * *", "Wed 2026-11-25 04:20"),
        ("50/5 15 * * *", "Tue 2026-11-24 15:50"),
        ("0 0 6-6 * *", "Sun 2026-12-06 00:00"),
        ("0 0 31 2 *", "never"),
        ("@every 1h30m", "Tue 2026-11-24 16:30"),
    ],
)
def test_the_next_run_is_the_clusters(line: str, runs: str) -> None:
    assert after(line) == runs


def test_two_restricted_day_fields_are_either_and_a_star_means_both() -> None:
    assert after("0 0 1 * 1") == "Mon 2026-11-30 00:00"
    assert after("0 0 28 * *") == "Sat 2026-11-28 00:00"
    # A star with a step is no star: every second day of the month, or any Monday.
    assert after("0 0 */2 * 1") == "Wed 2026-11-25 00:00"


def test_the_hour_left_out_in_spring_does_not_run_that_day() -> None:
    moment = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)

    assert after("30 1 * * *", moment=moment, zone=LONDON) == "Mon 2026-03-30 00:30"


def test_the_hour_repeated_in_autumn_runs_twice() -> None:
    first = Cron.read("30 1 * * *").after(datetime(2026, 10, 24, 12, 0, tzinfo=UTC), LONDON)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert first is not None
    second = Cron.read("30 1 * * *").after(first, LONDON)

    assert second == first + timedelta(hours=1)


def test_the_zone_is_the_wall_clock() -> None:
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    assert after("0 9 * * *", moment=summer, zone=LONDON) == "Thu 2026-07-02 08:00"


def test_a_midnight_that_does_not_exist_is_stepped_over() -> None:
    zone = ZoneInfo("America/Asuncion")  # its clock went from 0:00 to 1:00 on 2023-10-01
    moment = datetime(2023, 9, 30, 20, 0, tzinfo=UTC)

    assert after("15 2 1 10 *", moment=moment, zone=zone) == "Sun 2023-10-01 05:15"


@pytest.mark.parametrize(
    "line",
    ["", "0 9 * *", "0 0 9 * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
     "* * * * 7", "* * * * 5-7", "* * L * *", "* * * * 1#2", "TZ=UTC 0 9 * * *", "5-1 * * * *",
     "*/0 * * * *", "@reboot", "@every", "@every soon", "a * * * *", "1.5 * * * *"],
)  # fmt: skip
def test_what_the_cluster_refuses_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Cron.read(line)
