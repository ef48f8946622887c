"""The rules in a file of their own, so that git reviews them; and what a check of it says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.configfile import finding, read
from bot.described import described
from bot.errors import ConfigError
from bot.explaining import least, rules_about
from bot.plan import Tier
from bot.policy import Ask, Policy
from bot.policywords import changes
from bot.roles import Role
from bot.rules import PolicyData, Terms, matches


def load_policy(path: Path) -> PolicyData:
    """The rules of a policy file, or of a configuration with a section `policy`.

    Raises ConfigError with each wrong key, the reason and the fix.
    """
    content = read(path)
    section = content.get("policy", content) if "policy" in content else content
    try:
        return PolicyData.model_validate(section)
    except ValidationError as error:
        wrong = [finding(dict(problem)) for problem in error.errors(include_url=False)]
        raise ConfigError(f"{path}: " + "; ".join(wrong), "Mend these keys") from None


def take_in(content: dict[str, Any], path: Path) -> list[str]:
    """Put the rules of `policy_file` in their place; gives what is wrong with that."""
    named = content.get("policy_file")
    if not isinstance(named, str):
        return []
    if "policy" in content:
        return ["policy and policy_file: keep one of them"]
    where = path.parent / named
    try:
        content["policy"] = load_policy(where).model_dump()
    except ConfigError as error:
        return [error.message]
    content["policy_file"] = str(where)
    return []


_WHENEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Pending:
    """Rules on disk that are not those in force: their version and what they change, in words, or
    what is `wrong` with them."""

    version: str = ""
    changes: tuple[str, ...] = ()
    wrong: str = ""

    @property
    def text(self) -> str:
        """In a sentence that tells nothing of what is in it."""
        if self.wrong:
            return "what is on disk is broken: Houston would not start again"
        return f"another policy, {self.version}, waits for a restart"


class PolicyFile:
    """Where the running rules came from; `path` None: the configuration itself.

    Rules, roster and protected objects change only on disk and by a restart. A change on disk is
    pending until then, and is shown.

    Args:
        on_disk: reads the rules a restart would read; raises ConfigError.
    """

    def __init__(self, path: Path | None, on_disk: Callable[[], PolicyData]) -> None:
        self.path = path
        self._on_disk = on_disk

    async def pending(self, running: Policy) -> Pending | None:
        """What is on disk when it is another than what runs; None when it is the same."""
        try:
            found = Policy(await asyncio.to_thread(self._on_disk))
        except ConfigError as error:
            return Pending(wrong=error.message)
        if found.version == running.version:
            return None
        return Pending(found.version, tuple(changes(running.data, found.data)))


def schema() -> dict[str, Any]:
    """The JSON schema of a policy file, for editors and reviews."""
    made = described(PolicyData).model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "Houston's policy"
    return made


def report(policy: Policy, operations: Sequence[str]) -> Iterator[str]:
    """What the rules come to: who may what, what each tier asks for, and what looks wrong."""
    data = policy.data
    yield f"policy {policy.version}"
    for person in data.people:
        roles = ", ".join(sorted(person.roles)) or "no role"
        yield f"  {person.name} ({person.id}): {roles}"
    for tier in Tier:
        yield f"  {tier}: {_terms(data.tiers.get(tier))}"
    for name in operations:
        yield f"  !{name}: {'; '.join(_said(policy, name))}"
    for warning in warnings(data, operations):
        yield f"  ⚠ {warning}"


def warnings(data: PolicyData, operations: Sequence[str]) -> list[str]:
    """What is allowed to be written and is most likely not meant."""
    approvers = [person for person in data.people if Role.APPROVER in person.roles]
    found = [
        f"tier {tier} needs {terms.approvals} approvals beside who asks, and the roster has "
        f"{len(approvers)} approvers: it can hardly be reached"
        for tier, terms in data.tiers.items()
        if terms.approvals is not None and terms.approvals >= max(len(approvers), 1)
    ]
    turns = {id for rota in data.rotations for id in rota.people}
    if approvers and not any(p.on_call or p.id in turns for p in approvers):
        found.append("no approver is ever on call: every approval would expire")
    named = [(name, "commands") for name in data.commands]
    named += [(name, "rules") for rule in data.rules for name in rule.commands]
    return found + [
        f"{where} name !{name}, which is no operation: it has no effect"
        for name, where in named
        if not any(matches((name,), known) for known in operations)
    ]


def _said(policy: Policy, name: str) -> list[str]:
    data = policy.data
    least_tier = data.commands.get(name)
    said = [f"at least tier {least_tier}" if least_tier else "the tier its plan asks for"]
    said += rules_about(policy, name)
    askers = ", ".join(person.name for person in data.people if Role.OPERATOR in person.roles)
    return [*said, f"asked for by {askers or 'nobody'}", f"so {_outcome(policy, name)}"]


def _outcome(policy: Policy, name: str) -> str:
    """What each tier it can end in takes, whatever its target."""
    found = []
    for tier in least(policy, name):
        ask = Ask("", name, Role.OPERATOR, tier, "", _WHENEVER)
        terms = policy.data.tiers.get(tier)
        decision = policy.decide(ask)
        never = terms is None or terms.approvals is None
        found.append(f"{tier} {'never from chat' if never else f'takes {decision.approvals}'}")
    return ", ".join(found)


def _terms(terms: Terms | None) -> str:
    if terms is None or terms.approvals is None:
        return "never from chat"
    return f"{terms.approvals} on-call approvals within {terms.expires.total_seconds():g} s"
