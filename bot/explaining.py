"""Every rule that was looked at for a decision, in order, with its verdict; pure."""

from __future__ import annotations

from bot.cards import counted
from bot.plan import Tier
from bot.policy import Ask, Decision, Policy
from bot.policywords import rule_words
from bot.rules import Rule, beyond, matches

_YES, _NO, _OTHER = "✔", "✘", "–"


def explained(policy: Policy, ask: Ask, decision: Decision) -> list[str]:
    """A line for each thing policy looked at, and then what it came to; texts as they are.

    What is about other commands is only counted.
    """
    looked = [
        _role(policy, ask),
        _entry(policy, ask),
        *_rules(policy, ask),
        *_limits(policy, ask),
        *_freezes(policy, ask),
    ]
    told = "\n".join(looked)
    said = [why for why in decision.reasons if why not in decision.refusals or why not in told]
    return [*looked, *(f"→ {why}" for why in said if why not in looked[0])]


def rules_about(policy: Policy, command: str) -> list[str]:
    """Which rules are about a command, by their place in the file; the others are counted."""
    rules = list(enumerate(policy.data.rules, 1))
    mine = [(place, rule) for place, rule in rules if matches(rule.commands, command)]
    said = [f"rule {place} fits: {rule_words(rule)}" for place, rule in mine]
    return said + _others(len(rules) - len(mine))


def least(policy: Policy, command: str) -> list[Tier]:
    """The tiers a command's plan can end in, whatever its target."""
    rules = [one for one in policy.data.rules if matches(one.commands, command) and not one.targets]
    named = [policy.data.commands.get(command), *(rule.tier for rule in rules)]
    order = list(Tier)
    return order[max((order.index(tier) for tier in named if tier), default=0) :]


def _role(policy: Policy, ask: Ask) -> str:
    mark, has = (_YES, "has") if policy.may(ask.account, ask.role) else (_NO, "lacks")
    return f"{mark} the requester {has} the role {ask.role} (account {ask.account})"


def _entry(policy: Policy, ask: Ask) -> str:
    named = policy.data.commands.get(ask.command)
    said = f"commands name tier {named} for it" if named else "commands do not name it"
    return f"{_YES if named else _OTHER} tier: the plan asks for {ask.tier}, {said}"


def _rules(policy: Policy, ask: Ask) -> list[str]:
    said, others = [], 0
    for place, rule in enumerate(policy.data.rules, 1):
        if matches(rule.commands, ask.command):
            said.append(_verdict(policy, ask, place, rule))
        else:
            others += 1
    return said + _others(others)


def _verdict(policy: Policy, ask: Ask, place: int, rule: Rule) -> str:
    if not rule.fits(ask.command, ask.target):
        about = ", ".join(rule.targets)
        return f"{_OTHER} rule {place} does not fit: it is about {about}, not {ask.target}"
    against = policy.refused_by(rule, ask)
    why = f" ({'; '.join(against)})" if against else ""
    return f"{_NO if against else _YES} rule {place} fits: {rule_words(rule)}{why}"


def _others(count: int) -> list[str]:
    are = "is" if count == 1 else "are"
    return [f"{_OTHER} {counted(count, 'rule')} {are} about other commands"] if count else []


def _limits(policy: Policy, ask: Ask) -> list[str]:
    found = beyond(policy.data.caps, policy.data.protected, ask.reach)
    if not found:
        return [f"{_YES} caps and protected objects: it stays within them"]
    return [f"{_NO} caps and protected objects: {why}" for why in found]


def _freezes(policy: Policy, ask: Ask) -> list[str]:
    found = policy.frozen(ask.target, ask.at)
    known = len(policy.data.freezes) + len(policy.standing.freezes)
    said = [f"{_NO} freeze: {why}" for why in found]
    rest = known - len(found)
    if not known:
        return [f"{_OTHER} there is no freeze"]
    not_now = f"{_OTHER} {counted(rest, 'freeze')} of other targets or times"
    return [*said, not_now] if rest else said
