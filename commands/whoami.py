"""`!whoami`"""

from bot.cards import Card, Mark, code, plain
from bot.clock import Clock
from bot.command import command
from bot.policy import Policy
from bot.request import Request
from bot.roles import Role
from bot.standing import Keeper


@command("whoami", manual=("open your profile in Rocket.Chat",), examples=("!whoami",))
async def whoami(*, policy: Policy, keeper: Keeper, request: Request, clock: Clock) -> Card:
    """Show who Houston takes you for, and what you may do."""
    await keeper.refresh()
    actor = request.actor
    person = policy.person(actor.id)
    if person is None:
        return Card(
            Mark.INFO,
            f"{plain(actor.username)}, not in the roster: you may read, and hold",
            (
                f"Your account id is {code(actor.id)}.",
                "To ask for changes or approve them, have that id added under policy.people.",
            ),
            next=("!help",),
        )
    on_call = policy.on_call(person, clock.now())
    roles = ", ".join(sorted(person.roles)) or "no role"
    return Card(
        Mark.INFO,
        f"{plain(person.name)}: {roles}, {'on call now' if on_call else 'not on call now'}",
        (
            f"Account {code(actor.id)} ({plain(actor.username)}), commits as {code(person.email)}.",
            _may_approve(person.roles, on_call),
            f"Policy {code(policy.version)}.",
        ),
        next=("!help", "!ops"),
    )


def _may_approve(roles: frozenset[Role], on_call: bool) -> str:
    if Role.APPROVER not in roles:
        return "Your votes do not approve; you may always hold."
    return "Your approval counts now." if on_call else "Your approval counts while you are on call."
