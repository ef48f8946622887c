"""A single person's override in the count: after the wait, while it stands, where policy allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.approvals import Override, Verdict, holds, tally
from bot.ports.store import Choice, Vote
from tests.core.test_tally import EXPIRES, NOW, OPENED, POLICY, TERMS, TICK, verdict, vote

WAIT = timedelta(minutes=3)
ALONE = replace(TERMS, approvals=2, alone_after=WAIT)


def single(who: str = "uAna", **more: Any) -> Vote:
    return vote(who, source="override", at=OPENED, **more)


def test_a_single_persons_override_is_enough_after_the_wait_and_not_before() -> None:
    assert verdict(single(), terms=ALONE, at=OPENED + WAIT - TICK) is Verdict.OPEN
    assert verdict(single(), terms=ALONE, at=OPENED + WAIT) is Verdict.APPROVED
    counted = tally([single()], ALONE, POLICY, OPENED + WAIT)
    assert counted.alone == Override(single(), OPENED + WAIT)
    assert counted.accounts == (("uAna", "uana"),)
    assert counted.approved == ()
    assert "single-person override by uana, 15:03:00 UTC" in counted.text


@pytest.mark.parametrize(
    "votes",
    [
        [single(counted=False)],
        [single(round=2)],
        [single("uCleo")],
        [single("uVic")],
        [single("uEve")],
        [single(), vote("uAna", present=False, source="gate")],
        [single(), vote("uBo", Choice.DENY)],
        [single(), vote("uVic", Choice.HOLD)],
    ],
)
def test_an_override_that_does_not_stand_starts_nothing(votes: list[Vote]) -> None:
    assert verdict(*votes, terms=ALONE, at=EXPIRES - TICK) is not Verdict.APPROVED


def test_only_what_is_approved_or_denied_is_decided() -> None:
    assert [each for each in Verdict if each.decided] == [Verdict.APPROVED, Verdict.DENIED]


def test_an_override_is_no_approval_and_policy_must_allow_it() -> None:
    later = OPENED + WAIT
    assert verdict(single(), vote("uBo"), terms=ALONE, at=later - TICK) is Verdict.OPEN
    never = replace(ALONE, alone_after=None)
    assert verdict(single(), terms=never, at=later) is Verdict.OPEN
    assert verdict(single(), vote("uBo"), terms=never, at=later) is Verdict.OPEN
    assert tally([single()], never, POLICY, later).alone is None


def test_a_second_override_does_not_prolong_the_first() -> None:
    again = replace(single(), at=NOW)

    assert tally([single(), again], ALONE, POLICY, NOW).alone == Override(single(), OPENED + WAIT)


@pytest.mark.parametrize("meant", [Choice.DENY, Choice.HOLD])
def test_taking_back_what_is_no_approval_leaves_the_override(meant: Choice) -> None:
    """A denial that is taken back stays one all the same."""
    back = vote("uAna", meant, present=False)

    counted = tally([single(), vote("uAna", Choice.HOLD), back], ALONE, POLICY, OPENED + WAIT)
    assert counted.alone == Override(single(), OPENED + WAIT)


@pytest.mark.parametrize("meant", Choice)
def test_a_vote_of_any_other_kind_is_no_override_however_long_it_stands(meant: Choice) -> None:
    counted = tally([vote("uBo", meant, at=OPENED)], ALONE, POLICY, EXPIRES - TICK)

    assert counted.alone is None
    assert counted.verdict is not Verdict.APPROVED


def test_a_hold_stands_until_somebody_on_call_lifts_it() -> None:
    held, other = vote(meant=Choice.HOLD), vote("uDee", meant=Choice.HOLD)
    lowered = vote(meant=Choice.HOLD, present=False, on_call=False)
    lifted = vote(meant=Choice.HOLD, present=False, on_call=True)

    assert holds([vote(), held, other, vote(meant=Choice.DENY)]) == [held, other]
    assert holds([held, lowered]) == [held]
    assert holds([held, other, lifted]) == [other]
    assert holds([held, lifted, lifted]) == []
    assert holds([held, lifted, held]) == [held]
