"""A CronJob's schedule in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.cards import duration
from bot.cron import Cron

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_FEW = 4
"""Times of a day that are named one by one."""


def in_words(line: str, zone: str | None = None) -> str:
    """`every Sunday at 03:00 UTC`. Raises ValueError for what the cluster would refuse.

    Without a zone it is the controller's, which is UTC on managed clusters.
    """
    cron = Cron.read(line)
    if cron.every is not None:
        return f"every {duration(cron.every)}"
    at = _clock(cron)
    zoned = at if len(cron.hours) == 24 else f"{at} {zone or 'UTC'}"
    return " ".join(part for part in (_on(cron), zoned, _in(cron)) if part)


def _clock(cron: Cron) -> str:
    if len(cron.times) <= _FEW:
        return f"at {_listed(f'{each // 60:02}:{each % 60:02}' for each in cron.times)}"
    minute = f"at minute {_spans(sorted(cron.minutes))}"
    hourly = cron.minutes == {0}
    minutes = "" if hourly else _every(cron.minutes, 60, "minute") or minute
    hours = _every(cron.hours, 24, "hour") or f"in hours {_spans(sorted(cron.hours))}"
    if hourly:
        return hours if hours.startswith("every") else f"on the hour {hours}"
    if len(cron.hours) == 24:
        return minutes if minutes.startswith("every") else f"every hour {minutes}"
    return f"{minutes} {hours}"


def _every(found: frozenset[int], whole: int, unit: str) -> str:
    """`every 5 minutes` for values in even steps from 0 on."""
    step = whole // len(found)
    if found != frozenset(range(0, whole, step)):
        return ""
    if len(found) == 1:
        return ""
    return f"every {unit}" if step == 1 else f"every {step} {unit}s"


def _on(cron: Cron) -> str:
    all_days, all_weekdays = len(cron.days) == 31, len(cron.weekdays) == 7
    dated = f"on day {_spans(sorted(cron.days))} of the month"
    weekly = f"every {_weekdays(sorted(cron.weekdays))}"
    if all_days and all_weekdays:
        return "every day" if len(cron.times) <= _FEW else ""
    if cron.either:
        return f"{dated} and also {weekly}"
    if all_weekdays:
        return dated
    return weekly if all_days else f"{dated} when it is {_weekdays(sorted(cron.weekdays))}"


def _in(cron: Cron) -> str:
    if len(cron.months) == 12:
        return ""
    return f"in {_listed(_MONTHS[month - 1] for month in sorted(cron.months))}"


def _weekdays(numbers: list[int]) -> str:
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{_DAYS[numbers[0]]} to {_DAYS[numbers[-1]]}"
    return _listed(_DAYS[number] for number in numbers)


def _spans(numbers: list[int]) -> str:
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return _listed(map(str, numbers))


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
