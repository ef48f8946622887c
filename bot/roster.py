"""Who people are, and who of them is on call at a moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from bot.roles import Role
from bot.section import Section, Window, ZoneName

_NEVER = datetime.min.replace(tzinfo=UTC)


class Person(Section):
    """One person, known by the ids of their chat accounts, which never change."""

    id: str = Field(min_length=1)
    """The Rocket.Chat user `_id`, not the username."""
    name: str = Field(min_length=1)
    """As it stands on cards and in commits."""
    email: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    """Author of the commits this person asks for."""
    accounts: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Further account ids of the same person: one person has one vote."""
    roles: frozenset[Role] = frozenset()
    """What this person may do: operators ask for changes, approvers agree to them."""
    on_call: tuple[Window, ...] = ()
    """When this person is on call, whatever the rotations say; empty: by rotations only."""

    def is_on_call(self, at: datetime) -> bool:
        """By the person's own hours alone."""
        return any(window.covers(at) for window in self.on_call)


class Override(Section):
    """Somebody else takes a rotation's shift for a while."""

    person: str
    """Their id in `people`."""
    start: datetime
    """From when, on the rotation's wall clock, without a zone."""
    end: datetime
    """Until when, exclusive."""


class Rotation(Section):
    """People who take turns; the turn changes on the same wall-clock time, summer or winter."""

    name: str
    """As it stands on `!oncall`."""
    people: tuple[str, ...] = Field(min_length=1)
    """Ids in `people`, in the order of their turns."""
    start: datetime
    """When the first one's first turn began, on the clock of `zone`, without a zone."""
    every: timedelta = Field(timedelta(days=7), gt=timedelta(0))
    """How long a turn is."""
    zone: ZoneName = "UTC"
    """The zone of all its times."""
    hours: tuple[Window, ...] = ()
    """Only in these hours; empty: around the clock."""
    overrides: tuple[Override, ...] = ()
    """Shifts that others take; the last one listed wins."""

    @model_validator(mode="after")
    def _wall_clock(self) -> Self:
        moments = [self.start, *(m for o in self.overrides for m in (o.start, o.end))]
        if any(moment.tzinfo is not None for moment in moments):
            raise ValueError(f"times of rotation {self.name} carry a zone: the key zone says it")
        return self

    def turn(self, at: datetime) -> str | None:
        """The id of whose turn it is; None before the first and outside the hours."""
        local = at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        if local < self.start or (self.hours and not any(w.covers(at) for w in self.hours)):
            return None
        for override in reversed(self.overrides):
            if override.start <= local < override.end:
                return override.person
        return self.people[((local - self.start) // self.every) % len(self.people)]


@dataclass(frozen=True)
class Duty:
    """A shift that was taken in chat or stands in a calendar. `end` is exclusive.

    `noted` is when it was taken in chat, None for a calendar's; `instead` is the id of who is
    relieved by it.
    """

    person: str
    start: datetime
    end: datetime
    source: str
    noted: datetime | None = None
    instead: str = ""

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.end


def on_duty(
    person: Person,
    rotations: Iterable[Rotation],
    duties: Iterable[Duty],
    at: datetime,
    asked: datetime | None = None,
) -> bool:
    """Whether this person is on call at this moment.

    Args:
        asked: when the approval was asked for. A shift taken in chat after that does not count
            for it: nobody puts themselves on call to approve what they have already seen.
    """
    now = [duty for duty in duties if duty.covers(at)]
    relieved = [_noted(duty) for duty in now if duty.instead == person.id]
    taken = [_noted(duty) for duty in now if duty.person == person.id and _taken(duty, asked)]
    if taken or relieved:
        return max(taken, default=_NEVER) > max(relieved, default=_NEVER)
    listed = any(duty.person == person.id and duty.noted is None for duty in now)
    return listed or person.is_on_call(at) or any(r.turn(at) == person.id for r in rotations)


def _noted(duty: Duty) -> datetime:
    return duty.noted or _NEVER


def _taken(duty: Duty, asked: datetime | None) -> bool:
    """Whether it was taken in chat, and before the question."""
    return duty.noted is not None and (asked is None or duty.noted <= asked)
