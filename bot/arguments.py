"""The arguments of a command: what is typed, how it is read, and what was meant instead."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from difflib import get_close_matches
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin

from bot.cards import code
from bot.errors import UsageError
from bot.speech import quoted

_LARGEST = 10**9


@dataclass(frozen=True)
class Between:
    """A whole number from `least` to `most`, both included."""

    least: int
    most: int


@dataclass(frozen=True)
class Says:
    """What help and errors call this argument, when its name in capitals will not do."""

    name: str


class Rest:
    """All remaining words, as one text."""


class Line(Rest):
    """All remaining words, as the line of another command: with its options, quoted as it was."""


@dataclass(frozen=True)
class Option:
    """Named where it is given, `--since 10m` or `--since=10m`; without dashes `stop 23:00`."""

    dashes: bool = True


@dataclass(frozen=True)
class Parameter:
    """One argument a person types."""

    name: str
    label: str
    kind: Any
    required: bool
    default: Any
    limits: Between | None = None
    rest: bool = False
    option: Option | None = None
    line: bool = False

    def joined(self, words: Sequence[str]) -> str:
        """The words as one text; a single one may be a whole line that stood in quotes."""
        kept = [quoted(word) for word in words] if self.line and len(words) > 1 else words
        return " ".join(kept)

    @property
    def flag(self) -> bool:
        return self.kind is bool

    @property
    def spelled(self) -> str:
        """How an option is typed; empty for what stands at its place."""
        name = self.name.replace("_", "-")
        if self.flag:
            return f"--{name}"
        if self.option is None:
            return ""
        return f"--{name}" if self.option.dashes else name

    @property
    def usage(self) -> str:
        if self.flag:
            return f"[{self.spelled}]"
        shown = f"{self.spelled} {self.label}" if self.option else self.label
        return shown if self.required else f"[{shown}]"


def choose(word: str, choices: Sequence[str], what: str) -> str:
    """The choice meant by the word, whatever its case. Raises UsageError with the nearest ones."""
    for choice in choices:
        if choice.lower() == word.lower():
            return choice
    near = suggestions(word, choices)
    hint = f"Did you mean {' or '.join(map(code, near))}?" if near else ""
    known = ", ".join(map(code, choices)) or "none"
    raise UsageError(f"{code(word[:40])} is no {what}; there are: {known}.", hint)


def suggestions(word: str, choices: Sequence[str]) -> list[str]:
    """The choices a person may have meant: those it begins, then those spelled nearly so."""
    lower = {choice.lower(): choice for choice in choices}
    begun = [name for low, name in lower.items() if len(word) > 1 and low.startswith(word.lower())]
    near = get_close_matches(word.lower(), lower, n=2, cutoff=0.6)
    return list(dict.fromkeys([*begun, *(lower[name] for name in near)]))[:3]


def parameter_of(parameter: inspect.Parameter, hint: Any) -> Parameter:
    """The argument a parameter of a command's function stands for."""
    extras: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *found = get_args(hint)
        extras = tuple(found)
    if get_origin(hint) in {Union, types.UnionType}:
        hint = next(part for part in get_args(hint) if part is not type(None))
    label = next((e.name for e in extras if isinstance(e, Says)), parameter.name.upper())
    required = parameter.default is parameter.empty
    return Parameter(
        parameter.name,
        label,
        hint,
        required,
        None if required else parameter.default,
        next((e for e in extras if isinstance(e, Between)), None),
        Rest in extras or Line in extras,
        next((e for e in extras if isinstance(e, Option)), None),
        Line in extras,
    )


def convert(parameter: Parameter, text: str) -> Any:
    """What the words mean for this argument. Raises UsageError with the reason alone."""
    if parameter.kind is int:
        return _number(parameter, text)
    if parameter.kind is timedelta:
        return length(text, parameter.label)
    if parameter.kind is time:
        return clock_time(text, parameter.label)
    if isinstance(parameter.kind, type) and issubclass(parameter.kind, Enum):
        return parameter.kind(choose(text, [str(e.value) for e in parameter.kind], parameter.label))
    reader = getattr(parameter.kind, "read", None)
    return reader(text) if reader else text


def _number(parameter: Parameter, text: str) -> int:
    if not (text.isascii() and text.lstrip("-").isdigit()):
        raise UsageError(f"{parameter.label} must be a whole number, not `{text[:40]}`.")
    limits = parameter.limits or Between(-_LARGEST, _LARGEST)
    if len(text) > len(str(-_LARGEST)) or not limits.least <= int(text) <= limits.most:
        bounds = f"from {limits.least} to {limits.most}"
        raise UsageError(f"{parameter.label} must be {bounds}, not {text[:40]}.")
    return int(text)


_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_LENGTH = re.compile(r"(?:\d{1,5}(?:w|d|h|min|m|s))+", re.IGNORECASE)
_PIECE = re.compile(r"(\d+)(w|d|h|m|s)", re.IGNORECASE)


def length(text: str, label: str = "A length of time") -> timedelta:
    """`90s`, `10m`, `2h`, `1h30m`, `3d`, `2w`. Raises UsageError."""
    if not _LENGTH.fullmatch(text) or not text.isascii():
        raise UsageError(f"{label} must be a length of time like 10m, 2h or 3d, not `{text[:40]}`.")
    found = timedelta()
    for number, unit in _PIECE.findall(text):
        found += timedelta(**{_UNITS[unit.lower()]: int(number)})
    if not found:
        raise UsageError(f"{label} must be longer than nothing.")
    return found


def clock_time(text: str, label: str = "A time of day") -> time:
    """`16:00`, `8:05`, on the clock of the zone the command speaks of. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text) if text.isascii() else None
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise UsageError(f"{label} must be a time of day like 16:00, not `{text[:40]}`.")
    return time(int(found[1]), int(found[2]))
