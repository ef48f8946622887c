"""What a command costs the disk and the other systems: transactions and calls, counted."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.sim.world import World
from bot.app import App
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.connect import connect
from bot.lab import lab
from bot.logs import set_up
from bot.settings import load

_SPEED = 20.0
_LOOK = 0.1
_SETTLE_SECONDS = 8.0
"""What Houston looks at by itself after a start is over by then."""
LINES = ("!whoami", "!status", "!upgrade 7.13.1")


class Costs:
    """Transactions that wrote something, by engine; and calls of Houston, by system."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._writes: Counter[str] = Counter()
        self._dirty: set[int] = set()
        sa.event.listen(sa.Engine, "before_cursor_execute", self._execute)
        sa.event.listen(sa.Engine, "commit", self._commit)

    def close(self) -> None:
        sa.event.remove(sa.Engine, "before_cursor_execute", self._execute)
        sa.event.remove(sa.Engine, "commit", self._commit)

    def taken(self) -> tuple[int, Counter[str]]:
        """Writing transactions and calls since the last time."""
        writes, calls = self._writes.total(), Counter(c.split(".")[0] for c in self._world.calls)
        self._writes.clear()
        self._world.calls.clear()
        return writes, calls

    def _execute(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        del cursor
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            self._dirty.add(id(connection))

    def _commit(self, connection: Any) -> None:
        if id(connection) in self._dirty:
            self._dirty.discard(id(connection))
            self._writes["all"] += 1


async def measure() -> dict[str, tuple[int, Counter[str]]]:
    """Of each line, from the message to the end of what it began."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="houston-bench-") as name:
        directory = Path(name)
        async with lab(directory=directory, speed=_SPEED) as running:
            path = directory / "houston.yaml"
            running.write(path)
            settings = load(path)
            set_up(settings, level=logging.ERROR)
            async with connect(settings) as ports:
                app = build(settings, ports, SystemClock())
                await app.start()
                try:
                    while not app.listener.linked:
                        await asyncio.sleep(_LOOK)
                    await asyncio.sleep(_SETTLE_SECONDS)
                    costs = Costs(running.world)
                    for line in LINES:
                        costs.taken()
                        await _through(running.world, app, line)
                        found[line] = costs.taken()
                    costs.close()
                finally:
                    await app.stop()
    return found


async def _through(world: World, app: App, line: str) -> None:
    """Ask, approve what asks for approval, and wait for the end."""
    asked = world.chat.say("uAna", line)
    voted = False
    while True:
        await asyncio.sleep(_LOOK)
        record = await app.store.operations.get(f"op-{asked.id}")
        if record and record.approval and not voted:
            shown = next((m for m in world.chat.messages() if m.id == record.approval), None)
            if shown and len(shown.reactions) > 2:
                world.chat.react("uBo", record.approval, ":white_check_mark:")
                voted = True
        over = record.state.final if record else bool(world.chat.thread(asked.id))
        if over and not await app.store.outbox.pending():
            return


def table(found: dict[str, tuple[int, Counter[str]]]) -> str:
    """Markdown."""
    lines = ["| from message to end | writing transactions | calls |", "|---|---:|---|"]
    for line, (writes, calls) in found.items():
        named = ", ".join(f"{system} {count}" for system, count in sorted(calls.items()))
        lines.append(f"| `{line}` | {writes} | {calls.total()}: {named} |")
    return "\n".join(lines)
