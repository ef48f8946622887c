"""What others pushed between two plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cards import code, plain
from bot.errors import AdapterError
from bot.ports.git import Git


async def commits_between(git: Git, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """A line for each commit between the bases of two plans' facts; none when it cannot be told."""
    bases = (_base(old), _base(new))
    if not all(bases) or bases[0] == bases[1]:
        return []
    try:
        commits = await git.between(bases[0], bases[1])
    except AdapterError as error:
        return [f"commits not readable: {plain(error.message)}"]
    return [
        f"{code(commit.id[:7])} {plain(commit.message.splitlines()[0])} "
        f"by {plain(commit.author.name)} ({plain(', '.join(commit.paths))})"
        for commit in commits
    ]


def _base(facts: Mapping[str, Any]) -> str:
    edit = facts.get("edit", facts)
    return str(edit.get("base", "")) if isinstance(edit, Mapping) else ""
