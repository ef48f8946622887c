"""A whole Houston over the simulated world, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.sim.engine import Journal, MemoryEngine
from adapters.sim.git import SimGit
from adapters.sim.leadership import Seat, SimLeadership
from adapters.sim.world import World
from adapters.store import SqlStore
from bot.app import App
from bot.approvals import SEEDS
from bot.bootstrap import build
from bot.doorway import readable
from bot.drills import Drills
from bot.outside import Ports
from bot.ports.chat import Message
from bot.ports.store import Record, State
from bot.settings import Settings
from bot.simulated import COMMITTER, simulated
from bot.stage import SimulatedStages


class MemoryStore(SqlStore):
    """The real store in memory; closing Houston keeps it, as closing a file keeps the file."""

    def __init__(self) -> None:
        super().__init__("sqlite://")

    async def close(self) -> None:
        """Kept for the next start."""

    def dump(self) -> str:
        """Everything that is remembered, as SQL."""
        with self._database.engine.connect() as connection:
            return "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]  # SQLite

    async def forget(self) -> None:
        """Close it for good."""
        await super().close()


class Room:
    """#ops: what is said in it, what Houston answers, and the world behind."""

    def __init__(self, world: World, configured: Settings) -> None:
        self.world = world
        self.settings = configured
        self.journal = Journal()
        self.seat = Seat()
        self.store = MemoryStore()
        self.git = SimGit(world, committer=COMMITTER)
        self.first_commit = world.remote.head()
        self.app = self._build()

    def _build(self) -> App:
        self.engine = MemoryEngine(self.journal)
        self.leadership = SimLeadership(self.seat)
        return build(self.settings, self._ports(), self.world.clock)

    def _ports(self) -> Ports:
        """What Houston reaches the world by."""
        return simulated(
            self.world,
            self.settings,
            leadership=self.leadership,
            engine=self.engine,
            store=self.store,
            git=self.git,
            stages=SimulatedStages(),
        )

    @property
    def drills(self) -> Drills:
        """What flies drills."""
        return self.app.drills

    def rebuild(self) -> None:
        """A new process on what this room has by now."""
        self.app = self._build()

    async def start(self) -> None:
        await self.app.start()
        while not self.app.listener.linked:
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        await self.app.stop()

    async def restart(self, after: float = 5.0) -> None:
        """Stop, stay away, and start from what is on disk."""
        await self.app.stop()
        await asyncio.sleep(after)
        self.rebuild()
        await self.app.start()

    async def say(self, text: str, by: str = "uAna", thread: str | None = None) -> Message:
        """A person says it; gives the message."""
        return self.world.chat.say(by, text, thread=thread)

    async def ask(self, text: str, by: str = "uAna") -> str:
        """Say it, and give the first answer as a person reads it."""
        said = await self.say(text, by)
        return await self.answer(said)

    async def answer(self, said: Message, patience: float = 120) -> str:
        """The first answer below a message."""
        async with asyncio.timeout(patience):
            while not (texts := self.thread(said)):
                await asyncio.sleep(0.2)
        return texts[0]

    def thread(self, said: Message) -> list[str]:
        """What Houston said below a message, oldest first."""
        return [
            readable(message.text)
            for message in self.world.chat.messages(said.room_id)
            if message.thread == said.id and message.author.id == "uHouston"
        ]

    def private(self, user_id: str) -> list[str]:
        """What Houston told this person alone, oldest first."""
        direct = self.world.chat.direct("uHouston", user_id).id
        return [readable(message.text) for message in self.world.chat.messages(direct)]

    async def quiet(self, seconds: float = 30) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def waiting(self, said: Message) -> Record:
        """The operation a message became, once its plan can be voted on."""
        record = await self.until(said, State.WAITING, State.HELD)
        async with asyncio.timeout(120):
            while not self.seeded(record):
                await asyncio.sleep(0.2)
        return record

    def seeded(self, record: Record) -> bool:
        """Whether every seed is below the approval: a vote while they are set may be lost."""
        messages = self.world.chat.messages("ops")
        return any(m.id == record.approval and len(m.reactions) >= len(SEEDS) for m in messages)

    async def until(self, said: Message, *states: State, patience: float = 3600) -> Record:
        """The operation, once it is in one of these states."""
        pause = 0.2
        async with asyncio.timeout(patience):
            while True:
                record = await self.store.operations.get(f"op-{said.id}")
                if record and record.state in states:
                    return record
                await asyncio.sleep(pause := pause * 1.005)  # hours pass, and a look costs

    async def ended(self, said: Message, patience: float = 3600) -> Record:
        """The operation, once it has ended and chat shows it."""
        record = await self.until(said, *(s for s in State if s.final), patience=patience)
        async with asyncio.timeout(patience):
            while await self.store.outbox.pending():
                await asyncio.sleep(0.2)
        return record

    async def when(self, true: Callable[[], bool], patience: float = 3600) -> None:
        """Wait until it is true of the world."""
        async with asyncio.timeout(patience):
            while not true():
                await asyncio.sleep(0.5)

    async def committed(self) -> str:
        """Wait until somebody has pushed since the beginning; gives the branch's head."""
        while (head := self.world.remote.head()) == self.first_commit:
            await asyncio.sleep(0.05)
        return head

    async def chat_gone(self) -> None:
        """Wait until Rocket.Chat is away."""
        while self.world.chat.up:
            await asyncio.sleep(0.2)

    def react(self, record: Record, emoji: str = ":white_check_mark:", by: str = "uBo") -> None:
        """A person votes."""
        self.world.chat.react(by, record.approval, emoji)

    def card(self, record: Record) -> str:
        """The progress card as people see it."""
        return next(
            readable(message.text)
            for message in self.world.chat.messages("ops")
            if message.id == record.card
        )

    async def approved(self, text: str, by: str = "uAna", voter: str = "uBo") -> Record:
        """Ask, approve, and wait for the end."""
        said = await self.say(text, by)
        record = await self.waiting(said)
        self.react(record, by=voter)
        return await self.ended(said)


@asynccontextmanager
async def opened(world: World, configured: Settings) -> AsyncIterator[Room]:
    """A Houston that runs until the end of the block."""
    made = Room(world, configured)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
        await made.store.forget()
