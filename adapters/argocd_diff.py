"""What differs between the cluster and git, from Argo CD's managed resources.

Argo CD itself compares `normalizedLiveState` with `predictedLiveState`: without what it is told to
ignore, and with the defaults a cluster adds.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import yaml

from adapters.argocd_read import guarded, read_thing
from bot.jsontext import loads
from bot.ports.applications import Change, Fate

_CLOSED = {"Secret", "ConfigMap"}
"""Kinds whose values are never shown."""
_SERVER = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_CONTEXT = 3


def read_changes(payload: Any) -> list[Change]:
    """The objects that are not as git wants them. Raises Unavailable."""
    found = guarded("managed resources", lambda it: list(_changes(it)), payload)
    return sorted(found, key=lambda change: (change.thing.namespace, change.thing.kind,
                                             change.thing.name))  # fmt: skip


def _changes(payload: Any) -> Iterator[Change]:
    for item in payload.get("items") or ():
        target = _state(item, "targetState")
        live = _state(item, "normalizedLiveState") or _state(item, "liveState")
        predicted = _state(item, "predictedLiveState")
        if item.get("hook") or (target is None and live is None):
            continue
        thing = read_thing(item)
        if target is None:
            yield Change(thing, Fate.DELETE)
        elif live is None:
            yield Change(thing, Fate.CREATE)
        elif live != (wanted := predicted or target):
            shown = "" if thing.kind in _CLOSED else _diff(live, wanted)
            yield Change(thing, Fate.CHANGE, tuple(_fields(live, wanted)), shown)


def _state(item: dict[str, Any], key: str) -> dict[str, Any] | None:
    """A state, which is JSON in a string, without what only the server writes."""
    found = loads(item.get(key) or "null")
    if not isinstance(found, dict):
        return None
    metadata = {k: v for k, v in (found.get("metadata") or {}).items() if k not in _SERVER}
    notes = {k: v for k, v in (metadata.get("annotations") or {}).items() if k != _APPLIED}
    metadata["annotations"] = notes
    if not notes:
        del metadata["annotations"]
    return {**{k: v for k, v in found.items() if k != "status"}, "metadata": metadata}


def _fields(live: Any, wanted: Any, at: str = "") -> Iterator[str]:
    """The paths at which the two differ, as `spec.replicas`."""
    if isinstance(live, dict) and isinstance(wanted, dict):
        for key in sorted({*live, *wanted}):
            here = f"{at}.{key}" if at else str(key)
            yield from _fields(live.get(key), wanted.get(key), here)
    elif isinstance(live, list) and isinstance(wanted, list) and len(live) == len(wanted):
        for index, (one, other) in enumerate(zip(live, wanted, strict=True)):
            yield from _fields(one, other, f"{at}[{index}]")
    elif live != wanted:
        yield at


def _diff(live: dict[str, Any], wanted: dict[str, Any]) -> str:
    before, after = (
        yaml.safe_dump(state, sort_keys=True, allow_unicode=True, width=10**6).splitlines()
        for state in (live, wanted)
    )
    return "\n".join(difflib.unified_diff(before, after, "running", "git", lineterm="", n=_CONTEXT))
