"""Reads iCalendar (RFC 5545) as PagerDuty, Opsgenie and Grafana export it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr
from icalendar import Calendar, vRecur

from bot.ports.calendar import Shift

_DAY = timedelta(days=1)
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
"""No rota changes that often, and unrolling it for years would take for ever."""
_MAIL = "mailto:"


def read_shifts(content: bytes, start: datetime, end: datetime) -> list[Shift]:
    """The shifts that touch the time from `start` to `end`, earliest first.

    Times without a zone are in the calendar's `X-WR-TIMEZONE`, else in UTC. Raises ValueError for
    what is no calendar, or repeats in a way that is not understood.
    """
    calendar = Calendar.from_ical(content)
    if calendar.name != "VCALENDAR":
        raise ValueError("no VCALENDAR")
    zone = _zone(str(calendar.get("X-WR-TIMEZONE", "UTC")))
    events: list[Any] = list(calendar.walk("VEVENT"))
    moved = {
        (str(event.get("UID")), _moment(event["RECURRENCE-ID"].dt, zone))
        for event in events
        if "RECURRENCE-ID" in event
    }
    found = [
        Shift(begin, begin + length, _who(event))
        for event in events
        if str(event.get("STATUS", "")).upper() != "CANCELLED"
        for length in [_length(event)]
        for begin in _begins(event, zone, start - length, end)
        if "RECURRENCE-ID" in event or (str(event.get("UID")), begin) not in moved
    ]
    return sorted(
        (shift for shift in found if shift.end > start and shift.start < end),
        key=lambda shift: (shift.start, shift.who),
    )


def _begins(event: Any, zone: tzinfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """When the event begins, each time, as the wall clock of its own zone has it."""
    first = event["DTSTART"].dt
    own = getattr(first, "tzinfo", None) or zone
    if "RRULE" not in event:
        yield _moment(first, zone)
        return
    skipped = {_moment(one, zone) for one in _dates(event, "EXDATE")}
    wall = _wall(first, own)
    rule = rrulestr(_rule(event["RRULE"], own), dtstart=wall)
    between = rule.between(_wall(start, own) - _DAY, _wall(end, own) + _DAY, inc=True)
    repeated = [one.replace(tzinfo=own).astimezone(UTC) for one in between]
    added = [_moment(one, zone) for one in _dates(event, "RDATE")]
    yield from (begin for begin in dict.fromkeys([*repeated, *added]) if begin not in skipped)


def _rule(rule: Any, own: tzinfo) -> str:
    """The rule with its end on the same wall clock as its beginning."""
    parts = dict(rule)
    if {str(one).upper() for one in parts.get("FREQ", ())} & _TOO_OFTEN:
        raise ValueError("a shift that repeats within a day")
    if "UNTIL" in parts:
        parts["UNTIL"] = [_wall(one, own) for one in parts["UNTIL"]]
    made: Any = vRecur(parts)
    return str(made.to_ical().decode())


def _dates(event: Any, name: str) -> list[Any]:
    """Single dates of a property that may stand several times."""
    found = event.get(name, [])
    lists = found if isinstance(found, list) else [found]
    return [one.dt for listed in lists for one in listed.dts if isinstance(one.dt, date)]


def _length(event: Any) -> timedelta:
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return length
    first = event["DTSTART"].dt
    if "DTEND" not in event:
        return timedelta(0) if isinstance(first, datetime) else _DAY
    own = getattr(first, "tzinfo", None) or UTC
    length = _moment(event["DTEND"].dt, own) - _moment(first, own)
    return max(length, timedelta(0))


def _moment(value: date, zone: tzinfo) -> datetime:
    """In UTC; a date is its midnight, and a time without a zone is in `zone`."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    return _wall(value, zone).replace(tzinfo=zone).astimezone(UTC)


def _wall(value: date, zone: tzinfo) -> datetime:
    """What the clock on the wall shows in this zone, without saying which."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  # a wall clock
    return (value.astimezone(zone) if value.tzinfo else value).replace(tzinfo=None)


def _who(event: Any) -> tuple[str, ...]:
    people = [event.get("ORGANIZER"), *_several(event.get("ATTENDEE"))]
    named = [part for one in people if one for part in (str(one), one.params.get("CN", ""))]
    said = [str(event.get("SUMMARY", "")), *(str(part) for part in named)]
    return tuple(dict.fromkeys(text.removeprefix(_MAIL).strip() for text in said if text.strip()))


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone nobody knows") from None
