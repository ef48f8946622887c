"""One cell of the matrix: an operation, a fault that begins at a moment, and what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs

from adapters.store import SqlStore
from bot.approvals import SEEDS
from bot.doorway import readable
from bot.errors import StoreAway
from bot.lab import HOUSTON
from bot.ports.chat import Message
from bot.ports.store import Record, State
from tests.faults.kinds import LINES, USUAL, Fault, Moment, System
from tests.faults.stage import Stage, staged, until
from tests.faults.store import damage, disk_full, impatient, locked

LASTS = 90.0
"""Seconds a fault lasts: longer than any single call is waited for."""
PATIENCE = 4 * 3600.0
_DAMAGED = 300.0
"""A store that is damaged does not mend by itself."""
_LATE = 60.0
"""Seconds longer than without a fault: it waited."""
_LOOK = 1.0
_APPROVE = ":white_check_mark:"
_BUGS = {
    "flow.bug",
    "step.bug",
    "plan.bug",
    "command.bug",
    "task.died",
    "message.unheard",
}
_OUR_STEPS = {"plan", "tally", "gate", "watch", "look", "report", "close", "void", "give up"}
_BEFORE = {Moment.GATE: "gate", Moment.VERIFICATION: "look", Moment.REPORTING: "report"}
_JUMPS = {Fault.CLOCK_AHEAD: timedelta(hours=1), Fault.CLOCK_BACK: timedelta(hours=-1)}


class Verdict:
    """How a cell reads in the table."""

    FINISHED = "✔"
    WAITED = "⏸"
    STOPPED = "■"
    UNMET = "·"
    BROKEN = "BROKEN"
    NONE = "–"
    UNFLOWN = "?"


@dataclass
class Cell:
    """What came of it. `why` is the operation's own account, `wrong` what must not be."""

    system: System
    fault: Fault
    moment: Moment
    state: str = ""
    why: str = ""
    took: float = 0.0
    met: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        if self.wrong:
            return Verdict.BROKEN
        if not self.met:
            return Verdict.UNMET
        if self.state != State.SUCCEEDED:
            return Verdict.STOPPED
        return Verdict.WAITED if self.took > _LATE else Verdict.FINISHED


