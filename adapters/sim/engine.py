"""The durable engine in memory: the same contract on the event loop's own time, so tests of long
waits take no time at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.errors import Bug, Newer, NotMine
from bot.lasting import lasting, packed, recalled
from bot.ports.engine import Failed, Json, Workflow, ignored

log = structlog.get_logger()

_INSTANT = 1e-6
"""Seconds the loop's clock does not tell apart: to wait for less would be to wait for ever."""


_RECEIVED, _DEADLINE = "message received", "wait begun"


class Killed(BaseException):
    """The process died here. No `except Exception` may survive it."""


@dataclass
class Run:
    """One function's journal: what each step was called and came to. `taken` says how many messages
    it has received."""

    name: str
    argument: str
    entries: list[tuple[str, str]] = field(default_factory=list)
    mailbox: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    taken: int = 0
    began: float = 0.0
    result: str | None = None


@dataclass
class Journal:
    """What survives the engine. `kill_at` is the number of the write at which everything dies,
    before or after it is recorded; 0 for never."""

    runs: dict[str, Run] = field(default_factory=dict)
    writes: int = 0
    kill_at: int = 0
    before: bool = True

    def write(self, change: Callable[[], None]) -> None:
        """Make one durable change. Raises Killed when this is the write to die at."""
        self.writes += 1
        if self.writes == self.kill_at and self.before:
            raise Killed
        change()
        if self.writes == self.kill_at:
            raise Killed


class MemoryEngine:
    """Runs durable functions in this process; a restart is a new engine on the same journal."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or Journal()
        self._workflows: dict[str, tuple[Workflow, Failed]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._mail: dict[str, asyncio.Event] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self.died = asyncio.Event()

    def register(self, name: str, workflow: Workflow, failed: Failed = ignored) -> None:
        """See the port."""
        self._workflows[name] = workflow, failed

    async def start(self) -> None:
        """See the port."""
        for id, run in self._journal.runs.items():
            if run.result is None:
                self._go(id, run)

    async def stop(self) -> None:
        """See the port."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    async def run(self, name: str, id: str, argument: Json) -> None:
        """See the port."""
        if id in self._journal.runs:
            return
        run = Run(name, json.dumps(argument), began=asyncio.get_running_loop().time())
        self._write(lambda: self._journal.runs.__setitem__(id, run))
        self._go(id, run)

    async def send(self, id: str, message: Json, key: str) -> None:
        """See the port."""
        run = self._journal.runs.get(id)
        if run is None or key in run.keys:
            return
        text = json.dumps(message)

        def put() -> None:
            run.keys.add(key)
            run.mailbox.append(text)

        self._write(put)
        self._mail.setdefault(id, asyncio.Event()).set()

    async def active(self) -> list[str]:
        """See the port."""
        return [id for id, run in self._journal.runs.items() if run.result is None]

    def waiting(self) -> dict[str, str]:
        """See the port: memory is always there."""
        return {}

    async def prune(self, age: timedelta) -> int:
        """See the port."""
        limit = asyncio.get_running_loop().time() - age.total_seconds()
        runs = self._journal.runs
        old = [id for id, run in runs.items() if run.result is not None and run.began < limit]
        for id in old:
            del runs[id]
        return len(old)

    async def result(self, id: str) -> Json:
        """See the port."""
        run = self._journal.runs[id]
        if run.result is None:
            await self._ends.setdefault(id, asyncio.Event()).wait()
        return _load(run.result or "null")

    def _write(self, change: Callable[[], None]) -> None:
        if self.died.is_set():
            raise Killed
        try:
            self._journal.write(change)
        except Killed:
            self.died.set()
            for task in self._tasks.values():
                task.cancel()
            raise

    def _go(self, id: str, run: Run) -> None:
        self._mail.setdefault(id, asyncio.Event())
        self._tasks[id] = asyncio.create_task(self._fly(id, run), name=f"flow {id}")

    async def _fly(self, id: str, run: Run) -> None:
        try:
            result = await self._do(id, run)
            self._write(lambda: setattr(run, "result", json.dumps(result)))
        except Killed:
            return
        except NotMine as error:
            log.warning("flow.left", flow=id, why=error.message)
            return
        self._ends.setdefault(id, asyncio.Event()).set()

    async def _do(self, id: str, run: Run) -> Json:
        if run.name not in self._workflows:
            raise Newer(f"this Houston knows no function {run.name}", "Start the one that began it")
        workflow, failed = self._workflows[run.name]
        try:
            return await workflow(
                MemoryFlow(id, run, self._write, self._mail[id]), _load(run.argument)
            )
        except NotMine:
            raise
        except Exception as error:
            if not isinstance(error, Bug):  # the step that raised it has told
                log.exception("flow.bug", flow=id)
            await failed(id, error)
            return {"error": f"{type(error).__name__}: {error}"}


class MemoryFlow:
    """What a function sees; it replays its journal before it does anything new."""

    def __init__(
        self, id: str, run: Run, write: Callable[[Callable[[], None]], None], mail: asyncio.Event
    ) -> None:
        self.id = id
        self._run = run
        self._write = write
        self._mail = mail
        self._position = 0

    async def step(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        """See the port."""
        result = self._replayed(name)
        if result is None:
            result = json.dumps(await self._came_to(name, act))
            self._record(name, result)
        value = _load(result)
        error = recalled(value)
        if error is not None:
            raise error
        return value

    async def _came_to(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        try:
            return await act()
        except NotMine:
            raise
        except Exception as error:  # noqa: BLE001  # kept as what the step came to, and raised
            return packed(lasting(error, self.id, name))

    async def receive(self, within: timedelta) -> Json:
        """See the port."""
        deadline = self._deadline(within)
        known = self._replayed(_RECEIVED)
        if known is not None:
            return _load(known)
        while self._run.taken >= len(self._run.mailbox):
            left = deadline - asyncio.get_running_loop().time()
            if left < _INSTANT:
                self._record(_RECEIVED, "null")
                return None
            await self._mailed(left)
        message = self._run.mailbox[self._run.taken]

        def take() -> None:
            self._run.entries.append((_RECEIVED, message))
            self._run.taken += 1

        self._write(take)
        self._position += 1
        return _load(message)

    async def sleep(self, duration: timedelta) -> None:
        """See the port."""
        left = self._deadline(duration) - asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, left))

    def _deadline(self, length: timedelta) -> float:
        """The end of a wait in the loop's time, journalled when it first begins."""
        known = self._replayed(_DEADLINE)
        if known is not None:
            return float(known)
        deadline = asyncio.get_running_loop().time() + length.total_seconds()
        self._record(_DEADLINE, json.dumps(deadline))
        return deadline

    async def _mailed(self, seconds: float) -> None:
        self._mail.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._mail.wait()
        except TimeoutError:
            return

    def _replayed(self, name: str) -> str | None:
        if self._position >= len(self._run.entries):
            return None
        known, entry = self._run.entries[self._position]
        if known != name:
            raise RuntimeError(f"the journal has {known} where the program does {name}")
        self._position += 1
        return entry

    def _record(self, name: str, entry: str) -> None:
        self._write(lambda: self._run.entries.append((name, entry)))
        self._position += 1


def _load(text: str) -> Json:
    value: Json = json.loads(text)
    return value
