"""The configuration file as values, and what is wrong with them as sentences with a way forward.

No sentence repeats a value: a value may be a secret in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ConfigError, Refused
from bot.yamlfile import decoded, documents, guarded


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice, and takes `16:00` for a text, not for 960."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = [name for name in names if names.count(name) > 1 and name != "<<"]
        if twice:
            raise _Twice(f"{twice[0]} stands twice in one place: keep one of them")
        return super().construct_mapping(node, deep)


class _Twice(Exception):
    """A key stands twice."""


_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in {_INT, _FLOAT}]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Strict.add_implicit_resolver(_INT, re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), list("-+0123456789"))
_Strict.add_implicit_resolver(_FLOAT, re.compile(r"[-+]?[0-9]+\.[0-9]*\Z"), list("-+0123456789"))


def read(path: Path) -> dict[str, Any]:
    """The file's values. Raises ConfigError."""
    try:
        text = decoded(path.read_bytes())
        documents(text)
        content = guarded(lambda: _Strict(text).get_single_data())
    except FileNotFoundError:
        raise ConfigError(
            f"{path} does not exist", "Name the file with --config; `houston lab` writes one"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", "Check that it is a file, and its rights"
        ) from None
    except _Twice as error:
        raise ConfigError(f"{path}: {error}", "Then start again") from None
    except Refused as error:
        raise ConfigError(f"{path}: {error.message}", "Mend the file and start again") from None
    if not isinstance(content, dict):
        raise ConfigError(
            f"{path} holds no settings", "It must have keys like chat, git and argocd"
        )
    return content


def finding(problem: Mapping[str, Any]) -> str:
    """What pydantic found wrong, as key, reason and fix, without the value."""
    key = ".".join(str(part) for part in problem["loc"] if part != "[key]") or "the file"
    kind = str(problem["type"])
    if kind in _FIXES:
        return f"{key}{_FIXES[kind]}"
    if kind == "enum":
        return f"{key}: is none of {problem['ctx']['expected']}: choose one of these"
    if kind == "value_error":
        return f"{key}: {problem['ctx']['error']}"
    bounds = problem.get("ctx", {})
    for name, words in _BOUNDS.items():
        if name in bounds:
            return f"{key}: must be {words} {_shown(bounds[name])}"
    return f"{key}: {problem['msg']}: correct it"


def _shown(bound: object) -> str:
    return f"{bound.total_seconds():g} s" if hasattr(bound, "total_seconds") else str(bound)


_BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
_TEXT = ": must be text: put the value in quotes"
_LIST = ": must be a list: write each item on a line of its own, after `- `"
_KEYS = ": must hold keys of its own: indent them below it"
_NUMBER = ": must be a whole number, without quotes"
_LENGTH = ": must be a length of time: seconds as a number, or ISO 8601 such as PT10M"
_CLOCK = ': must be a time of day: write it like "16:00"'
_FIXES = {
    "missing": " is missing: add it",
    "extra_forbidden": ": there is no such key: remove it or correct its name",
    "string_type": _TEXT,
    "path_type": _TEXT,
    "tuple_type": _LIST,
    "frozen_set_type": _LIST,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "mapping_type": _KEYS,
    "dict_type": _KEYS,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "time_delta_type": _LENGTH,
    "time_delta_parsing": _LENGTH,
    "time_type": _CLOCK,
    "time_parsing": _CLOCK,
    "string_too_short": ": is empty: give it a value",
    "too_short": ": is empty: give it a value",
    "string_pattern_mismatch": ": has a form that is not allowed: see docs/configuration.md",
}
