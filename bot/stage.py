"""Drills' second Houston: composed over a simulated world, in memory, and thrown away after it.

Nothing here is given a real adapter or a credential, so there is nothing in a drill that could
write to a real system: not merely unused, it does not exist. Whoever flies the drill asks the stage
how it stands; the stage knows nobody to call.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from adapters.sim.directory import HOUSTON
from adapters.sim.document import Place, Refusal, User
from adapters.sim.drills import PLAYS, Play
from adapters.sim.engine import MemoryEngine
from adapters.sim.world import World
from adapters.store import SqlStore
from bot.app import App
from bot.approvals import SEEDS
from bot.bootstrap import build, built_in
from bot.clock import Clock
from bot.drill import Drill, Scene, Shown, Stage
from bot.errors import Refused
from bot.ports.chat import Author, File, Message
from bot.ports.store import LOCAL, Record, State, Store
from bot.roles import Role
from bot.roster import Person
from bot.section import Window
from bot.simulated import configuration, simulated

SPEED = 4.0
"""Simulated seconds in one of a person's, so that a drill is over before they lose patience."""
_HOURS = 8
"""After how many hours the drill's cluster is stopped by its schedule: not in anybody's hands."""
_COLLEAGUES = ("First Colleague", "Second Colleague")
_RECENT = 50
_AT_ONCE = 200
_LOOK = 0.05


class SimulatedStage:
    """See the protocol."""

    def __init__(self, world: World, play: Play, app: App, clock: Clock) -> None:
        self._world = world
        self._play = play
        self._app = app
        self._clock = clock
        self._typed: list[str] = []
        self._voted: dict[str, int] = {}
        self._seen: dict[str, datetime] = {}

    async def start(self) -> None:
        """Begin; where there is a chat, be in it."""
        await self._app.start()
        while True:
            if self._app.listener.linked or not self._world.chat.up:
                return
            await asyncio.sleep(_LOOK)

    async def say(self, author: Author, line: str) -> None:
        """See the protocol."""
        self._know(author)
        if self._world.chat.up:
            self._world.chat.say(author.id, line)
            return
        id, now = f"{LOCAL}-{uuid.uuid4().hex}", self._clock.now()
        self._typed.append(id)
        await self._app.say(Message(id, LOCAL, line, author, now, now))

    async def colleague(self, code: str) -> str:
        """See the protocol."""
        place = self._voted.get(code.upper(), 0)
        if place >= len(_COLLEAGUES):
            raise Refused("Every simulated colleague has approved it already.", "Look at its card")
        self._voted[code.upper()] = place + 1
        await self.say(_colleague(place), f"!approve {code}")
        return _COLLEAGUES[place]

    async def react(self, message_id: str, voter: Author, emoji: str, *, on: bool) -> None:
        """See the protocol."""
        self._know(voter)
        try:
            self._world.chat.react(voter.id, message_id, emoji, on)
        except Refusal:
            return  # the message went away with its chat

    async def by_hand(self) -> None:
        """See the protocol."""
        if self._play.by_hand is None:
            raise Refused("Nothing is to be done by hand in this drill.", "`!drill status`")
        self._play.by_hand(self._world)

    async def look(self, after: int) -> Scene:
        """See the protocol."""
        operations = await self._app.store.operations.recent(_RECENT)
        audit = await self._app.store.audit.read(after, _AT_ONCE)
        return Scene(
            (*self._in_chat(operations), *await self._at_the_command_line()),
            tuple(operations),
            tuple(audit),
            self._play.well(self._world),
        )

    async def close(self) -> None:
        """See the protocol."""
        await self._app.stop()
        await self._world.close()

    def _in_chat(self, operations: Sequence[Record]) -> list[Shown]:
        votable = {one.approval for one in operations if one.state is State.WAITING}
        people = self._world.chat.people
        return [
            Shown(
                found.id,
                found.text,
                self._since(found.id),
                SEEDS if found.id in votable else (),
                tuple(File(file.name, file.type, file.content) for file in found.files),
                _alone(people.place(found.room_id)),
            )
            for found in self._world.chat.archive.all()
            if found.author.id == HOUSTON and found.system is None
        ]

    async def _at_the_command_line(self) -> list[Shown]:
        found = [out for id in self._typed for out in await self._app.store.outbox.thread(id)]
        return [
            Shown(out.post.id, out.post.text, self._since(out.post.id), (), out.post.files)
            for out in found
        ]

    def _since(self, id: str) -> datetime:
        """When this message was first seen."""
        return self._seen.setdefault(id, self._clock.now())

    def _know(self, author: Author) -> None:
        """The drill's chat has an account of everybody who speaks in it."""
        chat = self._world.chat
        if author.id not in {user.id for user in chat.people.users()}:
            chat.add_user(User(author.id, author.username, author.username))
        chat.people.join(author.id, "ops")


class SimulatedStages:
    """See the protocol."""

    def __init__(self, speed: float = SPEED) -> None:
        self._speed = speed

    async def open(self, drill: Drill, people: Sequence[Person], clock: Clock) -> Stage:
        """See the protocol."""
        # In a task of its own: what it starts logs with the drill's name, what started it does not.
        return await asyncio.create_task(self._open(drill, people, clock))

    async def _open(self, drill: Drill, people: Sequence[Person], clock: Clock) -> Stage:
        structlog.contextvars.bind_contextvars(drill=drill.name)
        play = PLAYS[drill.name]
        world = play.scenario(clock, speed=self._speed)
        world.runbooks.keep_up(_HOURS)
        configured = configuration(world, _roster(people), ZoneInfo(world.runbooks.zone))
        store: Store = SqlStore("sqlite://")
        ports = simulated(world, configured, engine=MemoryEngine(), store=store)
        # Without commands of installed packages: nobody knows what clients those bring along.
        app = build(configured, ports, clock, built_in())
        stage = SimulatedStage(world, play, app, clock)
        await stage.start()
        return stage


def _roster(people: Sequence[Person]) -> tuple[Person, ...]:
    """These people, on call for the drill, and the colleagues of whoever flies it alone."""
    always = (Window(),)
    known = [person.model_copy(update={"on_call": always}) for person in people]
    simulated_ones = [
        Person(
            id=_colleague(place).id,
            name=name,
            email=f"colleague-{place + 1}@drill.invalid",
            roles=frozenset({Role.APPROVER}),
            on_call=always,
        )
        for place, name in enumerate(_COLLEAGUES)
    ]
    return (*known, *simulated_ones)


def _colleague(place: int) -> Author:
    return Author(f"uDrillColleague{place + 1}", f"colleague-{place + 1}")


def _alone(place: Place) -> str:
    """Whom alone a message there is for: the other one in a room of two."""
    return place.name if place.type == "d" else ""
