"""What a command gives the engine: a plan, its steps and its checks. Data only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from bot.ports.git import Signature

Facts = TypeVar("Facts")
Result = TypeVar("Result", bound=str | int | bool | None)


class Tier(StrEnum):
    """How much can go wrong. Policy turns a tier into approvals and an expiry."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Bound(StrEnum):
    """What an approval is bound to beyond what Houston itself adds to each."""

    COMMIT = "base commit"
    DIFF = "diff"
    OBJECTS = "object versions"


@dataclass(frozen=True)
class Finding:
    """One thing the plan looked at. `ok` None means it could not be verified.

    `heed`: nothing is wrong, and yet somebody must expect or do something. `next`: a command line
    that leads on where it stops the plan.
    """

    text: str
    ok: bool | None = True
    heed: bool = False
    next: str = ""


@dataclass(frozen=True)
class Reach:
    """How far a plan goes; policy has limits for it. Left out: nothing of that kind.

    `replicas` of one workload, `pods` that one step removes or restarts, the `namespaces` and
    the `objects` it changes, as `deployment/rocketchat-presence`.
    """

    replicas: int | None = None
    pods: int | None = None
    namespaces: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Disruption:
    """Whom in chat a plan cuts off.

    `workloads` are the Deployments whose pods go away, none for the whole chat. `share` is how much
    of them does, from 0 to 1. `away` is for how long where no past run says, None until somebody
    brings it back; `until` when that is known to be.
    """

    workloads: tuple[str, ...] = ()
    share: float = 1.0
    away: timedelta | None = timedelta(seconds=40)
    until: datetime | None = None


@dataclass(frozen=True)
class Plan(Generic[Facts]):
    """What would change. Making one changes nothing.

    `facts` is a frozen dataclass of plain values: all that the steps need and all that an
    approval rests on. `target` names what is locked while it runs. `undo` is a command line.
    `expected` is how long it usually takes. A finding with `ok=False` stops the plan. `disrupts`
    says whom in chat it cuts off, None where nobody. `versions` are the objects that matter as they
    stand, by name (`bot.versions`), where the facts do not have them: the approval rests on them
    too.
    """

    title: str
    facts: Facts
    target: str
    tier: Tier
    undo: str = ""
    diff: str = ""
    where: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    expected: timedelta = timedelta(minutes=2)
    reach: Reach = Reach()
    disrupts: Disruption | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What a step may know of the operation it belongs to. `results` are by step title."""

    id: str
    requester: Signature
    results: Mapping[str, str | int | bool | None] = field(default_factory=dict)

    def __getitem__(self, step: Step[Result]) -> Result:
        """What an earlier step returned."""
        return self.results[step.title]  # type: ignore[return-value]  # keyed by the step


@dataclass(frozen=True)
class Step(Generic[Result]):
    """One change outside. `act` is safe to run twice: it looks, then acts.

    The title is unique in a plan and stable: it is the journal's key and a line of the card.
    `again` is the command line that asks for what is left when the operation ends before this step
    is done; empty for the operation's own, which then plans what is left by itself.
    """

    title: str
    act: Callable[[Run], Awaitable[Result]]
    again: str = ""


@dataclass(frozen=True)
class Sight:
    """What a check saw. `share` is how far it has come, 0 to 1, where that can be said.

    `seen` is false when the system did not answer: that says nothing about what it would say.
    """

    done: bool
    text: str = ""
    share: float | None = None
    seen: bool = True


@dataclass(frozen=True)
class Check:
    """A fact that must become true within a time. Checks side by side are watched together.

    `look` raises CheckFailed when it can never become true; an AdapterError only means that it
    could not be seen this time.
    """

    title: str
    look: Callable[[Run], Awaitable[Sight]]
    within: timedelta
    every: timedelta = timedelta(seconds=3)


Action = Step[str] | Step[int] | Step[bool] | Step[None] | Check
Actions = list[Action]
