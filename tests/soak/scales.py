"""What a whole process holds at one moment: memory, tasks, sockets, threads, and its tables."""

from __future__ import annotations

import asyncio
import os
import threading
import tracemalloc
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.soak.tables import growth, tables

_ROOT = Path(__file__).parents[2]
_OURS = ("bot/", "commands/", "adapters/")
_NOT_OURS = "adapters/sim/"
_LIBRARIES = ("aiohttp", "sqlalchemy", "structlog", "prometheus_client", "urllib3")
_SERVERS = "aiohttp/web"
"""Libraries in which only Houston keeps anything that lasts, but for the simulated servers."""
_MEMORY = 400_000
"""Bytes. An operation's record, its journal and its votes are some ten thousand."""
_TABLE = 5
"""What grows with commands or operations grows by many times that between two looks."""
_SOCKETS = 8
"""Calls that happen to be under way: each has a client, a proxy twice, and a server."""
_TASKS = 8


@dataclass(frozen=True)
class Weight:
    """One look. `memory` is bytes by the line that took them, where Houston took them; empty when
    nobody traces. `resident` is bytes of the whole process, the simulated world too."""

    memory: Mapping[str, int]
    resident: int
    tasks: int
    sockets: int
    threads: int
    tables: Mapping[str, int]


def weigh(app: object) -> Weight:
    """Look, after what nobody holds is gone."""
    return Weight(
        tables=tables(app),
        memory=_memory(),
        resident=int(Path("/proc/self/statm").read_text("ascii").split()[1])
        * os.sysconf("SC_PAGE_SIZE"),
        tasks=len(asyncio.all_tasks()),
        sockets=sockets(),
        threads=threading.active_count(),
    )


def sockets() -> int:
    """How many this process has open."""
    found = Path("/proc/self/fd").iterdir()
    return sum(_target(each).startswith("socket:") for each in found)


def leaked(warm: Weight, end: Weight) -> list[str]:
    """What there is more of than there was, in words."""
    counted = {
        "sockets": (warm.sockets, end.sockets, _SOCKETS),
        "tasks": (warm.tasks, end.tasks, _TASKS),
        "threads": (warm.threads, end.threads, 0),
    }
    found = [f"{what}: {a}, then {b}" for what, (a, b, more) in counted.items() if b - a > more]
    found += [f"{where}: {n} more" for where, n in growth(warm.tables, end.tables, _TABLE).items()]
    grown = {
        at: end.memory.get(at, 0) - warm.memory.get(at, 0) for at in {**warm.memory, **end.memory}
    }
    if sum(grown.values()) > _MEMORY:
        most = sorted(grown.items(), key=lambda each: -each[1])[:20]
        found += [
            f"memory: {sum(grown.values()):,} bytes more",
            *(f"{n:+,} {at}" for at, n in most),
        ]
    return found


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:  # the one that lists them
        return ""


def _memory() -> dict[str, int]:
    found: dict[str, int] = {}
    if not tracemalloc.is_tracing():
        return found
    for each in tracemalloc.take_snapshot().statistics("lineno"):
        frame = each.traceback[0]
        if name := _counted(frame.filename):
            found[f"{name}:{frame.lineno}"] = each.size
    return found


def _counted(file: str) -> str:
    """The file's name where it counts; empty where it does not."""
    library = file.partition("site-packages/")[2]
    if library.startswith(_LIBRARIES) and not library.startswith(_SERVERS):
        return library
    name = file.removeprefix(f"{_ROOT}/")
    return name if name.startswith(_OURS) and not name.startswith(_NOT_OURS) else ""
