"""Everything that can happen to an approval, in a random order, and an oracle that watches.

The oracle knows what people did, not what Houston made of it. It looks at two things: no operation
starts without enough votes that stand, and none starts twice.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from adapters.sim.document import Refusal
from adapters.sim.world import Fault
from bot.errors import Unavailable
from bot.policy import Policy
from bot.ports.engine import fields
from bot.ports.store import Record, State
from tests.commands.room import Room, settings

YES, NO, HAND = ":white_check_mark:", ":x:", ":raised_hand:"
VOTERS = ("uAna", "uBo", "uCleo", "uDee", "uVic")
MAY_APPROVE = {"uAna", "uBo", "uDee"}
"""Approvers of the roster who are on call: Cleo never is, Vic is a stranger."""
SLACK = timedelta(seconds=10)
"""What happens this shortly before a start may come too late for it."""
Act = Callable[[], Coroutine[Any, Any, None]]


@dataclass
class Ballot:
    """What happened to one message that collects votes. Times of the last change."""

    approved: dict[str, datetime] = field(default_factory=dict)
    gone: dict[str, datetime] = field(default_factory=dict)
    denied: datetime | None = None
    touched: datetime | None = None
    spoken: set[str] = field(default_factory=set)


class Storm:
    """Does random things to a room."""

    def __init__(self, room: Room, seed: int) -> None:
        self.room = room
        self.dice = random.Random(seed)  # noqa: S311  # a seed, so that a failure can be played again
        self.ballots: dict[str, Ballot] = {}
        self.seen: dict[str, Record] = {}
        self.starts: Counter[tuple[str, str]] = Counter()
        self.steps = self.restarts = 0
        self.read = 0
        self.moves: list[datetime] = []
        """When the world moved under the plans."""
        self.may_approve = MAY_APPROVE
        self.names = {id: id[1:].lower() for id in VOTERS}

    async def step(self) -> None:
        """One thing happens, then some time passes, then the oracle looks."""
        actions: list[tuple[int, Act]] = [
            (30, self.vote),
            (8, self.say_vote),
            (6, self.ask),
            (3, self.rename),
            (2, self.tamper),
            (3, self.drop),
            (2, self.away),
            (2, self.restart),
            (2, self.stranger),
            (2, self.abort),
            (3, self.fault),
            (1, self.long_wait),
            (1, self.rules),
            (1, self.kubectl),
        ]
        (act,) = self.dice.choices([a for _, a in actions], weights=[w for w, _ in actions])
        with suppress(Refusal, Unavailable):  # the chat said no to a person, as it does
            await act()
        await self.room.quiet(self.dice.choice([0.05, 0.3, 1, 3, 10, 40]))
        self.steps += 1
        await self.look()

    async def open(self) -> Record | None:
        """An operation that waits for votes, if there is one."""
        for record in await self.room.store.operations.open():
            self.seen[record.approval] = record
            if record.state in {State.WAITING, State.HELD}:
                return record
        return None

    def now(self) -> datetime:
        return self.room.world.clock.now()

    def ballot(self, record: Record) -> Ballot:
        return self.ballots.setdefault(record.approval, Ballot())

    async def ask(self) -> None:
        if await self.open() is None:
            number = self.dice.choice([0, 1, 2, 2, 3])
            self.room.world.chat.say(self.dice.choice(["uAna", "uBo"]), f"!scale presence {number}")

    async def vote(self) -> None:
        record = await self.open()
        if record is None:
            return await self.ask()
        who = self.dice.choice(VOTERS)
        emoji = self.dice.choices([YES, NO, HAND], weights=[12, 1, 1])[0]
        on = self.dice.random() < 0.8
        self.room.world.chat.react(who, record.approval, emoji, on=on)
        ballot = self.ballot(record)
        if emoji == YES and on:
            ballot.approved[who] = self.now()
            ballot.gone.pop(who, None)
        elif emoji == YES and who not in ballot.spoken:
            # A vote in words is not taken back by a reaction.
            ballot.gone.setdefault(who, self.now())
        elif emoji == NO and on and who in self.may_approve:
            ballot.denied = ballot.denied or self.now()
        return None

    async def end(self) -> None:
        """Let everything come to its end, and see that each card says what became of it."""
        self.room.world.chat.set_reachable(True)
        async with asyncio.timeout(8 * 3600):
            while await self.room.store.operations.open() or await self.room.store.outbox.pending():
                await self.room.quiet(5)
        await self.look()
        for record in await self.room.store.operations.recent(1000):
            if record.detail:
                title = self.room.card(record).splitlines()[0]
                assert title.endswith(f"· {record.code} · {record.state}"), (title, record.state)

    async def say_vote(self) -> None:
        record = await self.open()
        if record is None:
            return
        who = self.dice.choice(VOTERS)
        self.room.world.chat.say(who, f"!approve {record.code}")
        ballot = self.ballot(record)
        ballot.approved[who] = self.now()
        ballot.spoken.add(who)
        ballot.gone.pop(who, None)

    async def rename(self) -> None:
        who = self.dice.choice(VOTERS)
        self.names[who] = f"{who[1:].lower()}{self.dice.randrange(100)}"
        self.room.world.chat.rename(who, self.names[who])
        for ballot in self.ballots.values():
            if who in ballot.approved:
                ballot.gone.setdefault(who, self.now())

    async def tamper(self) -> None:
        record = await self.open()
        if record is None:
            return
        chat = self.room.world.chat
        if self.dice.random() < 0.3:
            chat.delete(record.approval)
        else:
            chat.edit("uVic", record.approval, "Scale presence from 1 to 1")
        ballot = self.ballot(record)
        ballot.touched = ballot.touched or self.now()

    async def drop(self) -> None:
        chat = self.room.world.chat
        self.dice.choice([chat.drop_links, chat.go_silent, chat.lose_subscriptions])()

    async def away(self) -> None:
        self.room.world.chat.set_reachable(False)
        await self.room.quiet(self.dice.choice([1, 30, 200]))
        self.room.world.chat.set_reachable(True)

    async def restart(self) -> None:
        self.restarts += 1
        await self.room.restart(after=self.dice.choice([0.1, 5, 60]))

    async def stranger(self) -> None:
        remote = self.room.world.remote
        self.moves.append(self.now())
        remote.push("README.md", f"{self.steps}\n".encode(), "docs: By somebody else")

    async def rules(self) -> None:
        """Houston comes back with other rules: Dee is an approver or is not."""
        await self.room.app.stop()
        await self.look()
        self.may_approve = {"uAna", "uBo"} if "uDee" in self.may_approve else MAY_APPROVE
        policy = self.room.settings.policy.model_dump(mode="json")
        for person in policy["people"]:
            if person["id"] in MAY_APPROVE:
                approves = person["id"] in self.may_approve
                person["roles"] = ["operator", "approver"] if approves else ["operator"]
        self.room.settings = settings(policy=policy)
        self.restarts += 1
        self.room.rebuild()
        await self.room.app.start()

    async def kubectl(self) -> None:
        """Somebody scales past git, and takes it back."""
        live = self.room.world.cluster.deployment("rocketchat-presence")
        asked = live.replicas
        for number in (asked + 1, asked):
            self.moves.append(self.now())
            live.change(live.image, number, self.room.world.cluster.next_version())
            self.room.world.begin(self.room.world.cluster.roll(live, live.generation))
            await self.room.quiet(self.dice.choice([0.3, 20]))

    async def abort(self) -> None:
        record = await self.open()
        if record and self.dice.random() < 0.3:
            self.room.world.chat.say(record.requester_id, f"!abort {record.code}")

    async def fault(self) -> None:
        call = self.dice.choice(["chat.message", "chat.account", "git.fetch", "argocd.get"])
        self.room.world.fail(call, self.dice.choice([Fault.UNAVAILABLE, Fault.REPLY_LOST]), 2)

    async def long_wait(self) -> None:
        await self.room.quiet(self.dice.choice([120, 700]))

    async def look(self) -> None:
        """Judge every start that was written down since the last look."""
        for sealed in await self.room.store.audit.read(self.read, 1000):
            self.read = sealed.number
            if sealed.entry.event == "operation.started":
                await self._judge(
                    sealed.entry.operation, str(sealed.entry.detail["digest"]), sealed.entry.at
                )
        commits = Counter(self._operations())
        twice = [id for id, count in commits.items() if count > 1]
        assert not twice, f"committed twice: {twice}"

    async def _judge(self, operation: str, digest: str, at: datetime) -> None:
        self.starts[operation, digest] += 1
        if self.starts[operation, digest] > 1:  # written down twice where Houston was stopped
            assert self.restarts, f"{operation} started twice"
            return
        record = await self.room.store.operations.get(operation)
        assert record is not None
        assert record.detail["digest"] == digest, "it started for another plan than it shows"
        needed = int(str(record.detail["approvals"]))
        ballot = self.ballots.get(record.approval, Ballot())
        before = at - SLACK
        assert not (ballot.denied and ballot.denied < before), "it started although denied"
        assert not (ballot.touched and ballot.touched < before), "it started on a message changed"
        rules = Policy(self.room.settings.policy).version
        assert fields(record.detail["basis"])["policy"] == rules, "other rules were read"
        expires = datetime.fromisoformat(str(record.detail["expires"]))
        opened = datetime.fromisoformat(str(record.detail["opened"]))
        assert at < expires, "it started after it had expired"
        assert not any(opened < moved < before for moved in self.moves), "the world had moved"
        standing = {
            who
            for who, since in ballot.approved.items()
            if who in self.may_approve - {record.requester_id}
            and opened - SLACK <= since <= at
            and not (who in ballot.gone and ballot.gone[who] < before)
        }
        assert len(standing) >= needed, f"{len(standing)} of {needed} votes stand: {ballot}"

    def _operations(self) -> list[str]:
        """The operation each commit carries."""
        remote = self.room.world.remote
        found = []
        for id in remote.commits():
            commit = remote.find(id)
            text = commit.message if commit else ""
            found += [line[14:] for line in text.splitlines() if line.startswith("Operation-Id: ")]
        return found


def let_moderate(room: Room, who: str) -> None:
    """Give the account the power to edit any message of #ops."""
    people = room.world.chat.people
    place = people.place("ops")
    people.change(replace(place, moderators=frozenset({who})))
