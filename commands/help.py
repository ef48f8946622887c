"""`!help [COMMAND]`"""

from bot.arguments import choose
from bot.cards import Card, Mark, code
from bot.command import Catalogue, Command, Operation, command
from bot.policy import Policy
from bot.request import Request


@command("help", manual=("read the operations guide",), examples=("!help", "!help upgrade"))
async def help_(topic: str = "", *, catalogue: Catalogue, policy: Policy, request: Request) -> Card:
    """Show what can be typed, or all about one command."""
    mine = {n: c for n, c in sorted(catalogue.items()) if policy.may(request.actor.id, c.role)}
    if topic:
        return _about(mine[choose(topic.lstrip("!"), list(mine), "command you may run")])
    return Card(
        Mark.INFO,
        f"{len(mine)} commands you may run",
        tuple(f"{code(known.usage)} {known.summary}" for known in mine.values()),
        next=("!help upgrade", "!status"),
    )


def _about(known: Command) -> Card:
    lines = [known.help]
    if isinstance(known, Operation):
        lines.append("It shows a plan first and changes nothing before that is approved.")
    if known.guide:
        lines.append(f"Takes the place of “{known.guide}” in the operations guide. By hand:")
    return Card(
        Mark.INFO,
        f"{code(known.usage)}",
        tuple(lines),
        block="\n".join(known.manual),
        next=known.examples,
    )
