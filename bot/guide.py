"""An operations guide as lines a rule can read: prose, and commands in frames. Pure.

Of Markdown only what a guide is made of: headings, fenced code, inline code, links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^\s*(?:```|~~~)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_EMPHASIS = re.compile(r"\*\*|__")
_ICON = re.compile(r"^[^\w(“\"`]+")


@dataclass(frozen=True)
class Line:
    """One line. `code` is true inside a frame; there a command that goes on behind a backslash is
    one line, by the number of its first."""

    number: int
    section: str
    text: str
    code: bool

    @property
    def spans(self) -> list[str]:
        """What stands in inline code, and where links lead."""
        return [*_SPAN.findall(self.text), *_LINK.findall(self.text)]


def lines(text: str) -> Iterator[Line]:
    """Every line that says something, under the nearest heading above it."""
    section, framed, held, first = "", False, "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        if _FENCE.match(raw):
            framed, held = not framed, ""
            continue
        heading = None if framed else _HEADING.match(raw)
        if heading:
            section = _ICON.sub("", heading[1])
        elif framed:
            first = first if held else number
            held += raw.strip()
            if held.endswith("\\"):
                held = held[:-1]
                continue
            if held:
                yield Line(first, section, held, code=True)
            held = ""
        elif raw.strip():
            yield Line(number, section, _EMPHASIS.sub("", raw.strip()), code=False)
