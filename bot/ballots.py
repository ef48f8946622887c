"""Sees the votes: from reactions and from words, each observed change written down once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from weakref import WeakValueDictionary

import structlog

from bot import approvals
from bot.approvals import Tally
from bot.breakglass import BreakGlass
from bot.cards import Mark, plain
from bot.clock import Clock
from bot.courier import Courier
from bot.errors import Missing
from bot.flight import Flight, unpacked
from bot.judge import Answer, Judge
from bot.policy import Policy
from bot.ports.chat import Account, Author, Chat, Kind, Message, Post
from bot.ports.engine import Engine, Json
from bot.ports.store import DOORS, Choice, Record, State, Store, Vote
from bot.request import post_id
from bot.standing import Keeper
from bot.trail import Trail

log = structlog.get_logger()

_LATELY = 20
"""How many of the newest operations still answer a vote that comes too late."""


class Tampered(Exception):
    """The message that collects the votes cannot be trusted any more."""

    @property
    def reason(self) -> str:
        """What was done to it."""
        return str(self)


class Ballots:
    """Reads approval messages, judges each change, answers it and wakes the operation."""

    def __init__(
        self,
        *,
        chat: Chat,
        store: Store,
        courier: Courier,
        engine: Engine,
        policy: Policy,
        clock: Clock,
        houston: Author,
        trail: Trail,
        keeper: Keeper,
        breakglass: BreakGlass,
    ) -> None:
        self._chat = chat
        self._store = store
        self._courier = courier
        self._engine = engine
        self._judge = Judge(policy, clock)
        self._houston = houston
        self._trail = trail
        self._keeper = keeper
        self._breakglass = breakglass
        # A lock is there for as long as somebody reads that operation's votes.
        self._one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def now(self, record: Record) -> datetime:
        """The time as this round's approval sees it."""
        return self._judge.now(record)

    async def noticed(self, message: Message) -> None:
        """The document of some message changed; look closer if it collects votes, or did."""
        if message.author.id != self._houston.id:
            return
        operations = self._store.operations
        known = {
            one.id: one for one in [*await operations.recent(_LATELY), *await operations.open()]
        }
        for record in known.values():
            if message.id == record.approval:
                await self.observe(record)
            for round in range(1, record.round):
                if message.id == post_id(record.id, "plan", str(round)):
                    code = record.code.rpartition("-")[0] + (f"-{round}" if round > 1 else "")
                    old = replace(record, round=round, code=code, approval=message.id)
                    await self.observe(replace(old, state=State.VOID))

    async def sweep(self) -> None:
        """Read every approval that is open, also of what runs and may be held: what the stream did
        not bring is found here. Whatever has ended by then, here or elsewhere, is forgotten."""
        known = self._judge.known  # before the look: what begins meanwhile stays
        records = await self._store.operations.open()
        for ended in known.difference(record.id for record in records):
            self._judge.forget(ended)
        for record in records:
            if not record.state.closed:
                await self.observe(record)

    async def observe(self, record: Record) -> None:
        """Read the approval by REST and journal what changed; tells the operation.

        Raises Unavailable when the message cannot be read.
        """
        try:
            await self.read(record)
        except Tampered as tampered:
            if record.state.closed:
                return
            await self._engine.send(
                record.id,
                {"kind": "void", "round": record.round, "reason": tampered.reason},
                key=f"void-{record.round}",
            )

    async def read(self, record: Record) -> None:
        """As `observe`, but raises Tampered instead of sending it. Local rounds have no message."""
        async with self._one_at_a_time.setdefault(record.id, asyncio.Lock()):
            await self._read(record)

    async def _read(self, record: Record) -> None:
        flight = unpacked(record)
        if flight is None or record.room_id in DOORS or not flight.approval_text:
            return
        try:
            message = await self._chat.message(record.approval)
        except Missing:
            sent = await self._posted(record)
            if sent:
                raise Tampered("it was deleted") from None
            return
        reason = approvals.tampered(message, flight.approval_text, record.room_id, self._houston.id)
        if reason and not record.state.closed:
            # A plan that was made anew may be void for that very reason: whoever votes is told.
            raise Tampered(reason)
        await self._journal(record, flight, message)

    async def confirm(self, record: Record, actor: Author, room_id: str) -> Answer:
        """An approval whose one-time code was checked, said in private; gives the answer to it."""
        return await self.say(record, actor, Choice.APPROVE, room_id, source=approvals.CODE)

    async def override(self, record: Record, actor: Author, reason: str, room_id: str) -> Answer:
        """A single person goes on alone after a while; everybody who could object is told."""
        flight = unpacked(record)
        if flight is None:
            return Answer("There is nothing to vote on yet.", counted=False)
        await self._breakglass.permit(room_id, flight.tier)
        await self._keeper.refresh()
        account = Account(actor.id, actor.username, True, Kind.PERSON)
        vote = self._judge.override(record, flight, account).said_in(room_id)
        await self._append(record, vote)
        await self._wake(record)
        tally = await self.count(record, flight)
        text = f":warning: {record.code} · {record.title}: {tally.text}. Reason: {plain(reason)}"
        said = f"{text}\nWho objects types `!deny {record.code}` or `!hold {record.code}`."
        for id in self._judge.approvers():
            if id != actor.id:
                key = post_id("override", record.id, str(record.round), id)
                await self._courier.put(Post(key, f"@{id}", said))
        return Answer(said, counted=vote.counted)

    async def say(
        self, record: Record, actor: Author, meant: Choice, room_id: str, source: str = "text"
    ) -> Answer:
        """A vote in words, said in this room; gives the answer to it."""
        flight = unpacked(record)
        if flight is None:
            return Answer("There is nothing to vote on yet.", counted=False)
        coded = source == approvals.CODE  # a code is said in private, and names its operation
        if not coded and room_id not in DOORS and record.room_id not in {*DOORS, room_id}:
            return Answer(f"{record.code} was asked for in another room: go there.", False)
        account = Account(actor.id, actor.username, True, Kind.PERSON)
        if room_id not in DOORS:
            account = await self._chat.account(actor.username)
        if account.id != actor.id:
            text = f"The name {actor.username} belongs to another account now. Not counted."
            return Answer(text, counted=False)
        if meant is Choice.APPROVE:
            await self._breakglass.permit(room_id, flight.tier)
        await self._keeper.refresh()
        seen = await self._store.votes.of(record.id, record.round)
        vote = self._judge.vote(record, flight, account, meant, source).said_in(room_id)
        answer = self._judge.answer(record, flight, vote, seen)
        await self._append(record, vote)
        await self._wake(record)
        return Answer(answer, counted=vote.counted)

    async def release(self, record: Record, actor: Author) -> bool:
        """Take back every hold of this round that stands, whoever set it; whether one did. Without
        effect by who is not on call."""
        standing = approvals.holds(await self._store.votes.of(record.id, record.round))
        for vote in standing:
            await self._append(record, self._judge.released(record, vote, actor))
        await self._wake(record)
        return bool(standing)

    async def count(self, record: Record, flight: Flight) -> Tally:
        """The tally at this moment."""
        await self._keeper.refresh()
        votes = await self._store.votes.of(record.id, record.round)
        return self._judge.tally(record, flight, votes)

    async def confirmed(self, record: Record, flight: Flight) -> Tally:
        """The tally after looking up each approver again: a renamed or deactivated account's vote
        is withdrawn. Who voted at a second door proved there who they are."""
        tally = await self.count(record, flight)
        votes = await self._store.votes.of(record.id, record.round)
        proven = {vote.person for vote in votes if vote.door}
        for account_id, username in tally.accounts:
            if account_id not in proven and not await self._same(account_id, username):
                why = "the account was renamed or closed"
                gone = self._judge.withdrawn(record, account_id, username, why)
                await self._append(record, gone)
        return await self.count(record, flight)

    async def _same(self, account_id: str, username: str) -> bool:
        try:
            account = await self._chat.account(username)
        except Missing:
            return False
        return account.id == account_id and account.active and account.kind is Kind.PERSON

    async def _posted(self, record: Record) -> bool:
        posts = await self._store.outbox.thread(record.thread)
        return any(out.post.id == record.approval and out.shown is not None for out in posts)

    async def _journal(self, record: Record, flight: Flight, message: Message) -> None:
        seen = await self._store.votes.of(record.id, record.round)
        known = {(vote.username, vote.choice): vote for vote in seen if vote.source == "reaction"}
        before = {key for key, vote in known.items() if vote.present}
        now = approvals.standing(message.reactions, self._houston.username)
        for username, meant in sorted(now - before):
            account = await self._account(username)
            await self._keeper.refresh()
            vote = self._judge.vote(record, flight, account, meant, "reaction")
            await self._observed(record, flight, vote, seen)
        for key in sorted(before - now):
            await self._observed(record, flight, self._judge.taken_back(record, known[key]), seen)
        await self._wake(record)

    async def _account(self, username: str) -> Account:
        try:
            return await self._chat.account(username)
        except Missing:
            return Account("", username, False, Kind.PERSON)

    async def _observed(self, record: Record, flight: Flight, vote: Vote, seen: list[Vote]) -> None:
        """The vote is written down last: whoever is killed before sees it again, and says the same
        under the same ids."""
        which = (vote.username, vote.choice)
        times = str(sum((one.username, one.choice) == which for one in seen))
        if flight.started:
            await self._control(record, vote, times)
        private = account_room(vote) if not vote.counted else ""
        symbol = "" if vote.counted else f"{Mark.NO.symbol} "
        await self._courier.put(
            Post(
                post_id("vote", record.id, str(record.round), *which, times),
                private or record.room_id,
                symbol + self._judge.answer(record, flight, vote, seen),
                None if private else record.thread,
            )
        )
        await self._append(record, vote)
        seen.append(vote)

    async def _control(self, record: Record, vote: Vote, times: str) -> None:
        """A hand that is raised or lowered while the operation runs."""
        if not vote.counted or vote.choice is not Choice.HOLD:
            return
        if vote.present or vote.on_call:
            kind = "hold" if vote.present else "release"
            message: dict[str, Json] = {"kind": kind, "round": record.round, "by": vote.username}
            await self._engine.send(record.id, message, key=f"{kind}-{vote.username}-{times}")

    async def _append(self, record: Record, vote: Vote) -> None:
        """Into the trail, and last into the journal that counts."""
        await self._trail.vote(vote, record.target)
        await self._store.votes.append(vote)

    async def _wake(self, record: Record) -> None:
        """Have the operation count again, once for each vote written down. It is said at each look:
        whoever wrote it down may have been killed in between."""
        votes = await self._store.votes.of(record.id, record.round)
        if votes and not record.state.closed:
            key = f"votes-{record.round}-{len(votes)}"
            await self._engine.send(record.id, {"kind": "votes", "round": record.round}, key=key)


def account_room(vote: Vote) -> str:
    """Where only the voter reads the answer; empty when nobody is known by that name."""
    return f"@{vote.person}" if vote.person else ""
