"""One approval with all that stands behind it, and no operation that would act on its votes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from adapters.sim.automation import SimAutomation
from adapters.sim.azure import SimAzure
from adapters.sim.calendar import SimCalendar
from adapters.sim.chat import SimChat
from adapters.sim.directory import HOUSTON
from adapters.sim.document import User
from adapters.sim.engine import Journal, MemoryEngine
from adapters.sim.kubernetes import SimKubernetes
from adapters.sim.worlds import healthy
from adapters.store import SqlStore
from bot.approvals import SEEDS
from bot.ballots import Ballots
from bot.breakglass import BreakGlass
from bot.courier import Courier
from bot.flight import Flight, packed
from bot.hosting import Hosting
from bot.link import Link
from bot.operators import DoorSection
from bot.outage import Outage
from bot.policy import Policy
from bot.ports.chat import Author, Message, Post
from bot.ports.engine import Flow, Json
from bot.ports.store import Record, Vote
from bot.power import zone_of
from bot.redact import Redactor
from bot.request import post_id
from bot.roster import Person
from bot.rota import Rota
from bot.settings import ChatSection
from bot.standing import Keeper
from bot.stops import Stops
from bot.target import Target
from bot.trail import Trail
from tests.commands.test_clock_jumps import Set
from tests.core.test_judge import FLIGHT, RECORD
from tests.core.test_tally import OPENED, POLICY

LONG = timedelta(hours=1)
ROOM = "rOps"
PLAN = post_id("op", "plan", "1")
_CHAT = ChatSection.model_validate(
    {"url": "https://chat.example.org", "user_id": HOUSTON, "token": "t" * 43, "rooms": ["ops"]}
)
_TARGET = Target("rocketchat", "rocketchat", "rocketchat", "values.yaml", "")


class Booth:
    """What votes are seen with: the real store, chat and engine in memory."""

    def __init__(self) -> None:
        self.clock = Set(OPENED)
        self.world = healthy(self.clock)
        self.world.chat.people.add(User("uBo2", "bo2", "Bo"))
        self.chat = SimChat(self.world)
        self.store = SqlStore("sqlite://")
        self.journal = Journal()
        self.policy = Policy(POLICY.data)
        clock = self.clock
        rota = Rota(SimCalendar(self.world), self.store.documents, (), clock)
        self._elsewhere = Keeper(self.store, clock, Policy(POLICY.data), rota)
        self.courier = Courier(
            self.chat, self.store.outbox, clock, timedelta(seconds=1), timedelta(seconds=9)
        )
        self.engine = MemoryEngine(self.journal)
        self.engine.register("operation", _waits)
        trail = Trail(self.store.audit, clock, Redactor())
        self.ballots = Ballots(
            chat=self.chat,
            store=self.store,
            courier=self.courier,
            engine=self.engine,
            policy=self.policy,
            clock=clock,
            houston=Author(HOUSTON, "houston"),
            trail=trail,
            keeper=Keeper(self.store, clock, self.policy, rota),
            breakglass=self._breakglass(trail),
        )

    def _breakglass(self, trail: Trail) -> BreakGlass:
        outage = Outage(
            chat=self.chat,
            link=Link(up=True),
            kubernetes=SimKubernetes(self.world),
            stops=self.stops(None),
            hosting=None,  # type: ignore[arg-type]  # looked at only when there is power to see
            target=_TARGET,
        )
        return BreakGlass(
            section=DoorSection(),
            outage=outage,
            documents=self.store.documents,
            clock=self.world.clock,
            trail=trail,
            chat=_CHAT,
            zone=zone_of("UTC"),
        )

    def stops(self, hosting: Hosting | None) -> Stops:
        """What sees the cluster's power, where one is configured."""
        return Stops(
            azure=SimAzure(self.world),
            automation=SimAutomation(self.world),
            hosting=hosting,
            operations=self.store.operations,
            clock=self.clock,
            zone=zone_of("UTC"),
            on_cluster=(),
        )

    async def asked(self, flight: Flight = FLIGHT, shown: bool = True, **more: Any) -> Record:
        """An operation that waits for votes; its plan is in the outbox, and in chat when shown."""
        thread = self.world.chat.say("uAna", "!scale web 2").id
        text = f"Scale web to 2 · {flight.tier}"
        post = Post(PLAN, ROOM, text, thread, SEEDS)
        record = replace(
            RECORD,
            thread=thread,
            approval=PLAN,
            detail=packed(replace(flight, approval_text=text)),
        )
        record = replace(record, **more)
        await self.store.operations.save(record, post)
        await self.engine.run("operation", record.id, None)
        if shown:
            await self.courier.deliver()
        return record

    async def relieved(self, who: str, by: str) -> None:
        """Another process puts somebody else on call."""
        await self._elsewhere.take(self._person(by), LONG, instead=who)
        await asyncio.sleep(1)

    async def called(self, who: str) -> None:
        """Another process puts somebody on call."""
        await self._elsewhere.take(self._person(who), LONG)

    def _person(self, id: str) -> Person:
        return next(one for one in self.policy.people if one.id == id)

    def react(self, emoji: str = ":white_check_mark:", by: str = "uBo", on: bool = True) -> None:
        """A person votes on the plan, or takes it back."""
        self.world.chat.react(by, PLAN, emoji, on)

    @property
    def plan(self) -> Message:
        """The message that collects the votes."""
        return self.world.chat.archive.get(PLAN).message

    async def votes(self, record: Record) -> list[Vote]:
        """What was written down in this round."""
        return await self.store.votes.of(record.id, record.round)

    async def lines(self, record: Record) -> list[tuple[str, str, bool, str]]:
        """The same in short: who, what, whether it stands, by which way."""
        found = await self.votes(record)
        return [(one.username, one.choice, one.present, one.source) for one in found]

    def woken(self, id: str = "op") -> list[dict[str, Json]]:
        """What the operation was told."""
        return [json.loads(text) for text in self.journal.runs[id].mailbox]

    async def said(self) -> list[tuple[str, bool, str]]:
        """What waits to be told: where, whether below the command, in which words."""
        pending = await self.store.outbox.pending()
        return [(out.post.room_id, out.post.thread is not None, out.post.text) for out in pending]

    async def events(self) -> list[str]:
        """What the audit trail holds of the operation."""
        return [entry.event for entry in await self.store.audit.of("op")]


async def _waits(flow: Flow, argument: Json) -> Json:
    await flow.sleep(timedelta(days=1))
    return argument


@asynccontextmanager
async def opened() -> AsyncIterator[Booth]:
    """One that is closed at the end."""
    made = Booth()
    await made.store.open()
    try:
        yield made
    finally:
        await made.engine.stop()
        await made.store.close()
        await made.world.close()
