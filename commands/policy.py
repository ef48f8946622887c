"""`!policy` and `!policy test "COMMAND" as USER`"""

from enum import StrEnum
from typing import Annotated

from bot.arguments import Rest, Says
from bot.cards import Card, Mark, code, plain
from bot.catalogue import Catalogue
from bot.command import Operation, command
from bot.errors import Refused
from bot.explaining import explained
from bot.planning import Planner
from bot.policy import Policy
from bot.policyfile import Pending, PolicyFile
from bot.ports.chat import Author
from bot.ports.store import LOCAL
from bot.request import Request
from bot.roster import Person
from bot.standing import Keeper


class As(StrEnum):
    AS = "as"


@command("policy", manual=("git log policy.yaml",), examples=("!policy",))
async def policy_(*, policy: Policy, source: PolicyFile, keeper: Keeper) -> Card:
    """Show which rules hold, and whether a newer version waits for a restart."""
    await keeper.refresh()
    pending = await source.pending(policy)
    freezes = policy.standing.freezes
    where = plain(source.path.name) if source.path else "the configuration"
    return Card(
        Mark.WARNING if pending else Mark.INFO,
        f"Policy {code(policy.version)} holds{_title(pending)}",
        (
            *_waiting(pending),
            f"It was read from {where}. Rules, roster and protected objects change there, by "
            "review, never by chat.",
            *(f"Frozen: {code(f.target)} by {plain(f.by)}: {plain(f.reason)}" for f in freezes),
        ),
        next=('!policy test "scale presence 2" as ana', "!oncall"),
    )


def _title(pending: Pending | None) -> str:
    if pending is None:
        return ""
    if pending.wrong:
        return ", and what is on disk is broken"
    return f", and {code(pending.version)} waits for a restart"


def _waiting(pending: Pending | None) -> list[str]:
    """What the rules on disk change, and how they come into force."""
    if pending is None:
        return []
    if pending.wrong:
        return [
            f"✘ {plain(pending.wrong)}",
            "The rules that hold stay in force; with that file Houston would not start again.",
        ]
    return [
        *(f"· {change}" for change in pending.changes),
        "Whoever runs Houston brings it into force by a restart; what waits for votes is then "
        "planned anew.",
    ]


@command(
    "policy test",
    manual=("houston policy check policy.yaml",),
    examples=('!policy test "scale presence 2" as ana',),
)
async def policy_test(
    line: Annotated[str, Says('"COMMAND"')],
    word: Annotated[As, Says("as")],
    user: Annotated[str, Rest, Says("USER")],
    *,
    catalogue: Catalogue,
    planner: Planner,
    policy: Policy,
    keeper: Keeper,
) -> Card:
    """Explain what would be decided if this person typed that command; nothing is started."""
    del word
    await keeper.refresh()
    person = _person(policy, user)
    known, words = catalogue.of(line)
    if not isinstance(known, Operation):
        allowed = policy.may(person.id, known.role)
        return Card(
            Mark.OK if allowed else Mark.NO,
            f"{plain(person.name)} {'may' if allowed else 'may not'} run {code(words.line)}",
            (f"It changes nothing and needs the role {known.role}.",),
            next=("!policy",),
        )
    known.read(words.arguments)
    author = Author(person.id, person.name)
    planned = await planner.plan(Request("policy-test", LOCAL, "policy-test", author, words.line))
    decision = planned.decision
    wrong = [finding.text for finding in planned.plan.findings if finding.ok is False]
    return Card(
        Mark.OK if decision.allowed else Mark.NO,
        f"{plain(person.name)} {'may' if decision.allowed else 'may not'} ask for "
        f"{plain(planned.plan.title)}",
        (
            *(plain(line) for line in explained(policy, planned.ask, decision)),
            *(f"✘ {plain(text)}: it would not be planned now" for text in wrong),
        ),
        next=("!policy", "!oncall"),
    )


def _person(policy: Policy, name: str) -> Person:
    """Somebody of the roster; a stranger is judged as one."""
    wanted = name.removeprefix("@").lower()
    for person in policy.people:
        known = {person.id, person.name, person.name.split(maxsplit=1)[0], *person.accounts}
        if wanted in {one.lower() for one in known}:
            return person
    names = ", ".join(plain(person.name) for person in policy.people) or "nobody"
    raise Refused(f"{plain(name[:40])} is not in the roster.", f"It has {names}")
