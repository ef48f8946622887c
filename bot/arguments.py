"""The arguments of a command: what is typed, how it is read, and what was meant instead."""

from __future__ import annotations

import inspect
import types
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin

from bot.errors import UsageError

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

    @property
    def flag(self) -> bool:
        return self.kind is bool

    @property
    def usage(self) -> str:
        if self.flag:
            return f"[--{self.name.replace('_', '-')}]"
        return self.label if self.required else f"[{self.label}]"


def choose(word: str, choices: Sequence[str], what: str) -> str:
    """The choice meant by the word, whatever its case. Raises UsageError with the nearest ones."""
    for choice in choices:
        if choice.lower() == word.lower():
            return choice
    near = suggestions(word, choices)
    hint = f"Did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""
    known = ", ".join(f"`{name}`" for name in choices) or "none"
    raise UsageError(f"`{word[:40]}` is no {what}; there are: {known}.", hint)


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
        Rest in extras,
    )


def convert(parameter: Parameter, text: str) -> Any:
    """What the words mean for this argument. Raises UsageError with the reason alone."""
    if parameter.kind is int:
        return _number(parameter, text)
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
