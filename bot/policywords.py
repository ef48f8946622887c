"""What differs between two versions of the rules, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.cards import code
from bot.differing import differences
from bot.plan import Tier
from bot.policy import canonical
from bot.roster import Person
from bot.rules import PolicyData, Rule, Terms


def changes(old: PolicyData, new: PolicyData) -> list[str]:
    """A line for each difference, ready to show; none only when the rules are the same."""
    said = [
        *_people(old, new),
        *(line for tier in Tier for line in _tier(tier, old.tiers.get(tier), new.tiers.get(tier))),
        *_commands(old.commands, new.commands),
        *(f"{code(name)} is protected now" for name in new.protected if name not in old.protected),
        *(
            f"{code(name)} is protected no longer"
            for name in old.protected
            if name not in new.protected
        ),
        *_rules(old, new),
        *differences(_rest(old), _rest(new)),
    ]
    return said or (["only the order of its entries"] if canonical(old) != canonical(new) else [])


def _rest(data: PolicyData) -> dict[str, Any]:
    """Rotations, freezes and caps, by their keys in the file."""
    told = {"people", "tiers", "commands", "protected", "rules"}
    dumped: dict[str, Any] = data.model_dump(mode="json", exclude=told)
    return dumped


def _people(old: PolicyData, new: PolicyData) -> Iterator[str]:
    before = {person.id: person for person in old.people}
    after = {person.id: person for person in new.people}
    for id in sorted({*before, *after}):
        was, now = before.get(id), after.get(id)
        if was is None and now is not None:
            yield f"{code(now.name)} is new, with {_roles(now)}"
        elif was is not None and now is None:
            yield f"{code(was.name)} is in the roster no longer, and had {_roles(was)}"
        elif was is not None and now is not None and was != now:
            yield from _person(was, now)


def _person(was: Person, now: Person) -> Iterator[str]:
    yield from (f"{code(now.name)} gains the role {role}" for role in sorted(now.roles - was.roles))
    yield from (f"{code(now.name)} loses the role {role}" for role in sorted(was.roles - now.roles))
    told = {"roles"}
    lines = differences(
        was.model_dump(mode="json", exclude=told), now.model_dump(mode="json", exclude=told)
    )
    yield from (f"{code(now.name)}, {line}" for line in lines)


def _roles(person: Person) -> str:
    names = ", ".join(sorted(person.roles))
    return f"the roles {names}" if names else "no role"


def _tier(tier: Tier, was: Terms | None, now: Terms | None) -> Iterator[str]:
    if was is None and now is not None:
        yield f"tier {tier} is named now: {_terms(now)}"
    elif was is not None and now is None:
        yield f"tier {tier} is named no longer, so never started; it was: {_terms(was)}"
    elif was is not None and now is not None and was != now:
        yield f"tier {tier}: {_terms(was)} → {_terms(now)}"


def _terms(terms: Terms) -> str:
    if terms.approvals is None:
        return "never from chat"
    said = [f"{terms.approvals} approvals within {terms.expires.total_seconds():g} s"]
    said += [f"{terms.with_code} with a code"] if terms.with_code else []
    said += [f"alone after {terms.alone_after.total_seconds():g} s"] if terms.alone_after else []
    return ", ".join(said)


def _commands(old: Mapping[str, Tier], new: Mapping[str, Tier]) -> Iterator[str]:
    own = "its plan's own tier"
    for name in sorted({*old, *new}):
        was, now = old.get(name, own), new.get(name, own)
        if was != now:
            yield f"{code('!' + name)} at least: {was} → {now}"


def _rules(old: PolicyData, new: PolicyData) -> Iterator[str]:
    yield from (
        f"a new rule for {_about(rule)}: {rule_words(rule)}"
        for rule in new.rules
        if rule not in old.rules
    )
    yield from (
        f"no rule any longer for {_about(rule)}: {rule_words(rule)}"
        for rule in old.rules
        if rule not in new.rules
    )


def rule_words(rule: Rule) -> str:
    """What a rule asks for, without the commands it is about."""
    where = f"on {', '.join(rule.targets)}: " if rule.targets else ""
    parts = [
        f"refused ({rule.refuse})" if rule.refuse else "",
        f"at least tier {rule.tier}" if rule.tier else "",
        f"at least {rule.approvals} approvals" if rule.approvals else "",
        f"asked for only by {', '.join(rule.request) or 'nobody'}"
        if rule.request is not None
        else "",
        f"approved only by {', '.join(rule.approve) or 'nobody'}"
        if rule.approve is not None
        else "",
        f"only {'; '.join(window.text for window in rule.windows)}" if rule.windows else "",
    ]
    return where + ", ".join(part for part in parts if part)


def _about(rule: Rule) -> str:
    return ", ".join(code("!" + name) for name in rule.commands) or "every operation"
