"""What the repository's Terraform says of the cluster's hours, and what a person must change there.

Houston never runs Terraform, and the real `terraform.tfvars` is in nobody's clone: it can compare,
and print the lines to type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import Missing, UsageError
from bot.hosting import Hosting
from bot.ports.git import Git
from bot.power import Timetable, zone_of

KEYS = ("startup_time", "shutdown_time", "shutdown_timezone")
_LINE = re.compile(r'^[ \t]*(\w+)[ \t]*=[ \t]*"([^"\r\n]*)"', re.MULTILINE)
_IGNORED = re.compile(r"^[ \t]*ignore_changes[ \t]*=[ \t]*\[[^\]]*\bstart_time\b", re.MULTILINE)


@dataclass(frozen=True)
class Terraform:
    """`values` are the example file's for `KEYS`, as far as they are there. `ignores` says whether
    Terraform leaves the schedules' times alone; None when that cannot be read."""

    values: Mapping[str, str]
    ignores: bool | None


async def look(git: Git, hosting: Hosting) -> Terraform:
    """Read both files; one that is not there says nothing."""
    example = await _text(git, hosting.tfvars)
    code = await _text(git, hosting.terraform)
    found = dict(_LINE.findall(example or ""))
    return Terraform(
        {key: found[key] for key in KEYS if key in found},
        None if code is None else bool(_IGNORED.search(code)),
    )


def lines(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The lines of `terraform.tfvars` that change, as a diff; both hold values by key."""
    shown = []
    for key in KEYS:
        if key in new and not (key in old and agree(key, old[key], new[key])):
            shown += [f'-{key:<17} = "{old[key]}"'] if key in old else []
            shown.append(f'+{key:<17} = "{new[key]}"')
    return "\n".join(shown)


def consequence(found: Terraform) -> str:
    """What Terraform does until somebody has typed the lines and applied them."""
    match found.ignores:
        case True:
            return "Terraform ignores these times; type the lines so that it agrees again"
        case False:
            return "until somebody types the lines and applies them, any other apply fails"
        case _:
            return "type the lines and apply them, or Terraform takes the change back"


async def _text(git: Git, path: str) -> str | None:
    try:
        return (await git.read(path)).content.decode("utf-8", errors="replace")
    except Missing:
        return None


def live(table: Timetable) -> dict[str, str]:
    """Azure's times by Terraform's names for them."""
    found: dict[str, str] = {}
    for key, part in (("startup_time", table.start), ("shutdown_time", table.stop)):
        if part:
            found |= {key: f"{part.at:%H:%M}", "shutdown_timezone": part.zone.key}
    return found


def agree(key: str, one: str, other: str) -> bool:
    """Whether two values mean the same; a zone has an IANA and a Windows name."""
    if key != "shutdown_timezone" or one == other:
        return one == other
    try:
        return zone_of(one) == zone_of(other)
    except UsageError:
        return False
