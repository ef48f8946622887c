"""Who is on call by calendars elsewhere: read again and again, the last copy kept for a while."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, SecretStr

from bot.clock import Clock
from bot.errors import AdapterError
from bot.ports.calendar import Calendar, Shift
from bot.ports.engine import Json, fields
from bot.ports.store import Documents
from bot.roster import Duty, Person
from bot.section import Section

_KIND = "calendar"
_AHEAD, _BEHIND = timedelta(days=8), timedelta(days=1)
_AGAIN = timedelta(minutes=1)
"""Between two tries of a calendar that does not answer."""


class CalendarSection(Section):
    """An iCalendar address that says who is on call."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    """As it stands on `!oncall`."""
    url: SecretStr
    """Its address; whoever has it can read the rota, so it is kept like a password."""
    people: Mapping[str, str] = Field(default_factory=dict)
    """What the calendar calls somebody, by the id in `people`, where neither the name nor the mail
    address of the roster stands in it."""
    every: Annotated[timedelta, Field(gt=timedelta(0))] = timedelta(minutes=5)
    """How old the copy may get before it is read again."""
    usable_for: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(hours=2)
    """How old the copy may be while the calendar cannot be read. Then nobody is on call by it."""


class Rota:
    """Keeps a copy of each calendar in the store, so that a restart does not lose it."""

    def __init__(
        self,
        calendar: Calendar,
        documents: Documents,
        sections: Sequence[CalendarSection],
        clock: Clock,
    ) -> None:
        self._calendar = calendar
        self._documents = documents
        self._sections = sections
        self._clock = clock
        self._tried: dict[str, datetime] = {}

    async def duties(self, people: Sequence[Person]) -> tuple[list[Duty], list[str]]:
        """The shifts of people of the roster, and what is wrong with the calendars."""
        duties: list[Duty] = []
        troubles: list[str] = []
        for section in self._sections:
            shifts, trouble = await self._shifts(section)
            troubles += [trouble] if trouble else []
            for shift in shifts:
                found = persons(shift, people, section.people)
                duties += [Duty(id, shift.start, shift.end, section.name) for id in found]
                if not found and shift.start <= self._clock.now() < shift.end:
                    who = shift.who[0] if shift.who else "nobody"
                    troubles.append(f"calendar {section.name} names {who}: not in the roster")
        return duties, troubles

    async def _shifts(self, section: CalendarSection) -> tuple[list[Shift], str]:
        """The shifts, of the newest copy that may be used, and what is wrong with it."""
        now = self._clock.now()
        copy = await self._documents.get(_KIND, section.name)
        age = now - _read_at(copy) if copy else None
        tried = self._tried.get(section.name)
        fresh = age is not None and age < section.every
        error = ""
        if not fresh and (tried is None or now - tried >= _AGAIN):
            self._tried[section.name] = now
            try:
                return await self._read(section, now), ""
            except AdapterError as failed:
                error = f": {failed.message}"
        if copy is None or age is None or age > max(section.usable_for, section.every):
            return [], f"calendar {section.name} cannot be read{error}: nobody is on call by it"
        old = f"calendar {section.name} cannot be read{error}: a copy of {_minutes(age)} is used"
        return _unpacked(copy), "" if fresh else old

    async def _read(self, section: CalendarSection, now: datetime) -> list[Shift]:
        shifts = await self._calendar.shifts(section.name, now - _BEHIND, now + _AHEAD)
        packed: list[Json] = [
            {"start": s.start.isoformat(), "end": s.end.isoformat(), "who": list(s.who)}
            for s in shifts
        ]
        body: dict[str, Json] = {"read": now.isoformat(), "shifts": packed}
        await self._documents.put(_KIND, section.name, body)
        return shifts


def persons(shift: Shift, people: Sequence[Person], aliases: Mapping[str, str]) -> list[str]:
    """The ids of who has this shift: whose whole name, mail address or alias stands in it.

    More than one in the title is nobody: a name inside another's must not put two on call.
    """
    found: list[str] = []
    for text in shift.who:
        known = [(person.id, word) for person in people for word in (person.name, person.email)]
        known += [(id, word) for word, id in aliases.items()]
        ids = {id for id, word in known if _stands(word, text)}
        if len(ids) == 1:
            found += ids
    return list(dict.fromkeys(found))


def _stands(word: str, text: str) -> bool:
    return bool(re.search(rf"(?<![\w.-])(?<!\w@){re.escape(word)}(?![\w@-])", text, re.IGNORECASE))


def _read_at(copy: Mapping[str, Json]) -> datetime:
    return datetime.fromisoformat(str(copy["read"]))


def _unpacked(copy: Mapping[str, Json]) -> list[Shift]:
    listed = copy["shifts"]
    if not isinstance(listed, list):
        raise TypeError("a calendar's copy has no shifts")
    return [
        Shift(
            datetime.fromisoformat(one["start"]),
            datetime.fromisoformat(one["end"]),
            tuple(one["who"]),
        )
        for one in map(fields, listed)
    ]


def _minutes(age: timedelta) -> str:
    return f"{round(age.total_seconds() / 60)} min ago"
