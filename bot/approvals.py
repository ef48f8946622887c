"""Observed votes, the roster and the time go in; a tally comes out. Pure.

The rules are those of docs/approvals.md; each has a test that fails when its guard is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.policy import Policy
from bot.ports.chat import Account, Kind, Message
from bot.ports.store import Choice, Vote
from bot.roles import Role
from bot.roster import Person

SEEDS = (":white_check_mark:", ":x:", ":raised_hand:")
"""The reactions Houston puts below an approval, so that a vote is one tap."""

CODE, OVERRIDE = "code", "override"
"""The sources of a vote that was confirmed with a one-time code, and of a single person's."""

_CHOICES = {
    "white_check_mark": Choice.APPROVE,
    "heavy_check_mark": Choice.APPROVE,
    "+1": Choice.APPROVE,
    "thumbsup": Choice.APPROVE,
    "x": Choice.DENY,
    "-1": Choice.DENY,
    "thumbsdown": Choice.DENY,
    "no_entry": Choice.DENY,
    "no_entry_sign": Choice.DENY,
    "raised_hand": Choice.HOLD,
    "hand": Choice.HOLD,
    "raised_hand_with_fingers_splayed": Choice.HOLD,
    "octagonal_sign": Choice.HOLD,
}
_TONE = re.compile(r"(_tone[1-5]|::skin-tone-[2-6])$")


def choice(emoji: str) -> Choice | None:
    """What a reaction means: aliases and skin tones are one; everything else is nothing."""
    return _CHOICES.get(_TONE.sub("", emoji.strip(":").lower()))


def standing(reactions: Mapping[str, Sequence[str]], houston: str) -> set[tuple[str, Choice]]:
    """The choices that stand on a message, by username, without Houston's own seeds."""
    return {
        (username, meant)
        for emoji, usernames in reactions.items()
        if (meant := choice(emoji))
        for username in usernames
        if username.lower() != houston.lower()
    }


@dataclass(frozen=True)
class Terms:
    """What an approval was asked under. Times are aware; `expires` is exclusive.

    `only` are the ids of those whose approvals count, empty when every approver's do. `with_code`
    is how many suffice that are confirmed with a code, `alone_after` how long a single person waits
    after announcing an override; None: there is no override.
    """

    operation: str
    round: int
    requester: str
    approvals: int
    opened: datetime
    expires: datetime
    only: tuple[str, ...] = ()
    with_code: int | None = None
    alone_after: timedelta | None = None


def objection(account: Account, meant: Choice, terms: Terms, policy: Policy, at: datetime) -> str:
    """Why this vote does not count, empty when it does. Anyone real may hold."""
    if not account.active or account.kind is not Kind.PERSON:
        state = account.kind if account.active else "deactivated"
        return f"votes of {state} accounts never count"
    if meant is Choice.HOLD:
        return ""
    if at >= terms.expires:
        return f"this approval expired at {terms.expires:%H:%M:%S} UTC"
    return _no_say(account, meant, terms, policy, at)


def _no_say(account: Account, meant: Choice, terms: Terms, policy: Policy, at: datetime) -> str:
    person = policy.person(account.id)
    if person is None:
        return "you are not in the roster"
    if person is policy.person(terms.requester):
        # A person may take back what they asked for, never agree to it.
        return "" if meant is Choice.DENY else "you asked for this, so your approval never counts"
    if Role.APPROVER not in person.roles:
        return "your roster entry does not have the role approver"
    if not policy.on_call(person, at, terms.opened):
        return "you are not on call now, or came on call after this was asked"
    if meant is Choice.APPROVE and terms.only and person.id not in terms.only:
        return "a rule names whose approvals count for this, and yours is not among them"
    return ""


class Verdict(StrEnum):
    """What the votes say so far."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    HELD = "held"

    @property
    def decided(self) -> bool:
        """Nothing more has to be waited for."""
        return self in {Verdict.APPROVED, Verdict.DENIED}


@dataclass(frozen=True)
class Override:
    """A single person's, and when it is enough."""

    vote: Vote
    due: datetime


@dataclass(frozen=True)
class Tally:
    """Who said what, by display name. `accounts` are the approving account ids with the username
    each was seen under: both are looked up again before the start. `alone` is the override that
    stands."""

    verdict: Verdict
    approved: tuple[str, ...]
    denied: tuple[str, ...]
    held: tuple[str, ...]
    accounts: tuple[tuple[str, str], ...]
    needed: int
    alone: Override | None = None

    @property
    def text(self) -> str:
        """One line for the card."""
        names = ", ".join(self.approved)
        said = f"{len(self.approved)} of {self.needed} approved" + (f" ({names})" if names else "")
        if self.denied:
            said += f" · denied by {', '.join(self.denied)}"
        if self.held:
            said += f" · held by {', '.join(self.held)}"
        if self.alone:
            who, due = self.alone.vote.username, self.alone.due
            said += f" · single-person override by {who}, {due:%H:%M:%S} UTC"
        return said


