"""Who may do what, and who must agree: data from the configuration, and one pure decision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from bot.plan import Tier
from bot.roles import Role

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        raise ValueError("is no time zone: use a name like Europe/London") from None
    return name


def _day(name: str) -> str:
    if name not in DAYS:
        raise ValueError(f"is no day: use {', '.join(DAYS)}")
    return name


ZoneName = Annotated[str, AfterValidator(_zone)]
Day = Annotated[str, AfterValidator(_day)]


class Section(BaseModel):
    """A part of the configuration: no unknown key, no change after the start."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )


class Terms(Section):
    """What a tier asks for before anything changes."""

    approvals: int | None = Field(ge=0, le=10)
    """How many on-call colleagues must approve; null: never by chat."""
    expires: timedelta = Field(timedelta(minutes=10), gt=timedelta(0))
    """How long an approval may be given (ISO 8601 or seconds). Then the answer is no."""

    @field_validator("approvals", mode="before")
    @classmethod
    def _no_truth(cls, value: object) -> object:
        """`approvals: no` would otherwise be read as 0: start at once."""
        if isinstance(value, bool):
            raise ValueError("yes and no are no number: write how many, or null for never")
        return value


class Window(Section):
    """Hours in which a person is on call, in a zone's wall clock; end ≤ start: over midnight."""

    days: tuple[Day, ...] = DAYS
    """The days on which the window begins."""
    start: time = time(0)
    """When it begins, on the clock of `zone`."""
    end: time = time(0)
    """When it ends; at or before `start` means on the next day."""
    zone: ZoneName = "UTC"
    """The zone of both, with its summer time."""

    def covers(self, at: datetime) -> bool:
        """Whether this moment lies inside."""
        local = at.astimezone(ZoneInfo(self.zone))
        today, clock = DAYS[local.weekday()], local.time()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        yesterday = DAYS[(local.weekday() - 1) % 7]
        return (today in self.days and clock >= self.start) or (
            yesterday in self.days and clock < self.end
        )


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
    """When this person is on call; empty: never."""

    def is_on_call(self, at: datetime) -> bool:
        return any(window.covers(at) for window in self.on_call)


class PolicyData(Section):
    """The rules, as the configuration has them."""

    tiers: Mapping[Tier, Terms] = Field(
        default_factory=lambda: {
            Tier.LOW: Terms(approvals=0, expires=timedelta(minutes=15)),
            Tier.MEDIUM: Terms(approvals=1, expires=timedelta(minutes=10)),
            Tier.HIGH: Terms(approvals=2, expires=timedelta(minutes=5)),
            Tier.CRITICAL: Terms(approvals=None),
        }
    )
    """Per tier, how many must approve and how long they have. A tier left out means no."""
    people: tuple[Person, ...] = ()
    """The roster. Whoever is not in it may read, and hold."""
    commands: Mapping[str, Tier] = Field(default_factory=dict)
    """A higher tier for a command than its plan asks for. It is never lowered."""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [id for person in self.people for id in (person.id, *person.accounts)]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"account {twice[0]} stands twice in people: keep it with one of them")
        return self


@dataclass(frozen=True)
class Decision:
    """What policy says of a request, and why, in words `!why` can print."""

    allowed: bool
    tier: Tier
    approvals: int
    expires: timedelta
    reasons: tuple[str, ...] = field(default_factory=tuple)


_ORDER = list(Tier)


class Policy:
    """The rules with the roster at hand. Unknown means no."""

    def __init__(self, data: PolicyData) -> None:
        self._data = data
        self._by_account = {
            id: person for person in data.people for id in (person.id, *person.accounts)
        }
        self.version = hashlib.sha256(_canonical(data).encode()).hexdigest()[:12]

    @property
    def people(self) -> tuple[Person, ...]:
        return self._data.people

    def person(self, account: str) -> Person | None:
        """Who this account id belongs to."""
        return self._by_account.get(account)

    def may(self, account: str, role: Role) -> bool:
        """Whether this account has the role."""
        person = self.person(account)
        return role is Role.ANYONE or (person is not None and role in person.roles)

    def decide(self, account: str, command: str, role: Role, tier: Tier) -> Decision:
        """Whether this may be asked for, and what has to be agreed to before it runs."""
        asked = self._data.commands.get(command, tier)
        effective = max(tier, asked, key=_ORDER.index)
        terms = self._data.tiers.get(effective)
        raised = f", raised from {tier} by policy" if effective is not tier else ""
        reasons = [f"tier {effective}{raised}"]
        allowed = self.may(account, role)
        reasons.append(
            f"requester {'has' if allowed else 'lacks'} the role {role} (account {account})"
        )
        if terms is None or terms.approvals is None:
            reasons.append(f"tier {effective} is never started from chat")
            return Decision(False, effective, 0, timedelta(0), tuple(reasons))
        reasons.append(f"needs {terms.approvals} on-call approval(s), by policy {self.version}")
        return Decision(allowed, effective, terms.approvals, terms.expires, tuple(reasons))

    def approvers(self, requester: str, at: datetime) -> list[Person]:
        """Who could approve something this account asks for, at this moment."""
        asking = self.person(requester)
        return [
            person
            for person in self.people
            if Role.APPROVER in person.roles and person.is_on_call(at) and person is not asking
        ]


def _canonical(data: PolicyData) -> str:
    """The same text for the same rules in every process: sets have no order of their own."""
    dumped = data.model_dump(mode="json")
    for person in dumped["people"]:
        person["roles"] = sorted(person["roles"])
    return json.dumps(dumped, sort_keys=True)
