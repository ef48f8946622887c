"""Schedules in words."""

from __future__ import annotations

import pytest

from bot.cronwords import in_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 3 * * 0", "every Sunday at 03:00 UTC"),
        ("0 9 * * *", "every day at 09:00 UTC"),
        ("30 16 * * 1-5", "every Monday to Friday at 16:30 UTC"),
        ("*/5 * * * *", "every 5 minutes"),
        ("17 * * * *", "every hour at minute 17"),
        ("@hourly", "every hour"),
        ("0 */2 * * *", "every 2 hours UTC"),
        ("30 */4 * * *", "at minute 30 every 4 hours UTC"),
        ("0 16-22 * * *", "on the hour in hours 16 to 22 UTC"),
        ("7 3,9,15 * jan *", "every day at 03:07, 09:07 and 15:07 UTC in January"),
        ("0 0 1 * *", "on day 1 of the month at 00:00 UTC"),
        ("0 0 1 * 1", "on day 1 of the month and also every Monday at 00:00 UTC"),
        ("0 0 */2 * 1", "on day 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29 and 31 of the"
         " month and also every Monday at 00:00 UTC"),
        ("@every 1h30m", "every 1 h 30 min"),
    ],
)  # fmt: skip
def test_a_schedule_reads_as_a_person_would_say_it(line: str, words: str) -> None:
    assert in_words(line) == words


def test_its_zone_is_named() -> None:
    assert in_words("0 9 * * *", "Europe/London") == "every day at 09:00 Europe/London"


def test_what_the_cluster_refuses_has_no_words() -> None:
    with pytest.raises(ValueError, match="no schedule"):
        in_words("whenever")
