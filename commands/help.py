"""`!help [COMMAND]`"""

from typing import Annotated

from bot.arguments import Rest, choose
from bot.cards import Card, Mark, code
from bot.catalogue import Catalogue
from bot.command import Command, Operation, command
from bot.policy import Policy
from bot.request import Request


@command("help", manual=("read the operations guide",), examples=("!help", "!help upgrade"))
async def help_(
    topic: Annotated[str, Rest] = "", *, catalogue: Catalogue, policy: Policy, request: Request
) -> Card:
    """Show what can be typed, or all about one command."""
    mine = {n: c for n, c in sorted(catalogue.items()) if policy.may(request.actor.id, c.role)}
    said = topic.lstrip("!").lower()
    below = [name for name in catalogue.below(said) if name in mine]
    if below:
        named = [said, *below] if said in mine else below
        return _listed(f"{len(named)} commands begin with {code('!' + said)}", named, mine)
    if said:
        return _about(mine[choose(said, list(mine), "command you may run")])
    return _everything(mine)


def _everything(mine: dict[str, Command]) -> Card:
    """A line a first word: all of them must fit into one message, however many there are."""
    words: dict[str, list[str]] = {}
    for name in mine:
        words.setdefault(name.split()[0], []).append(name)
    return Card(
        Mark.INFO,
        f"{len(mine)} commands you may run",
        tuple(_line(word, names, mine) for word, names in words.items()),
        next=(f"!help {list(mine)[-1]}", "!status"),
    )


def _line(word: str, names: list[str], mine: dict[str, Command]) -> str:
    if len(names) == 1:
        return f"{code(mine[names[0]].usage)} {mine[names[0]].summary}"
    alone = mine[word].usage if word in mine else f"!{word}"
    more = ", ".join(name.partition(" ")[2] for name in names if name != word)
    return f"{code(alone)} and {more}: {code('!help ' + word)}"


def _listed(title: str, names: list[str], mine: dict[str, Command]) -> Card:
    return Card(
        Mark.INFO,
        title,
        tuple(f"{code(mine[name].usage)} {mine[name].summary}" for name in names),
        next=(f"!help {names[-1]}", "!status"),
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
