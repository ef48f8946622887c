"""What becomes of a vote that was observed, and what the voter is told; without a room."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.approvals import Verdict
from bot.errors import Refused
from bot.flight import Flight
from bot.judge import Judge
from bot.plan import Tier
from bot.policy import Policy, Standing
from bot.ports.chat import Account, Author, Kind
from bot.ports.store import Choice, Record, State, Vote
from bot.roster import Duty
from tests.core.test_tally import EXPIRES, NOW, OPENED, POLICY, TICK, vote

WAIT = timedelta(minutes=3)
RECORD = Record(
    id="op",
    code="7F3K",
    command="scale",
    line="!scale web 2",
    requester="Ana",
    requester_id="uAna",
    room_id="rOps",
    thread="t",
    message_id="m",
    state=State.WAITING,
    title="Scale web to 2",
    target="web",
    round=1,
    created=OPENED,
    updated=OPENED,
)
FLIGHT = Flight(
    facts={},
    basis={},
    digest="",
    diff="",
    where=(),
    findings=(),
    undo="",
    tier=Tier.HIGH,
    approvals=1,
    opened=OPENED,
    expires=EXPIRES,
    expected=WAIT,
    reasons=(),
    lines=(),
)
STARTED = replace(FLIGHT, started=OPENED)
ALONE = replace(FLIGHT, approvals=2, alone_after=WAIT)


class At:
    """A clock that stands."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def judge(at: datetime = NOW, policy: Policy = POLICY) -> Judge:
    return Judge(policy, At(at))


def account(id: str = "uBo") -> Account:
    return Account(id, id.lower(), True, Kind.PERSON)


def lonely(*on_call: str) -> Policy:
    """Only these are on call, by shifts that were taken before."""
    people = [person.model_copy(update={"on_call": ()}) for person in POLICY.people]
    policy = Policy(POLICY.data.model_copy(update={"people": tuple(people)}))
    policy.standing = Standing(
        duties=tuple(Duty(id, OPENED, EXPIRES, "chat", noted=OPENED) for id in on_call)
    )
    return policy


async def test_a_vote_is_written_down_with_who_when_what_and_whether_it_counts() -> None:
    assert judge().vote(RECORD, FLIGHT, account(), Choice.APPROVE, "reaction") == Vote(
        "op", 1, "uBo", "ubo", Choice.APPROVE, True, "reaction", NOW, True, "", True
    )
    stranger = judge().vote(RECORD, FLIGHT, account("uVic"), Choice.DENY, "text")
    assert (stranger.counted, stranger.on_call) == (False, False)
    assert stranger.reason == "you are not in the roster"
    off = judge().vote(RECORD, FLIGHT, account("uCleo"), Choice.HOLD, "reaction")
    assert (off.counted, off.on_call) == (True, False)


LATE = [
    (State.VOID, FLIGHT, "made anew", {Choice.APPROVE, Choice.DENY, Choice.HOLD}),
    (State.CANCELLED, FLIGHT, "already cancelled", {Choice.APPROVE, Choice.DENY, Choice.HOLD}),
    (State.RUNNING, STARTED, "`!abort 7F3K` stops it", {Choice.APPROVE, Choice.DENY}),
    (State.HELD, FLIGHT, "", set()),
]


@pytest.mark.parametrize(
    ("state", "flight", "why", "late"), LATE, ids=[str(one[0]) for one in LATE]
)
@pytest.mark.parametrize("meant", Choice)
async def test_what_comes_too_late_is_told_what_was_decided(
    state: State, flight: Flight, why: str, late: set[Choice], meant: Choice
) -> None:
    made = judge().vote(replace(RECORD, state=state), flight, account(), meant, "reaction")

    assert made.counted is (meant not in late)
    assert (why in made.reason) if meant in late else made.reason == ""


async def test_why_somebody_has_no_say_goes_before_that_it_is_too_late() -> None:
    closed = replace(RECORD, state=State.EXPIRED)

    made = judge().vote(closed, FLIGHT, account("uVic"), Choice.APPROVE, "reaction")
    assert made.reason == "you are not in the roster"


async def test_an_override_is_an_approvers_who_is_alone_and_has_the_time() -> None:
    made = judge(policy=lonely("uAna")).override(RECORD, ALONE, account("uAna"))

    assert (made.choice, made.source) == (Choice.APPROVE, "override")
    assert (made.counted, made.reason) == (True, "")
    last = EXPIRES - WAIT
    assert judge(last - TICK, lonely("uAna")).override(RECORD, ALONE, account("uAna")).counted


