"""`!runbook TOPIC`"""

from typing import Annotated

from bot.arguments import Rest, Says
from bot.cards import Card, Mark, code, plain
from bot.catalogue import Catalogue
from bot.command import command
from bot.ports.git import Git
from bot.runbook import Names, filled, topic_of, topics
from bot.scope import Guide
from bot.target import Target


@command(
    "runbook",
    manual=("read the operations guide, and put in the names of this installation",),
    examples=("!runbook How to Upgrade", "!runbook scale"),
)
async def runbook(
    topic: Annotated[str, Rest, Says("TOPIC")] = "",
    *,
    catalogue: Catalogue,
    names: Names,
    git: Git,
    target: Target,
    guide: Guide,
) -> Card:
    """Show the steps by hand for a section of the operations guide, with this installation's names.

    The topic is the section's name, words of it, or a command. Without one it lists them.
    """
    known = topics(catalogue.values())
    if not topic:
        lines = tuple(
            f"{plain(name)}: {', '.join(code('!' + one.name) for one in commands)}"
            for name, commands in known.items()
        )
        return Card(Mark.INFO, f"{len(known)} topics", lines, next=("!runbook How to Upgrade",))
    chosen = topic_of(topic, known)
    covering = known[chosen]
    steps: list[str] = []
    for one in covering:
        steps += [f"# instead of {one.usage}", *(filled(line, names) for line in one.manual)]
    return Card(
        Mark.INFO,
        f"By hand: {plain(chosen)}",
        (
            f"Branch {code(git.branch)}, application {code(target.application)}, namespace "
            f"{code(target.namespace)}, values in {code(target.values)}",
            f"What stands in capitals is yours to put in; {code(guide.path)} has the reasons",
        ),
        block="\n".join(steps),
        next=tuple(f"!help {one.name}" for one in covering[:3]),
    )
