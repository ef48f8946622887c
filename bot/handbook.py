"""Every command on one page, out of the declarations: `houston commands`."""

from __future__ import annotations

from bot.catalogue import Catalogue
from bot.command import Command

_INTRODUCTION = """\
# Commands

<!-- Made by `houston commands --markdown > docs/commands.md`; edit commands/. -->

What a person types in an ops room, with `!` or a mention of Houston in front. A command of the tier
`by plan` shows a plan first and changes nothing before that is approved; `none` changes nothing
outside of Houston. “By hand” is what it takes the place of.
"""


def described(command: Command) -> dict[str, object]:
    """What is known of a command, for other programs."""
    return {
        "name": command.name,
        "usage": command.usage,
        "summary": command.summary,
        "role": str(command.role),
        "tier": command.tier,
        "guide": command.guide,
        "manual": list(command.manual),
    }


def page(catalogue: Catalogue) -> str:
    """`docs/commands.md`."""
    return "\n".join([_INTRODUCTION, *(_section(catalogue[name]) for name in sorted(catalogue))])


def _section(command: Command) -> str:
    facts = [f"role {command.role}", f"tier {command.tier}"]
    if command.guide:
        facts.append(f"guide: {command.guide}")
    lines = [f"## `{command.usage}`", "", command.help, "", f"*{' · '.join(facts)}*", ""]
    if command.manual:
        lines += ["By hand:", "", "```", *command.manual, "```", ""]
    return "\n".join(lines)
