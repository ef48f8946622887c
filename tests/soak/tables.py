"""The length of every collection that Houston holds at one moment."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from types import FunctionType, MethodType
from typing import Any
from weakref import WeakSet, WeakValueDictionary

from prometheus_client.metrics import MetricWrapperBase

_OURS = ("bot", "commands", "adapters")
_NOT_OURS = "adapters.sim"
_TABLES = (dict, list, set, deque, WeakSet, WeakValueDictionary)
_LONGER = {
    "Router._lately": 10_000,
    "Guard._lately[]": 100,
    "Hearing._known[]": 50,
    "houston_calls": 100,
    "houston_call_seconds": 30,
    "houston_commands": 100,
    "houston_operations": 30,
}
"""By how much these may grow: one forgets its oldest, but not within a day; one keeps a person's
last minute until they speak again, one the last messages of a room; the others have a label for
each call, command or operation and each way it ended, which a day does not see at once."""


def growth(before: Mapping[str, int], after: Mapping[str, int], most: int) -> dict[str, int]:
    """What grew by more than `most`, and by how much."""
    grown = {where: n - before.get(where, 0) for where, n in after.items()}
    return {where: n for where, n in grown.items() if n > _LONGER.get(where, most)}


def tables(root: object) -> Mapping[str, int]:
    """How long each collection is that Houston holds, by class and attribute: in its modules, in
    what its tasks work on, and in whatever of its own can be reached from `root`."""
    gc.collect()
    lengths: Counter[str] = Counter()
    seen: dict[int, object] = {}  # kept, or another could get the id of one that is gone
    todo: list[tuple[str, object]] = [("", root), *_modules(), *_tasks()]
    while todo:
        path, each = todo.pop()
        if id(each) in seen:
            continue
        seen[id(each)] = each
        if isinstance(each, _TABLES):
            lengths[path] += len(each)
            inside = each.values() if isinstance(each, dict | WeakValueDictionary) else each
            todo += [(f"{path}[]", one) for one in list(inside)]
        else:
            todo += _parts(each)
    return lengths


def _modules() -> Iterator[tuple[str, object]]:
    """What the modules keep, and what their functions remember of earlier calls."""
    for name, module in list(sys.modules.items()):
        if not _ours(name):
            continue
        for attribute, each in list(vars(module).items()):
            if isinstance(each, _TABLES):
                yield f"{name}.{attribute}", each
            elif hasattr(each, "cache_info") and each.cache_info().maxsize is None:
                yield f"{name}.{attribute}", [None] * each.cache_info().currsize


def _tasks() -> Iterator[tuple[str, object]]:
    for task in asyncio.all_tasks():
        frame = getattr(task.get_coro(), "cr_frame", None)
        if frame is not None and _ours(frame.f_globals.get("__name__", "")):
            yield from _named(frame.f_code.co_qualname, frame.f_locals)


def _parts(each: object) -> Iterator[tuple[str, object]]:
    if isinstance(each, MethodType):
        yield "", each.__self__
    elif isinstance(each, partial):
        yield "", each.func
        yield from _named("partial", dict(enumerate(each.args)) | each.keywords)
    elif isinstance(each, FunctionType):
        for cell in (each.__closure__ or ()) if _ours(each.__module__) else ():
            with suppress(ValueError):  # not set yet
                yield each.__qualname__, cell.cell_contents
    elif isinstance(each, MetricWrapperBase):
        for family in each.collect():
            labels = [{**one.labels, "le": ""} for one in family.samples]
            yield family.name, list({str(one): one for one in labels})
    elif _ours(type(each).__module__):
        slots = [slot for kind in type(each).__mro__ for slot in getattr(kind, "__slots__", ())]
        found = {name: getattr(each, name, None) for name in slots} | getattr(each, "__dict__", {})
        yield from _named(type(each).__name__, found)


def _named(owner: str, parts: Mapping[Any, object]) -> Iterator[tuple[str, object]]:
    for name, each in parts.items():
        yield f"{owner}.{name}", each


def _ours(module: str) -> bool:
    return module.split(".", 1)[0] in _OURS and not module.startswith(_NOT_OURS)