@pytest.mark.parametrize(
    ("flight", "at", "on_call", "who", "why"),
    [
        (FLIGHT, NOW, ["uAna"], "uAna", "Policy lets nobody start 7F3K alone"),
        (ALONE, NOW, ["uAna", "uBo", "uDee"], "uAna", "You are not alone: Bo, Dee can approve"),
        (ALONE, NOW, ["uBo"], "uAna", "You are not alone: Bo can approve"),
        (ALONE, NOW, [], "uAna", "Only an approver on call may go on alone"),
        (ALONE, NOW, ["uEve"], "uEve", "Only an approver on call may go on alone"),
        (ALONE, NOW, [], "uVic", "Only an approver on call may go on alone"),
        (ALONE, EXPIRES - WAIT, ["uAna"], "uAna", "7F3K expires before that"),
        (replace(ALONE, only=("uBo",)), NOW, ["uAna"], "uAna", "Only an approver on call"),
    ],
)
async def test_who_may_not_go_on_alone_is_told_why(
    flight: Flight, at: datetime, on_call: list[str], who: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        judge(at, lonely(*on_call)).override(RECORD, flight, account(who))


async def test_an_override_of_what_has_ended_does_not_count() -> None:
    ended = replace(RECORD, state=State.CANCELLED)
    made = judge(policy=lonely("uAna")).override(ended, ALONE, account("uAna"))

    assert (made.counted, made.reason) == (False, "7F3K is already cancelled")


async def test_whoever_has_the_role_is_asked_to_object_on_call_or_not() -> None:
    assert judge().approvers() == ["uAna", "uBo", "uCleo", "uDee"]


async def test_what_is_taken_back_is_the_same_choice_not_made_any_more() -> None:
    back = judge(NOW + TICK).taken_back(RECORD, vote("uCleo", Choice.HOLD))

    assert back == vote(
        "uCleo", Choice.HOLD, present=False, at=NOW + TICK, on_call=False, reason="taken back"
    )
    assert judge().taken_back(RECORD, vote(on_call=False)).on_call


async def test_a_release_names_who_lifted_the_hold_and_whether_they_were_on_call() -> None:
    held = vote("uVic", Choice.HOLD, on_call=False)

    by_bo = judge().released(RECORD, held, Author("uBo", "bo"))
    assert by_bo == replace(held, present=False, source="release", on_call=True, reason="by bo")
    assert not judge().released(RECORD, held, Author("uCleo", "cleo")).on_call


async def test_a_withdrawal_at_the_gate_counts_against_the_approval() -> None:
    gone = judge().withdrawn(RECORD, "uBo", "bo", "renamed")

    assert gone == Vote(
        "op", 1, "uBo", "bo", Choice.APPROVE, False, "gate", NOW, True, "renamed", True
    )
    assert judge().tally(RECORD, FLIGHT, [vote()]).verdict is Verdict.APPROVED
    assert judge().tally(RECORD, FLIGHT, [vote(), gone]).verdict is Verdict.OPEN


def taken(meant: Choice, **more: Any) -> Vote:
    return vote(meant=meant, present=False, **more)


@pytest.mark.parametrize(
    ("flight", "made", "said"),
    [
        (FLIGHT, vote(counted=False, reason="late"), "Your vote on 7F3K does not count: late."),
        (FLIGHT, vote(), "ubo approves 7F3K · 1 of 1 approved (ubo)"),
        (FLIGHT, vote(meant=Choice.DENY), "ubo denies 7F3K · 0 of 1 approved · denied by ubo"),
        (FLIGHT, vote(meant=Choice.HOLD), "ubo holds 7F3K · 0 of 1 approved · held by ubo"),
        (STARTED, vote(meant=Choice.HOLD), "ubo holds 7F3K"),
        (FLIGHT, taken(Choice.APPROVE), "ubo takes the approve of 7F3K back · 0 of 1 approved"),
        (STARTED, taken(Choice.APPROVE), "Too late to take the approval back: 7F3K already runs"),
        (FLIGHT, taken(Choice.APPROVE, on_call=False), "ubo takes the approve of 7F3K back"),
        (FLIGHT, taken(Choice.DENY), "7F3K stays denied"),
        (STARTED, taken(Choice.DENY), "7F3K stays denied"),
        (FLIGHT, taken(Choice.HOLD), "ubo takes the hold of 7F3K back"),
        (STARTED, taken(Choice.HOLD), "ubo takes the hold of 7F3K back"),
        (FLIGHT, taken(Choice.HOLD, on_call=False), "only somebody on call may release it"),
    ],
)
async def test_every_vote_has_an_answer(flight: Flight, made: Vote, said: str) -> None:
    assert said in judge().answer(RECORD, flight, made, [])


async def test_an_answer_counts_the_votes_before_it() -> None:
    said = judge().answer(RECORD, replace(FLIGHT, approvals=2), vote(), [vote("uDee")])

    assert said == "ubo approves 7F3K · 2 of 2 approved (udee, ubo)"


async def test_of_an_operation_that_has_ended_no_time_is_remembered() -> None:
    clock = At()
    known = Judge(POLICY, clock)
    for record in (RECORD, replace(RECORD, round=2), replace(RECORD, id="other")):
        known.now(record)
    assert known.known == {"op", "other"}
    known.forget("op")

    assert known.known == {"other"}
    clock.moment = NOW - WAIT
    assert known.now(RECORD) < NOW <= known.now(replace(RECORD, id="other"))
