"""Turns what was observed of one vote into a line of the journal, and into the words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import approvals
from bot.approvals import Tally, Terms
from bot.clock import Clock, Steady
from bot.errors import Refused
from bot.flight import Flight
from bot.policy import Policy
from bot.ports.chat import Account, Author
from bot.ports.store import Choice, Record, State, Vote
from bot.roles import Role

_DOES = {
    Choice.APPROVE: "approves",
    Choice.DENY: "denies",
    Choice.HOLD: "holds",
}


@dataclass(frozen=True)
class Answer:
    """What the voter is told."""

    text: str
    counted: bool


class Judge:
    """The rules of `bot.approvals` for one operation at this moment."""

    def __init__(self, policy: Policy, clock: Clock) -> None:
        self._policy = policy
        self._clock = Steady(clock)

    def now(self, record: Record) -> datetime:
        """The time as this round's approval sees it: a clock that is set back prolongs nothing."""
        return self._clock.now((record.id, record.round))

    @property
    def known(self) -> set[str]:
        """The operations of which something is remembered."""
        return self._clock.known

    def forget(self, operation: str) -> None:
        """The operation has ended."""
        self._clock.forget(operation)

    def tally(self, record: Record, flight: Flight, votes: Sequence[Vote]) -> Tally:
        """The count at this moment."""
        return approvals.tally(votes, _terms(record, flight), self._policy, self.now(record))

    def vote(
        self, record: Record, flight: Flight, account: Account, meant: Choice, source: str
    ) -> Vote:
        """A choice that was made, with whether it counts and why not."""
        now = self.now(record)
        reason = approvals.objection(account, meant, _terms(record, flight), self._policy, now)
        return Vote(
            operation=record.id,
            round=record.round,
            person=account.id,
            username=account.username,
            choice=meant,
            present=True,
            source=source,
            at=now,
            counted=not (reason := reason or _too_late(record, flight, meant)),
            reason=reason,
            on_call=self._on_call(account.id, now),
        )

    def override(self, record: Record, flight: Flight, account: Account) -> Vote:
        """A single person's approval of what takes more. Raises Refused, saying why not."""
        now, terms = self.now(record), _terms(record, flight)
        if terms.alone_after is None:
            raise Refused(
                f"Policy lets nobody start {record.code} alone.", "Ask somebody who is on call"
            )
        person = self._policy.person(account.id)
        others = [p for p in self._policy.approvers("", now, terms.only) if p is not person]
        if others:
            names = ", ".join(other.name for other in others)
            raise Refused(f"You are not alone: {names} can approve.", f"`!deny {record.code}`")
        if person not in self._policy.approvers("", now, terms.only):
            raise Refused("Only an approver on call may go on alone.", "`!whoami`")
        if now + terms.alone_after >= terms.expires:
            raise Refused(f"{record.code} expires before that.", f"Ask again: {record.line}")
        vote = self.vote(record, flight, account, Choice.APPROVE, approvals.OVERRIDE)
        late = _too_late(record, flight, Choice.APPROVE)
        return replace(vote, counted=not late, reason=late)

    def approvers(self) -> list[str]:
        """The ids of everybody whose role it is to approve, on call or not."""
        return [one.id for one in self._policy.people if Role.APPROVER in one.roles]

    def taken_back(self, record: Record, vote: Vote) -> Vote:
        """The same choice, not made any more."""
        now = self.now(record)
        duty = self._on_call(vote.person, now)
        return replace(vote, present=False, at=now, on_call=duty, reason="taken back")

    def released(self, record: Record, vote: Vote, by: Author) -> Vote:
        """Somebody's hold, lifted by another person."""
        now = self.now(record)
        duty = self._on_call(by.id, now)
        said = f"by {by.username}"
        return replace(vote, present=False, source="release", at=now, on_call=duty, reason=said)

    def withdrawn(self, record: Record, account_id: str, username: str, reason: str) -> Vote:
        """An approval that the last look before the start found worthless."""
        now = self.now(record)
        return Vote(
            operation=record.id,
            round=record.round,
            person=account_id,
            username=username,
            choice=Choice.APPROVE,
            present=False,
            source="gate",
            at=now,
            counted=True,
            reason=reason,
            on_call=self._on_call(account_id, now),
        )

    def answer(self, record: Record, flight: Flight, vote: Vote, seen: Sequence[Vote]) -> str:
        """What the voter is told; `seen` are the votes before this one."""
        if not vote.counted:
            return f"Your vote on {record.code} does not count: {vote.reason}."
        tally = self.tally(record, flight, [*seen, vote])
        if vote.present:
            return f"{vote.username} {_DOES[vote.choice]} {record.code} · {tally.text}"
        if vote.choice is Choice.APPROVE and flight.started:
            return (
                f":no_entry: Too late to take the approval back: {_running(record)}, and "
                f"`!abort {record.code}` stops it."
            )
        if vote.choice is Choice.DENY:
            return f"{record.code} stays denied: a denial cannot be taken back."
        if vote.choice is Choice.HOLD and not vote.on_call:
            return (
                f"{record.code} stays held: only somebody on call may release it, with "
                f"`!release {record.code}`."
            )
        return f"{vote.username} takes the {vote.choice} of {record.code} back · {tally.text}"

    def _on_call(self, account: str, at: datetime) -> bool:
        person = self._policy.person(account)
        return person is not None and self._policy.on_call(person, at)


def _terms(record: Record, flight: Flight) -> Terms:
    return Terms(
        record.id,
        record.round,
        record.requester_id,
        flight.approvals,
        flight.opened,
        flight.expires,
        flight.only,
        flight.with_code,
        flight.alone_after,
    )


def _too_late(record: Record, flight: Flight, meant: Choice) -> str:
    if record.state is State.VOID:
        return "that plan was made anew since; vote on the new one"
    if record.state.closed:
        return f"{record.code} is already {record.state}"
    if flight.started and meant is not Choice.HOLD:
        return f"{_running(record)}; `!abort {record.code}` stops it"
    return ""


def _running(record: Record) -> str:
    return f"{record.code} already runs"
