"""The steps by hand for a section of the operations guide, with the configured names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.arguments import choose
from bot.cards import code
from bot.command import Command
from bot.errors import Refused

_PUSH = re.compile(r"\bgit push$")
_GROUP = re.compile(r"(-g|--resource-group)\s+\S+")
_CLUSTER = re.compile(r"(-n|--name)\s+\S+")
_MOST = 5
"""Topics named when several are meant."""


@dataclass(frozen=True)
class Names:
    """`configured` are the names to write by those the declarations are written with; `branch` is
    pushed to; `group` and `cluster` are Azure's, empty when there is none."""

    configured: Mapping[str, str]
    branch: str
    group: str
    cluster: str


def filled(line: str, names: Names) -> str:
    """A manual line with the names that are configured. All are put in at once: what was put in
    is not looked at again."""
    old = sorted(names.configured, key=len, reverse=True)
    any_of = "|".join(map(re.escape, old))
    known = re.compile(rf"(?<![\w.-])(?:{any_of})(?![\w-]|\.\w)")
    line = known.sub(lambda found: names.configured[found[0]], line) if old else line
    if line.startswith("az aks ") and names.group:
        line = _GROUP.sub(rf"\1 {names.group}", line)
        line = _CLUSTER.sub(rf"\1 {names.cluster}", line)
    return _PUSH.sub(f"git push origin {names.branch}", line)


def offered(command: Command) -> tuple[str, ...]:
    """The command line that shows how to do by hand what this command does; none when no section
    of the guide has it."""
    topic = re.sub(r'["“”]', "", command.guide)
    return (f"!runbook {topic}",) if topic and command.manual else ()


def topics(commands: Iterable[Command]) -> dict[str, list[Command]]:
    """The sections of the guide that commands with manual lines take the place of, by name."""
    found: dict[str, list[Command]] = {}
    for command in sorted(commands, key=lambda each: each.name):
        if command.guide and command.manual:
            found.setdefault(command.guide, []).append(command)
    return dict(sorted(found.items()))


def topic_of(said: str, known: Mapping[str, list[Command]]) -> str:
    """The topic a person means: by its name, by words of it, or by a command that belongs to it.

    Raises UsageError with the nearest ones, Refused when the words fit several.
    """
    wanted = _bare(said)
    by_command = {c.name: topic for topic, commands in known.items() for c in commands}
    if topic := by_command.get(said.removeprefix("!").lower()):
        return topic
    exact = [topic for topic in known if _bare(topic) == wanted]
    fitting = exact or [topic for topic in known if wanted and wanted in _bare(topic)]
    if len(fitting) > 1:
        shown = ", ".join(map(code, fitting[:_MOST]))
        raise Refused(f"{code(said[:40])} fits {len(fitting)} topics: {shown}.", "Type more of it")
    if fitting:
        return fitting[0]
    chosen = choose(said, [*known, *by_command], "topic")
    return by_command.get(chosen, chosen)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