def tally(votes: Iterable[Vote], terms: Terms, policy: Policy, at: datetime) -> Tally:
    """Count. Only votes for this operation and round, seen inside the window, that counted then.

    A deny stays however often it is taken back, an approval can be withdrawn, and a hold is lifted
    only by somebody on call: reactions can get lost. An approver who is no longer on call does not
    count any more.
    """
    approving: dict[str, Vote] = {}
    holding: dict[str, Vote] = {}
    denied: dict[str, str] = {}
    coded: set[str] = set()
    inside = [vote for vote in votes if _inside(vote, terms)]
    for vote in (one for one in inside if one.source != OVERRIDE):
        who = _who(vote.person, policy)
        if vote.choice is Choice.DENY:
            denied[who] = vote.username
            continue
        if vote.choice is Choice.HOLD:
            _held(holding, who, vote)
        elif vote.present:
            approving[who] = vote
            coded |= {who} if vote.source == CODE else set()
        else:
            approving.pop(who, None)
            coded -= {who}
    valid = {who: vote for who, vote in approving.items() if _still(vote, policy, terms, at)}
    alone = _alone(inside, terms, policy, at)
    ripe = [alone.vote] if alone and at >= alone.due else []
    confirmed = _confirmed(len(coded & set(valid)), terms)
    enough = len(valid) >= terms.approvals or confirmed or bool(ripe)
    return Tally(
        _verdict(enough, bool(denied), bool(holding)),
        tuple(vote.username for vote in valid.values()),
        tuple(denied.values()),
        tuple(vote.username for vote in holding.values()),
        tuple((vote.person, vote.username) for vote in [*valid.values(), *ripe]),
        terms.approvals,
        alone,
    )


def holds(votes: Iterable[Vote]) -> list[Vote]:
    """The holds that were not lifted by somebody on call, of one round."""
    standing: dict[str, Vote] = {}
    for vote in (one for one in votes if one.choice is Choice.HOLD):
        _held(standing, vote.person, vote)
    return list(standing.values())


def _held(standing: dict[str, Vote], who: str, vote: Vote) -> None:
    """What a hold, or its being taken back, makes of the holds that stand, by who has set them."""
    if vote.present:
        standing[who] = vote
    elif vote.on_call:
        standing.pop(who, None)


def _inside(vote: Vote, terms: Terms) -> bool:
    """Whether it is about this operation and round, and counted in its time."""
    about = (vote.operation, vote.round) == (terms.operation, terms.round)
    return about and vote.counted and terms.opened <= vote.at < terms.expires


def _alone(inside: Iterable[Vote], terms: Terms, policy: Policy, at: datetime) -> Override | None:
    """The override that stands: the first one of somebody who may still make it."""
    if terms.alone_after is None:
        return None
    standing: dict[str, Vote] = {}
    for vote in inside:
        if vote.choice is Choice.APPROVE and not vote.present:
            standing.pop(vote.person, None)
        elif vote.source == OVERRIDE:
            standing.setdefault(vote.person, vote)
    for vote in standing.values():
        if _still(vote, policy, terms, at):
            return Override(vote, vote.at + terms.alone_after)
    return None


def tampered(message: Message, text: str, room_id: str, houston: str) -> str:
    """What was done to the message that collects votes, empty when nothing was."""
    if message.room_id != room_id:
        return "it was moved to another room"
    if message.author.id != houston:
        return "it is not Houston's own message"
    if message.system is not None:
        return "it was deleted"
    if message.edited_by is not None and message.edited_by != houston:
        return "somebody else edited it"
    if message.text.strip() != text.strip():
        return "its text is not what Houston wrote"
    return ""


def _who(account: str, policy: Policy) -> str:
    person: Person | None = policy.person(account)
    return person.id if person else account


def _still(vote: Vote, policy: Policy, terms: Terms, at: datetime) -> bool:
    person = policy.person(vote.person)
    return (
        person is not None
        and Role.APPROVER in person.roles
        and policy.on_call(person, at, terms.opened)
        and (not terms.only or person.id in terms.only)
    )


def _confirmed(coded: int, terms: Terms) -> bool:
    return terms.with_code is not None and coded >= terms.with_code


def _verdict(enough: bool, denied: bool, held: bool) -> Verdict:
    if denied:
        return Verdict.DENIED
    if held:
        return Verdict.HELD
    return Verdict.APPROVED if enough else Verdict.OPEN
