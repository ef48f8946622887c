"""What differs between two nested values, a line for each leaf. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cards import code


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What changed from the old to the new, a line each, ready to show."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return [
        f"{key}: {code(_short(before.get(key, '–')))} → {code(_short(after.get(key, '–')))}"
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def _leaves(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        items = [(f"{path}.{key}" if path else str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list | tuple):
        items = [(f"{path}[{i}]", inner) for i, inner in enumerate(value)]
    else:
        return [(path, str(value))]
    return [leaf for key, inner in items for leaf in _leaves(inner, key)]


_SHOWN = 60


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
