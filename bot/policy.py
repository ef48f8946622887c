"""Who may do what, and who must agree: one pure decision over rules, roster and time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.plan import Reach, Tier
from bot.roles import Role
from bot.roster import Duty, Person, on_duty
from bot.rules import Freeze, PolicyData, Rule, beyond, matches

_ORDER = list(Tier)


@dataclass(frozen=True)
class Ask:
    """What somebody wants to do. `at` is the moment of asking, aware."""

    account: str
    command: str
    role: Role
    tier: Tier
    target: str
    at: datetime
    reach: Reach = field(default_factory=Reach)


@dataclass(frozen=True)
class Decision:
    """What policy says of a request, and why, in words `!why` can print.

    `refusals` are the reasons of a no; `only` are the ids of those whose approvals count, empty
    when every approver's do. `with_code` is how many suffice that are confirmed with a code,
    `alone_after` how long a single person waits after announcing an override.
    """

    allowed: bool
    tier: Tier
    approvals: int
    expires: timedelta
    reasons: tuple[str, ...] = field(default_factory=tuple)
    refusals: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    with_code: int | None = None
    alone_after: timedelta | None = None


@dataclass(frozen=True)
class Standing:
    """What people set in chat and calendars say, as it was last read: freezes, shifts,
    and what is wrong with the calendars."""

    freezes: tuple[Freeze, ...] = ()
    duties: tuple[Duty, ...] = ()
    troubles: tuple[str, ...] = ()


class Policy:
    """The rules with the roster at hand. Unknown means no.

    `standing` is replaced by whoever keeps it up to date; the rules never change after the start.
    """

    def __init__(self, data: PolicyData) -> None:
        self._data = data
        self._by_account = {
            id: person for person in data.people for id in (person.id, *person.accounts)
        }
        self.version = _short_hash(canonical(data))
        """Of all the rules, the roster among them."""
        self.roster = _short_hash(
            canonical(PolicyData(people=data.people, rotations=data.rotations))
        )
        """Of who is who and who takes turns, alone."""
        self.standing = Standing()

    @property
    def data(self) -> PolicyData:
        return self._data

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

    def on_call(self, person: Person, at: datetime, asked: datetime | None = None) -> bool:
        """Whether this person is on call; see `on_duty` for `asked`."""
        return on_duty(person, self._data.rotations, self.standing.duties, at, asked)

    def decide(self, ask: Ask) -> Decision:
        """Whether this may be done, and what has to be agreed to before it runs."""
        rules = [rule for rule in self._data.rules if rule.fits(ask.command, ask.target)]
        tier = self._tier(ask, rules)
        terms = self._data.tiers.get(tier)
        raised = f", raised from {ask.tier} by policy" if tier is not ask.tier else ""
        has = "has" if self.may(ask.account, ask.role) else "lacks"
        reasons = [
            f"tier {tier}{raised}",
            f"requester {has} the role {ask.role} (account {ask.account})",
        ]
        refusals = [*self._refusals(ask, rules), *self.frozen(ask.target, ask.at)]
        if terms is None or terms.approvals is None:
            refusals.append(f"tier {tier} is never started from chat")
            return Decision(False, tier, 0, timedelta(0), (*reasons, *refusals), tuple(refusals))
        approvals = max([terms.approvals, *(rule.approvals or 0 for rule in rules)])
        with_code = terms.with_code and max([terms.with_code, *(r.approvals or 0 for r in rules)])
        only, named = self._only(rules)
        if named and len(only) < approvals:
            refusals.append(f"rules leave {len(only)} of {approvals} approvers that are needed")
        reasons += [f"needs {approvals} on-call approval(s), by policy {self.version}", *refusals]
        if with_code:
            reasons.append(f"or {with_code} confirmed with a one-time code")
        if only:
            names = ", ".join(person.name for person in self.people if person.id in only)
            reasons.append(f"only approvals of {names} count")
        return Decision(
            not refusals,
            tier,
            approvals,
            terms.expires,
            tuple(reasons),
            tuple(refusals),
            only,
            with_code,
            terms.alone_after,
        )

    def frozen(self, target: str, at: datetime) -> list[str]:
        """Why nothing may be changed on this target now; empty when something may."""
        planned = [
            f"frozen until {freeze.end:%Y-%m-%d %H:%M %Z}: {freeze.reason}"
            for freeze in self._data.freezes
            if freeze.start <= at < freeze.end and matches(freeze.targets, target)
        ]
        return planned + [
            f"frozen by {freeze.by} since {freeze.since:%Y-%m-%d %H:%M %Z}: {freeze.reason}"
            for freeze in self.standing.freezes
            if matches((freeze.target,), target)
        ]

    def approvers(self, requester: str, at: datetime, only: tuple[str, ...] = ()) -> list[Person]:
        """Who could approve something this account asks for, at this moment."""
        asking = self.person(requester)
        return [
            person
            for person in self.people
            if Role.APPROVER in person.roles
            and self.on_call(person, at)
            and person is not asking
            and (not only or person.id in only)
        ]

    def _tier(self, ask: Ask, rules: list[Rule]) -> Tier:
        """The highest anybody asks for: the plan, the command's entry, the rules."""
        asked = [ask.tier, self._data.commands.get(ask.command, ask.tier)]
        return max([*asked, *(rule.tier for rule in rules if rule.tier)], key=_ORDER.index)

    def _refusals(self, ask: Ask, rules: list[Rule]) -> list[str]:
        found = beyond(self._data.caps, self._data.protected, ask.reach)
        if not self.may(ask.account, ask.role):
            found.append(f"the requester lacks the role {ask.role}")
        return [*found, *(why for rule in rules for why in self.refused_by(rule, ask))]

    def refused_by(self, rule: Rule, ask: Ask) -> list[str]:
        """What this rule, which fits, has against it."""
        person = self.person(ask.account)
        found = [rule.refuse] if rule.refuse else []
        if rule.request is not None and (person is None or person.id not in rule.request):
            found.append(f"a rule for {ask.command} names who may ask, and not this account")
        if rule.windows and not any(window.covers(ask.at) for window in rule.windows):
            hours = "; ".join(window.text for window in rule.windows)
            found.append(f"a rule for {ask.command} allows it only {hours}")
        return found

    def _only(self, rules: list[Rule]) -> tuple[tuple[str, ...], bool]:
        """Whose approvals count by every rule that names somebody, and whether one does."""
        named = [set(rule.approve) for rule in rules if rule.approve is not None]
        return (tuple(sorted(set.intersection(*named))), True) if named else ((), False)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def canonical(data: PolicyData) -> str:
    """The same text for the same rules in every process: sets have no order of their own."""
    dumped = data.model_dump(mode="json")
    for person in dumped["people"]:
        person["roles"] = sorted(person["roles"])
    return json.dumps(dumped, sort_keys=True)
