"""Sees the votes: from reactions and from words, each observed change written down once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace

import structlog

from bot import approvals
from bot.approvals import Tally, Terms, Verdict
from bot.clock import Clock
from bot.courier import Courier
from bot.errors import Missing
from bot.flight import Flight, unpacked
from bot.policy import Policy
from bot.ports.chat import Account, Author, Chat, Kind, Message, Post
from bot.ports.engine import Engine, Json
from bot.ports.store import Choice, Record, State, Store, Vote
from bot.request import LOCAL, post_id
from bot.standing import Keeper
from bot.trail import Trail

log = structlog.get_logger()

_TOLD = {
    Choice.APPROVE: "approves",
    Choice.DENY: "denies",
    Choice.HOLD: "holds",
}


class Tampered(Exception):
    """The message that collects the votes cannot be trusted any more."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """What the voter is told."""

    text: str
    counted: bool


def terms(record: Record, flight: Flight) -> Terms:
    """What this round's approval was asked under."""
    return Terms(
        record.id,
        record.round,
        record.requester_id,
        flight.approvals,
        flight.opened,
        flight.expires,
        flight.only,
    )


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
    ) -> None:
        self._chat = chat
        self._store = store
        self._courier = courier
        self._engine = engine
        self._policy = policy
        self._clock = clock
        self._houston = houston
        self._trail = trail
        self._keeper = keeper
        self._one_at_a_time: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._woken: dict[str, str] = {}

    async def noticed(self, message: Message) -> None:
        """The document of some message changed; look closer if it collects votes."""
        for record in await self._store.operations.open():
            if message.id == record.approval:
                await self.observe(record)

    async def sweep(self) -> None:
        """Read every approval that is open: what the stream did not bring is found here."""
        for record in await self._store.operations.open():
            if record.approval and record.state in {State.WAITING, State.HELD}:
                await self.observe(record)

    async def observe(self, record: Record) -> None:
        """Read the approval by REST and journal what changed; tells the operation.

        Raises Unavailable when the message cannot be read.
        """
        async with self._one_at_a_time[record.id]:
            try:
                await self.read(record)
            except Tampered as tampered:
                await self._engine.send(
                    record.id,
                    {"kind": "void", "round": record.round, "reason": tampered.reason},
                    key=f"void-{record.round}",
                )

    async def read(self, record: Record) -> None:
        """As `observe`, but raises Tampered instead of sending it. Local rounds have no message."""
        flight = unpacked(record)
        if flight is None or record.room_id == LOCAL or not flight.approval_text:
            return
        try:
            message = await self._chat.message(record.approval)
        except Missing:
            sent = await self._posted(record)
            if sent:
                raise Tampered("it was deleted") from None
            return
        reason = approvals.tampered(message, flight.approval_text, record.room_id, self._houston.id)
        if reason:
            raise Tampered(reason)
        await self._journal(record, flight, message)

    async def say(self, record: Record, actor: Author, meant: Choice) -> Answer:
        """A vote in words; gives the answer to it."""
        flight = unpacked(record)
        if flight is None:
            return Answer("There is nothing to vote on yet.", counted=False)
        account = Account(actor.id, actor.username, True, Kind.PERSON)
        if record.room_id != LOCAL:
            account = await self._chat.account(actor.username)
        if account.id != actor.id:
            text = f"The name {actor.username} belongs to another account now. Not counted."
            return Answer(text, counted=False)
        await self._keeper.refresh()
        vote = self._judged(record, flight, account, meant, source="text")
        answer = await self._answer(record, flight, vote)
        await self._append(record, vote)
        await self._wake(record)
        return Answer(answer, counted=vote.counted)

    async def release(self, record: Record, actor: Author) -> None:
        """Take back every hold of this round, whoever set it."""
        for vote in await self._store.votes.of(record.id, record.round):
            if vote.choice is Choice.HOLD and vote.present:
                freed = replace(vote, present=False, source="release", at=self._clock.now())
                await self._append(record, replace(freed, reason=f"by {actor.username}"))
        await self._wake(record)

    async def count(self, record: Record, flight: Flight) -> Tally:
        """The tally at this moment."""
        await self._keeper.refresh()
        votes = await self._store.votes.of(record.id, record.round)
        return approvals.tally(votes, terms(record, flight), self._policy, self._clock.now())

    async def confirmed(self, record: Record, flight: Flight) -> Tally:
        """The tally after looking up each approver again: a renamed or deactivated account's vote
        is withdrawn."""
        tally = await self.count(record, flight)
        if record.room_id == LOCAL:
            return tally
        for account_id, username in tally.accounts:
            if not await self._same(account_id, username):
                await self._append(
                    record,
                    self._withdrawn(
                        record, account_id, username, "the account was renamed or closed"
                    ),
                )
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
            times = sum((vote.username, vote.choice) == (username, meant) for vote in seen)
            await self._added(record, flight, username, meant, str(times))
        for username, meant in sorted(before - now):
            vote = known[username, meant]
            await self._append(
                record, replace(vote, present=False, at=self._clock.now(), reason="taken back")
            )
        await self._wake(record)

    async def _added(
        self, record: Record, flight: Flight, username: str, meant: Choice, times: str
    ) -> None:
        """The vote is written down last: whoever is killed before sees it again, and says the same
        under the same ids. `times` is how many changes of this vote were seen before."""
        try:
            account = await self._chat.account(username)
        except Missing:
            account = Account("", username, False, Kind.PERSON)
        await self._keeper.refresh()
        vote = self._judged(record, flight, account, meant, source="reaction")
        if vote.counted and record.state is State.RUNNING:
            held: dict[str, Json] = {"kind": "hold", "round": record.round, "by": username}
            await self._engine.send(record.id, held, key=f"hold-{username}-{times}")
        answer = await self._answer(record, flight, vote)
        private = not vote.counted and account.id
        await self._courier.put(
            Post(
                post_id("vote", record.id, str(record.round), username, meant, times),
                f"@{account.id}" if private else record.room_id,
                answer,
                None if private else record.thread,
            )
        )
        await self._append(record, vote)

    def _judged(
        self, record: Record, flight: Flight, account: Account, meant: Choice, *, source: str
    ) -> Vote:
        now = self._clock.now()
        reason = approvals.objection(account, meant, terms(record, flight), self._policy, now)
        if not reason and record.state.closed:
            reason = f"{record.code} is already {record.state}"
        if not reason and record.state is State.RUNNING and meant is not Choice.HOLD:
            reason = f"{record.code} already runs; `!abort {record.code}` stops it"
        person = self._policy.person(account.id)
        return Vote(
            operation=record.id,
            round=record.round,
            person=account.id,
            username=account.username,
            choice=meant,
            present=True,
            source=source,
            at=now,
            counted=not reason,
            reason=reason,
            on_call=person is not None and self._policy.on_call(person, now),
        )

    def _withdrawn(self, record: Record, account_id: str, username: str, reason: str) -> Vote:
        return Vote(
            operation=record.id,
            round=record.round,
            person=account_id,
            username=username,
            choice=Choice.APPROVE,
            present=False,
            source="gate",
            at=self._clock.now(),
            counted=True,
            reason=reason,
        )

    async def _append(self, record: Record, vote: Vote) -> None:
        """Into the trail, and last into the journal that counts."""
        await self._trail.vote(vote, record.target)
        await self._store.votes.append(vote)

    async def _answer(self, record: Record, flight: Flight, vote: Vote) -> str:
        if not vote.counted:
            return f":no_entry: Your vote on {record.code} does not count: {vote.reason}."
        seen = [*await self._store.votes.of(record.id, record.round), vote]
        tally = approvals.tally(seen, terms(record, flight), self._policy, self._clock.now())
        return f"{vote.username} {_TOLD[vote.choice]} {record.code} · {tally.text}"

    async def _wake(self, record: Record) -> None:
        """Have the operation count again, once for each vote written down. The first look of a
        process wakes it in any case: the one before may have been killed in between."""
        votes = await self._store.votes.of(record.id, record.round)
        key = f"votes-{record.round}-{len(votes)}"
        if votes and self._woken.get(record.id) != key:
            await self._engine.send(record.id, {"kind": "votes", "round": record.round}, key=key)
            self._woken[record.id] = key


def final(tally: Tally) -> bool:
    """Whether the votes have decided."""
    return tally.verdict in {Verdict.APPROVED, Verdict.DENIED}