class Trial:
    """Flies one operation through one fault."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.stage: Stage
        self._path: Path
        self._steps: list[str] = []
        self._begun = False
        self._healing: asyncio.Task[None] | None = None

    async def fly(self, directory: Path) -> Cell:
        """Do it all, and judge."""
        on_disk = self.cell.system is System.STORE
        self._path = directory / "store.sqlite"
        store = SqlStore(f"sqlite:///{self._path}" if on_disk else "sqlite://")
        with capture_logs() as logged, impatient():
            async with staged(directory, self._at, store=store) as stage:
                self.stage = stage
                await self._fly()
        bugs = Counter(str(entry["event"]) for entry in logged if entry["event"] in _BUGS)
        self.cell.wrong += [f"{event} × {count}" for event, count in bugs.items()]
        return self.cell

    async def _fly(self) -> None:
        loop, world, cell = asyncio.get_running_loop(), self.stage.world, self.cell
        if cell.moment is Moment.PLANNING:
            await self._begin()
        began = loop.time()
        said = world.chat.say("uAna", LINES.get(cell.system, USUAL))
        try:
            async with asyncio.timeout(_DAMAGED if cell.fault is Fault.CORRUPTED else PATIENCE):
                record = await self._ended(said)
        except TimeoutError:
            if cell.fault is Fault.CORRUPTED and self._begun:
                await self._corrupted()
            else:
                cell.wrong.append("it never ended")
            return
        cell.took, cell.state = loop.time() - began, str(record.state) if record else "answered"
        if self._healing is not None:
            await self._healing
        await self._judge(said, record)

    async def _ended(self, said: Message) -> Record | None:
        """The operation, once chat shows its end; a colleague approves meanwhile. None when the
        command was answered without one."""
        store = self.stage.store
        while True:
            await asyncio.sleep(_LOOK)
            with suppress(StoreAway):
                record = await store.operations.get(f"op-{said.id}")
                if record is None and self._replies(said):
                    return None
                if record and record.state.final and self._told(record):
                    return record
                if record and self._ready(record):
                    await self._vote(record)

    async def _vote(self, record: Record) -> None:
        if self.cell.moment is Moment.VOTES:
            await self._begin()
        self.stage.world.chat.react("uBo", record.approval, _APPROVE)

    def _ready(self, record: Record) -> bool:
        """Whether the plan can be voted on, and was not."""
        messages = self.stage.world.chat.messages("ops")
        seen = next((m.reactions for m in messages if m.id == record.approval), {})
        return len(seen) >= len(SEEDS) and len(seen[_APPROVE]) == 1

    async def _at(self, name: str) -> None:
        """A step begins."""
        moment = self.cell.moment
        if name not in _OUR_STEPS and name not in self._steps:
            self._steps.append(name)
        steps = {Moment.STEP_1: 1, Moment.STEP_2: 2}
        if name == _BEFORE.get(moment) or (
            moment in steps and name not in _OUR_STEPS and len(self._steps) == steps[moment]
        ):
            await self._begin()

    async def _begin(self) -> None:
        """Plant the fault, once; it heals later."""
        if self._begun:
            return
        self._begun = True
        begun = asyncio.Event()
        self._healing = asyncio.create_task(self._last(begun))
        await begun.wait()

    async def _last(self, begun: asyncio.Event) -> None:
        cell, stage = self.cell, self.stage
        proxy = stage.proxies.get(cell.system)
        if proxy is not None:
            await proxy.fail(cell.fault)
            begun.set()
            await asyncio.sleep(LASTS)
            await proxy.fail(None)
            cell.met = proxy.met
            return
        async with AsyncExitStack() as stack:
            if cell.fault is Fault.DISK_FULL:
                stack.enter_context(disk_full(self._met))
            elif cell.fault is Fault.LOCKED:
                stack.enter_context(locked(self._path))
                self._met()
            elif cell.fault is Fault.CORRUPTED:
                damage(self._path)
                self._met()
            else:
                stage.clock.off = _JUMPS[cell.fault]
                self._met()
            begun.set()
            await asyncio.sleep(LASTS)

    def _met(self) -> None:
        self.cell.met += 1

    async def _corrupted(self) -> None:
        """It cannot end, and says so: nothing further is done, and the next start is refused."""
        self.cell.state, self.cell.why = "waits", "the store must be restored from a backup"
        self._happened()
        try:
            await self.stage.store.open()
        except StoreAway:
            return
        self.cell.wrong.append("a damaged store was opened")

    async def _judge(self, said: Message, record: Record | None) -> None:
        """Nothing lost, nothing twice, nothing hidden."""
        cell, texts = self.cell, self._replies(said)
        commits = self._happened()
        if len(texts) != len(set(texts)):
            cell.wrong.append("it said something twice")
        if record is None:
            cell.why = texts[0].split("\n", 1)[0]
            return
        cell.why = str(record.detail.get("outcome") or "") or texts[-1]
        if "Nothing was changed" in cell.why and commits:
            cell.wrong.append("it says that nothing was changed, and there is a commit")
        if record.state is State.SUCCEEDED and not (commits or self._changes()):
            cell.wrong.append("it says that it is done, and nothing happened")
        holder = await self.stage.store.operations.lock(record.target or "none", "another")
        if holder is not None:
            cell.wrong.append(f"{record.target} is still taken")
        await self._answers()

    def _happened(self) -> int:
        """Gives the number of commits; notes what happened twice."""
        world = self.stage.world
        commits = [
            line
            for id in world.remote.commits()
            if (commit := world.remote.find(id))
            for line in commit.message.splitlines()
            if line.startswith("Operation-Id: ")
        ]
        if len(commits) > 1:
            self.cell.wrong.append(f"{len(commits)} commits")
        syncs = sum(not sync.automated for sync in world.cluster.syncs)
        if syncs > 1:
            self.cell.wrong.append(f"{syncs} syncs")
        bodies: dict[tuple[str, str], set[bytes]] = {}
        for method, path, body in self._changes():
            bodies.setdefault((method, path), set()).add(body)
        self.cell.wrong += [
            f"{len(found)} different {method} {path}"
            for (method, path), found in bodies.items()
            if len(found) > 1
        ]
        return len(commits)

    def _changes(self) -> list[tuple[str, str, bytes]]:
        systems = (System.KUBERNETES, System.AZURE)
        return [each for system in systems for each in self.stage.proxies[system].changes]

    async def _answers(self) -> None:
        """Houston hears and speaks afterwards."""
        said = self.stage.world.chat.say("uAna", "!whoami")
        try:
            async with asyncio.timeout(600):
                await until(lambda: bool(self._replies(said)))
        except TimeoutError:
            self.cell.wrong.append("a command afterwards got no answer")

    def _replies(self, said: Message) -> list[str]:
        messages = self.stage.world.chat.messages("ops")
        return [
            readable(m.text) for m in messages if m.thread == said.id and m.author.id == HOUSTON
        ]

    def _told(self, record: Record) -> bool:
        """Whether chat shows how it ended."""
        messages = self.stage.world.chat.messages("ops")
        card = next((m for m in messages if m.id == record.card), None)
        return card is not None and (not record.detail or f"· {record.state}" in card.text)
