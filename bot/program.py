"""Which version of Houston this is, and which others it can go on from."""

from __future__ import annotations

import re
from importlib.metadata import version

VERSION = version("houston")
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def knows(other: str) -> bool:
    """Whether this program knows all that one of that version can have begun: it is not newer. What
    follows the numbers does not count; what has none is unknown."""
    if other == VERSION:
        return True
    theirs, own = _NUMBERS.match(other), _NUMBERS.match(VERSION)
    return bool(theirs and own and _numbers(theirs[0]) <= _numbers(own[0]))


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(".")]
