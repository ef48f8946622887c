"""A day of work in which something fails every few minutes: nothing grows, nothing is lost."""

from __future__ import annotations

import asyncio
import gc
import random
from collections import Counter
from collections.abc import Callable

import pytest

from adapters.sim.world import Fault, World
from bot.ports.chat import Message
from bot.ports.store import State
from tests.commands.room import Room, opened, settings

HOURS = 24
SETTLED = 6
"""After so many hours what is kept for the day is there."""
CALLS = ("chat.message", "chat.account", "chat.post", "chat.edit", "git.fetch", "git.push",
         "argocd.get", "argocd.sync", "kubernetes.get")  # fmt: skip
_PASSING = (Fault.UNAVAILABLE, Fault.REPLY_LOST, Fault.LIMITED, Fault.HTML, Fault.SLOW)


class Day:
    """What is said and what fails, by a seed."""

    def __init__(self, room: Room, seed: int) -> None:
        self.room = room
        self.dice = random.Random(seed)  # noqa: S311  # a seed, so that a day can be played again
        self.said: list[Message] = []
        self.operations: list[Message] = []

    async def hour(self) -> None:
        """Four quarters, with an operation in one of them and questions in all."""
        busy = self.dice.randrange(4)
        for quarter in range(4):
            end = asyncio.get_running_loop().time() + 900
            self._fail()
            self.said.append(await self.room.say(self.dice.choice(["!whoami", "!ops", "!status"])))
            if quarter == busy:
                await self._operate()
            self.room.world.chat.say("uBo", "just talk")
            await asyncio.sleep(max(0.0, end - asyncio.get_running_loop().time()))

    def _fail(self) -> None:
        chat = self.room.world.chat
        for _ in range(self.dice.randrange(3)):
            fault = self.dice.choice(_PASSING)
            self.room.world.fail(self.dice.choice(CALLS), fault, self.dice.randint(1, 3))
        harms: list[Callable[[], object]] = [
            chat.drop_links,
            chat.go_silent,
            chat.lose_subscriptions,
        ]
        self.dice.choice([*harms, bool])()

    async def _operate(self) -> None:
        self.operations.append(said := await self.room.say(f"!scale presence {self._other()}"))
        record = await self.room.until(said, *State, patience=600)
        while not record.state.final:
            if self.room.seeded(record):
                self.room.react(record)
            await asyncio.sleep(5)
            record = await self.room.until(said, *State)

    def _other(self) -> int:
        return 1 if b"replicas: 2  # who is online" in self.room.world.remote.read(
            "values.yaml"
        ) else 2  # fmt: skip


def alive() -> Counter[str]:
    """How many objects of each of our own types are kept, and of tasks."""
    gc.collect()
    found = Counter(
        f"{type(each).__module__}.{type(each).__qualname__}"
        for each in gc.get_objects()
        if str(type(each).__module__).startswith("bot.")
    )
    found["tasks"] = len(asyncio.all_tasks())
    return found


@pytest.mark.slow
@pytest.mark.timeout(280)
async def test_a_day_of_faults_leaves_nothing_behind(world: World) -> None:
    async with opened(world, settings(pace={"engine": 30})) as room:
        day, seen = Day(room, 8), list[Counter[str]]()
        for _ in range(HOURS):
            await day.hour()
            seen.append(alive())
        await room.quiet(600)
        answered = [len(room.thread(said)) for said in day.said]
        records = [await room.store.operations.get(f"op-{said.id}") for said in day.operations]
        pending = await room.store.outbox.pending()
    commits = Counter(
        line
        for id in world.remote.commits()
        if (commit := world.remote.find(id))
        for line in commit.message.splitlines()
        if line.startswith("Operation-Id: ")
    )
    grown = {
        name: (seen[SETTLED][name], count)
        for name, count in seen[-1].items()
        if count > seen[SETTLED][name] * 1.2 + 20
    }

    assert answered == [1] * len(day.said)
    assert len(day.operations) == HOURS
    assert all(record and record.state.final for record in records)
    assert sum(bool(record and record.state is State.SUCCEEDED) for record in records) > HOURS / 2
    assert set(commits.values()) == {1}
    assert not pending
    assert not grown
