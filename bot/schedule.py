"""When Houston speaks unasked: a cron line, a zone and a command. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from pydantic import AfterValidator, Field

from bot.errors import UsageError
from bot.section import Section, ZoneName

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_INSTANT = timedelta(microseconds=1)


def trigger_of(cron: str, zone: str) -> BaseTrigger:
    """The alarm clock of a cron line, as cron and Kubernetes read it.

    Weekdays 0 and 7 are Sunday; with both a day of the month and a weekday, either will do. The
    library counts weekdays from Monday and wants both, so names and two triggers are made here.

    Raises UsageError.
    """
    fields = _ALIASES.get(cron.strip().lower(), cron).split()
    if len(fields) != 5:
        raise _no_cron(cron, "it has not five fields")
    minute, hour, day, month, weekday = fields
    given = {"minute": minute, "hour": hour, "month": month, "timezone": ZoneInfo(zone)}
    weekdays = "*" if weekday in {"*", "?"} else ",".join(_weekdays(cron, weekday))
    day = "*" if day == "?" else day
    try:
        if day == "*" or weekdays == "*":
            return CronTrigger(day=day, day_of_week=weekdays, **given)
        either = (CronTrigger(day=day, **given), CronTrigger(day_of_week=weekdays, **given))
        return OrTrigger([*either])
    except ValueError as error:
        raise _no_cron(cron, f"`{error}`") from None


def slots(trigger: BaseTrigger, zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """Every time it fires after `after` and not after `until`, in UTC, oldest first.

    A wall time that comes twice, on the night the clocks go back, counts the first time only.
    """
    local = ZoneInfo(zone)
    # In UTC throughout: the library adds to local times, and stands still where one comes twice.
    begin = after.astimezone(UTC)
    while (at := trigger.get_next_fire_time(None, begin + _INSTANT)) and at <= until:
        begin = at.astimezone(UTC)
        if not _repeated(begin, local):
            yield begin


def next_slot(trigger: BaseTrigger, zone: str, after: datetime) -> datetime | None:
    """The first time it fires after that, in UTC; None when it never does within five years."""
    return next(slots(trigger, zone, after, after + timedelta(days=5 * 366)), None)


def _repeated(at: datetime, zone: ZoneInfo) -> bool:
    """Whether this is the second time that a wall time comes."""
    local = at.astimezone(zone)
    first = local.replace(fold=0)
    return local.fold == 1 and first.utcoffset() != local.utcoffset()


def _weekdays(cron: str, field: str) -> list[str]:
    found: list[str] = []
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if first == "*":
            begin, end = 0, 6
        else:
            begin = _weekday(cron, first)
            end = _weekday(cron, last) if dash else (6 if step else begin)
        end = 7 if end == 0 and begin > 0 and last else end
        if (step and not (step.isdigit() and int(step))) or begin > end:
            raise _no_cron(cron, f"`{part}` is no weekday")
        found += [_DAYS[day] for day in range(begin, end + 1, int(step or 1))]
    return list(dict.fromkeys(found))


def _weekday(cron: str, word: str) -> int:
    if re.fullmatch(r"[0-7]", word):
        return int(word)
    if word in _DAYS:
        return _DAYS.index(word)
    raise _no_cron(cron, f"`{word}` is no weekday")


def _no_cron(cron: str, why: str) -> UsageError:
    return UsageError(
        f"`{cron[:60]}` is no schedule: {why}.",
        'Write minute, hour, day, month and weekday in quotes, like `"30 8 * * mon-fri"`',
    )


class Missed(StrEnum):
    """What becomes of a time that passed while Houston or the chat was away."""

    CATCH_UP = "catch-up"
    REPORT = "report"


def _cron(text: str) -> str:
    try:
        trigger_of(text, "UTC")
    except UsageError as error:
        raise ValueError(f"{error.message} {error.hint}") from None
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", text):
        raise ValueError(
            "is no name: use at most 31 small letters, digits and dashes, a letter first"
        )
    return text


class ScheduleSection(Section):
    """A command that Houston runs by itself, as the account `schedule:<name>`."""

    name: Annotated[str, AfterValidator(_name)]
    """What it is called in `!schedule list`."""
    cron: Annotated[str, AfterValidator(_cron)]
    """Minute, hour, day, month, weekday as cron means them: 0 and 7 are Sunday."""
    zone: ZoneName = "UTC"
    """The zone the cron line speaks of."""
    command: str = Field(min_length=2)
    """The command line, such as `!status`."""
    room: str = ""
    """Where the answer is posted; none: the first of `chat.rooms`."""
    missed: Missed = Missed.CATCH_UP
    """A time missed is caught up once, the latest only, or reported."""

    @property
    def trigger(self) -> BaseTrigger:
        return trigger_of(self.cron, self.zone)

    @property
    def identity(self) -> str:
        """The account id policy knows it by."""
        return f"schedule:{self.name}"
