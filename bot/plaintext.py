"""What should not stand in git: values nobody has filled in, and credentials anybody can read.

Pure. What is found is named by file, line and key; the value is never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.ports.git import File

_READABLE = (".yaml", ".yml", ".json", ".tf", ".env", ".conf", ".example", ".sh")
_COMMENTS = ("#", "//")
_KEY = r"(?:[\w.-]*(?:password|passwd|api[_-]?key|access[_-]?key|client[_-]?secret|token))"
_ASSIGNED = re.compile(rf"""^[-\s]*["']?({_KEY})["']?\s*[:=]\s*["']?([^\s"',]+)""", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*)://[^\s/:@\"']*:([^\s/@\"']+)@", re.IGNORECASE)
_FILLED_LATER = re.compile(
    r"^(?:\$|<|your[_-]|example|\{\{|%|\*|x{3,}|\.\.\.|var\.|data\.|local\.|random_)", re.IGNORECASE
)
_WORDS = {"true", "false", "null", "none", "yes", "no", "|", ">", "|-", ">-"}
_SHORTEST = 6
"""Characters of a value that may be a credential."""


class Kind(StrEnum):
    PLACEHOLDER = "what nobody has filled in"
    CREDENTIAL = "a credential in plain text"


@dataclass(frozen=True)
class Found:
    """One place. `what` names the key or the address' scheme, never the value."""

    kind: Kind
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} holds {self.kind}: {self.what}"


def search(files: Iterable[File], placeholders: Sequence[str]) -> list[Found]:
    """Every place, by file and line. Comments do not count, and files that are no text."""
    found: list[Found] = []
    for file in files:
        if file.path.endswith(_READABLE):
            text = file.content.decode("utf-8", "replace")
            found += _of(file.path, text, tuple(placeholders))
    return found


def _of(path: str, text: str, placeholders: tuple[str, ...]) -> Iterator[Found]:
    for number, line in enumerate(text.split("\n"), 1):
        said = line.strip()
        if not said or said.startswith(_COMMENTS):
            continue
        said = said.split(" #", 1)[0]
        unfilled = next((mark for mark in placeholders if mark in said), None)
        if unfilled:
            key = re.split("[:=]", said, maxsplit=1)[0].strip("- \"'")
            yield Found(Kind.PLACEHOLDER, path, number, key[:60])
        elif what := _credential(said):
            yield Found(Kind.CREDENTIAL, path, number, what)


def _credential(said: str) -> str:
    """What holds a credential in this line, empty when nothing does."""
    address = _IN_ADDRESS.search(said)
    if address and not _FILLED_LATER.match(address[2]):
        return f"{address[1]}://"
    assigned = _ASSIGNED.match(said)
    if assigned and _looks_like_one(assigned[2]):
        return assigned[1][:60]
    return ""


def _looks_like_one(value: str) -> bool:
    """Long enough, no reference to something else, no word of the language, no path."""
    return (
        len(value) >= _SHORTEST
        and value.lower() not in _WORDS
        and not _FILLED_LATER.match(value)
        and "/" not in value
    )
