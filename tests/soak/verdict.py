"""Whether a day ended as it must: everything answered once, done once, and nothing left."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from adapters.sim.directory import HOUSTON
from bot.approvals import SEEDS
from bot.ports.chat import Message
from bot.ports.store import State
from bot.request import post_id
from houston.testing.harness import MemoryStore
from tests.soak.flown import Flown

_PATIENCE = 60.0
_AGAIN = timedelta(minutes=20)


class Verdict:
    """`wrong` is what must not be; `states` is how the operations ended."""

    def __init__(self, flown: Flown) -> None:
        self._flown = flown
        self._chat = flown.world.chat
        self.wrong: list[str] = []
        self.states: Counter[State] = Counter()

    async def find(self, said: Iterable[Message], schedules: int) -> None:
        """Look at everything; `schedules` is how many have been due."""
        for one in said:
            await self._answered(one)
        await self._settled()
        await self._happened_once()
        await self._reported_once(schedules)

    async def _answered(self, said: Message) -> None:
        """Once; an operation by its messages, each of which is there once, and it has ended."""
        record = await self._flown.store.operations.get(f"op-{said.id}")
        texts = [m.text for m in self._replies(said)]
        what = f"{said.text} of {said.author.username} at {said.at:%H:%M:%S}"
        if said.thread and not self._chat.archive.find(post_id(said.id, "answer")):
            self.wrong.append(f"{what} has no answer in its thread")
        if record is None and not said.thread and len(texts) != 1:
            self.wrong.append(f"{what} has {len(texts)} answers: {texts}")
        if record is not None:
            self.states[record.state] += 1
            if not record.state.final:
                self.wrong.append(f"{what} is still {record.state}")
            if not texts or len(texts) != len(set(texts)):
                self.wrong.append(f"{what} was told nothing, or something twice: {texts}")

    def _replies(self, said: Message) -> list[Message]:
        """What Houston says below it. Files of an answer are messages without words, and below a
        drill is what was said there."""
        drill = said.text.startswith("!drill start")
        replies = [m for m in self._chat.thread(said.id) if m.author.id == HOUSTON and not m.files]
        return [m for m in replies if not drill or m.id == post_id(said.id, "answer")]

    async def _settled(self) -> None:
        """Nothing is on its way or held, and Houston hears."""
        store = self._flown.store
        assert isinstance(store, MemoryStore)
        held = [line for line in store.dump().splitlines() if 'INTO "houston_locks"' in line]
        self.wrong += [f"a lock is left: {line}" for line in held]
        if waits := await store.outbox.pending():
            self.wrong.append(f"{len(waits)} posts wait: {[out.post.text for out in waits]}")
        if left := await store.ledger.unfinished():
            self.wrong.append(f"{len(left)} commands were taken and not answered")
        said = self._chat.say("uAna", "!whoami")
        try:
            async with asyncio.timeout(_PATIENCE):
                while not self._replies(said):  # noqa: ASYNC110  # looks as a person does
                    await asyncio.sleep(1)
        except TimeoutError:
            self.wrong.append("it does not hear any more")

    async def _happened_once(self) -> None:
        world = self._flown.world
        found = (world.remote.find(id) for id in world.remote.commits())
        lines = [line for commit in found if commit for line in commit.message.splitlines()]
        commits = Counter(line for line in lines if line.startswith("Operation-Id: "))
        syncs = Counter(sync.operation for sync in world.cluster.syncs if sync.operation)
        for kind, counted in (("commits", commits), ("syncs", syncs)):
            self.wrong += [f"{n} {kind} of {id}" for id, n in counted.items() if n > 1]
        for record in await self._flown.store.operations.recent(10_000):
            upgraded = record.command == "upgrade" and record.state is State.SUCCEEDED
            if upgraded and commits[f"Operation-Id: {record.id}"] != 1:
                self.wrong.append(f"{record.line} succeeded without its one commit")

    async def _reported_once(self, schedules: int) -> None:
        """Each time of a schedule at most once, and what Houston says by itself never twice."""
        entries = [stored.entry for stored in await self._flown.store.audit.read(0, 100_000)]
        slots = Counter(
            str(entry.detail["message"])
            for entry in entries
            if entry.actor.startswith("schedule:") and entry.event.startswith("command.")
        )
        self.wrong += [f"{slot} was answered {n} times" for slot, n in slots.items() if n > 1]
        if len(slots) < schedules:
            self.wrong.append(f"only {len(slots)} scheduled reports were made")
        self._told_once()

    def _told_once(self) -> None:
        """What Houston says by itself comes again only when it is so again, or is due again."""
        last: dict[str, datetime] = {}
        for post in self._chat.messages("ops"):
            alone = post.thread is None and post.author.id == HOUSTON and not post.files
            if not alone or len(post.reactions) >= len(SEEDS):
                continue
            if post.text in last and post.at - last[post.text] < _AGAIN:
                self.wrong.append(f"said twice at {post.at:%H:%M:%S}: {post.text}")
            last[post.text] = post.at
