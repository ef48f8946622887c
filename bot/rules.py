"""The rules as the configuration has them: data that git can review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from bot.plan import Reach, Tier
from bot.roster import Person, Rotation
from bot.section import Section, Window


class Terms(Section):
    """What a tier asks for before anything changes."""

    approvals: int | None = Field(ge=0, le=10)
    """How many on-call colleagues must approve; null: never by chat."""
    with_code: int | None = Field(None, ge=1, le=10)
    """How many suffice when each confirms with a one-time code (`!confirm`); null: codes do not
    help."""
    alone_after: timedelta | None = Field(None, gt=timedelta(0))
    """How long after announcing it the only person on call may go on alone, with a code and a
    reason (`!override`); shorter than `expires`; null: never."""
    expires: timedelta = Field(timedelta(minutes=10), gt=timedelta(0))
    """How long an approval may be given (ISO 8601 or seconds). Then the answer is no."""

    @model_validator(mode="after")
    def _alone_in_time(self) -> Self:
        if self.alone_after is not None and self.alone_after >= self.expires:
            raise ValueError("alone_after is not shorter than expires: it could never be used")
        return self

    @field_validator("approvals", mode="before")
    @classmethod
    def _no_truth(cls, value: object) -> object:
        """`approvals: no` would otherwise be read as 0: start at once."""
        if isinstance(value, bool):
            raise ValueError("yes and no are no number: write how many, or null for never")
        return value


class Rule(Section):
    """What holds for some commands on some targets. Every rule that fits applies; each can only
    make it stricter."""

    commands: tuple[str, ...] = ()
    """Names of commands, `app *` with a star for any ending; empty: every operation."""
    targets: tuple[str, ...] = ()
    """Targets, as operations lock them, with stars; empty: every target."""
    request: tuple[str, ...] | None = None
    """Who may ask: ids of people. Left out: whoever has the command's role."""
    approve: tuple[str, ...] | None = None
    """Whose approvals count: ids of people. Left out: every approver's."""
    tier: Tier | None = None
    """At least this tier."""
    approvals: int | None = Field(None, ge=0, le=10)
    """At least this many approvals."""
    windows: tuple[Window, ...] = ()
    """Only in these hours; empty: at any time."""
    refuse: str = ""
    """A reason: nobody may, ever."""

    def fits(self, command: str, target: str) -> bool:
        """Whether this rule is about that command on that target."""
        return matches(self.commands, command) and matches(self.targets, target)


class Caps(Section):
    """How much one operation may reach. Left out: no limit of that kind."""

    replicas: int | None = Field(None, ge=0)
    """Replicas of one workload."""
    pods: int | None = Field(None, ge=0)
    """Pods that one step removes or restarts."""
    namespaces: tuple[str, ...] | None = None
    """Namespaces that may be touched at all, with stars."""


class PlannedFreeze(Section):
    """A time in which nothing is changed, known beforehand."""

    start: AwareDatetime
    """From when, with its zone: `2026-12-23T18:00:00Z`."""
    end: AwareDatetime
    """Until when, exclusive."""
    reason: str = Field(min_length=1)
    """Why; it stands on the refusal."""
    targets: tuple[str, ...] = ()
    """Targets it holds for, with stars; empty: everything."""


class PolicyData(Section):
    """The rules. Whatever they do not name is refused."""

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
    rotations: tuple[Rotation, ...] = ()
    """Who takes turns being on call."""
    commands: Mapping[str, Tier] = Field(default_factory=dict)
    """A higher tier for a command than its plan asks for. It is never lowered."""
    rules: tuple[Rule, ...] = ()
    """What holds beyond tiers."""
    freezes: tuple[PlannedFreeze, ...] = ()
    """Times in which nothing is changed; `!freeze` adds to them."""
    caps: Caps = Caps()
    """How much one operation may reach."""
    protected: tuple[str, ...] = ("secret/rocketchat-rocketchat",)
    """Objects no operation touches, with stars: `persistentvolumeclaim/mongodb-*`."""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [id for person in self.people for id in (person.id, *person.accounts)]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"account {twice[0]} stands twice in people: keep it with one of them")
        return self

    @model_validator(mode="after")
    def _people_are_known(self) -> Self:
        known = {person.id for person in self.people}
        named = [
            *(id for rota in self.rotations for id in rota.people),
            *(o.person for rota in self.rotations for o in rota.overrides),
            *(id for rule in self.rules for id in (*(rule.request or ()), *(rule.approve or ()))),
        ]
        strangers = sorted(set(named) - known)
        if strangers:
            raise ValueError(f"{strangers[0]} is nobody's id in people: correct it or add them")
        return self


@dataclass(frozen=True)
class Freeze:
    """A stop somebody set in chat. `target` is a pattern, `*` for everything."""

    target: str
    reason: str
    by: str
    since: datetime


def matches(patterns: tuple[str, ...], name: str) -> bool:
    """Whether the name is among the patterns; no pattern stands for any name."""
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def beyond(caps: Caps, protected: tuple[str, ...], reach: Reach) -> list[str]:
    """What of the reach is too much, a sentence each."""
    found = []
    if caps.replicas is not None and (reach.replicas or 0) > caps.replicas:
        found.append(f"{reach.replicas} replicas are more than the {caps.replicas} policy allows")
    if caps.pods is not None and (reach.pods or 0) > caps.pods:
        found.append(f"{reach.pods} pods in a step are more than the {caps.pods} policy allows")
    if caps.namespaces is not None:
        found += [
            f"namespace {name} is none policy lets Houston touch"
            for name in reach.namespaces
            if not (caps.namespaces and matches(caps.namespaces, name))
        ]
    found += [
        f"{name} is protected by policy"
        for name in reach.objects
        if protected and matches(protected, name)
    ]
    return found
