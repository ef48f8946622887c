"""Which votes count, one rule at a time: each case differs from one that counts in one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.approvals import Terms, Verdict, objection, standing, tally, tampered
from bot.policy import Policy
from bot.ports.chat import Account, Author, Kind, Message
from bot.ports.store import Choice, Vote
from bot.rules import PolicyData

OPENED = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
NOW = OPENED + timedelta(minutes=5)
EXPIRES = OPENED + timedelta(minutes=10)
ALWAYS = [{"zone": "Europe/London"}]
UNTIL_FIVE_PAST = [{"start": "09:00", "end": "15:05"}]
TERMS = Terms("op", 1, "uAna", 1, OPENED, EXPIRES)
TWO = replace(TERMS, approvals=2)


def person(id: str, **more: Any) -> dict[str, Any]:
    known = {"id": id, "name": id, "email": f"{id}@x.example"}
    return {**known, "roles": ["approver"], "on_call": ALWAYS, **more}


POLICY = Policy(
    PolicyData.model_validate({
        "people": [
            person("uAna", accounts=["uAna2"]),
            person("uBo", accounts=["uBo2"]),
            person("uDee"),
            person("uCleo", on_call=[]),
            person("uEve", on_call=UNTIL_FIVE_PAST),
            person("uOle", roles=["operator"]),
        ]
    })
)  # fmt: skip


def account(id: str, **changed: Any) -> Account:
    return replace(Account(id, id.lower(), True, Kind.PERSON), **changed)


def vote(who: str, meant: Choice = Choice.APPROVE, **changed: Any) -> Vote:
    made = Vote(
        operation="op", round=1, person=who, username=who, choice=meant, present=True,
        source="reaction", at=NOW - timedelta(minutes=1), counted=True, reason="", on_call=True,
    )  # fmt: skip
    return replace(made, **changed)


def verdict(*votes: Vote, terms: Terms = TERMS, at: datetime = NOW) -> Verdict:
    return tally(votes, terms, POLICY, at).verdict


def test_a_colleague_on_call_counts() -> None:
    assert objection(account("uBo"), Choice.APPROVE, TERMS, POLICY, NOW) == ""
    assert verdict(vote("uBo")) is Verdict.APPROVED


@pytest.mark.parametrize(
    ("voter", "reason"),
    [
        (account("uBo", kind=Kind.BOT), "bot"),
        (account("uBo", kind=Kind.APP), "app"),
        (account("uBo", kind=Kind.GUEST), "guest"),
        (account("uBo", kind=Kind.FEDERATED), "federated"),
        (account("uBo", active=False), "deactivated"),
        (account("uVic"), "not in the roster"),
        (account("uAna"), "you asked for this"),
        (account("uAna2"), "you asked for this"),
        (account("uOle"), "the role approver"),
        (account("uCleo"), "not on call now"),
    ],
)
def test_whose_approval_never_counts(voter: Account, reason: str) -> None:
    assert reason in objection(voter, Choice.APPROVE, TERMS, POLICY, NOW)


@pytest.mark.parametrize("choice", [Choice.APPROVE, Choice.DENY])
def test_a_vote_in_the_moment_of_the_expiry_is_too_late(choice: Choice) -> None:
    assert "expired at 15:10:00 UTC" in objection(account("uBo"), choice, TERMS, POLICY, EXPIRES)


@pytest.mark.parametrize("voter", ["uVic", "uCleo", "uOle", "uAna"])
def test_anyone_may_hold(voter: str) -> None:
    assert objection(account(voter), Choice.HOLD, TERMS, POLICY, NOW) == ""


def test_the_requester_may_deny_and_others_without_a_say_may_not() -> None:
    assert objection(account("uAna2"), Choice.DENY, TERMS, POLICY, NOW) == ""
    assert "not on call" in objection(account("uCleo"), Choice.DENY, TERMS, POLICY, NOW)


def test_where_a_rule_names_approvers_others_may_only_deny() -> None:
    named = replace(TERMS, only=("uDee",))

    assert objection(account("uDee"), Choice.APPROVE, named, POLICY, NOW) == ""
    assert "a rule names" in objection(account("uBo"), Choice.APPROVE, named, POLICY, NOW)
    assert objection(account("uBo"), Choice.DENY, named, POLICY, NOW) == ""
    assert verdict(vote("uBo"), terms=named) is Verdict.OPEN


def test_two_accounts_of_one_person_are_one_vote() -> None:
    assert verdict(vote("uBo"), vote("uBo2"), terms=TWO) is Verdict.OPEN
    assert verdict(vote("uBo"), vote("uDee"), terms=TWO) is Verdict.APPROVED
    assert verdict(vote("uBo"), vote("uBo2", present=False)) is Verdict.OPEN


@pytest.mark.parametrize(
    "changed",
    [
        {"operation": "other"},
        {"round": 2},
        {"counted": False},
        {"at": OPENED - timedelta(seconds=1)},
        {"at": EXPIRES},
        {"person": "uVic"},
        {"person": "uOle"},
        {"person": "uCleo"},
    ],
)
def test_which_written_votes_are_not_counted(changed: dict[str, Any]) -> None:
    assert verdict(replace(vote("uBo"), **changed)) is Verdict.OPEN


def test_a_shift_that_ended_since_the_vote_takes_it_away() -> None:
    assert verdict(vote("uEve"), at=NOW - timedelta(seconds=1)) is Verdict.APPROVED
    assert verdict(vote("uEve"), at=NOW) is Verdict.OPEN


def test_a_denial_stays_when_it_is_taken_back() -> None:
    denied = vote("uBo", Choice.DENY)

    assert verdict(denied, replace(denied, present=False), vote("uDee")) is Verdict.DENIED


def test_an_approval_is_taken_back() -> None:
    assert verdict(vote("uBo"), vote("uBo", present=False)) is Verdict.OPEN


def test_a_hold_stands_until_somebody_on_call_lifts_it() -> None:
    held = vote("uVic", Choice.HOLD, on_call=False)
    lowered = replace(held, present=False)

    assert verdict(held, vote("uBo")) is Verdict.HELD
    assert verdict(held, vote("uBo"), lowered) is Verdict.HELD
    assert verdict(held, vote("uBo"), replace(lowered, on_call=True)) is Verdict.APPROVED


def test_a_denial_beats_approvals_and_holds() -> None:
    said = (vote("uBo"), vote("uVic", Choice.HOLD), vote("uDee", Choice.DENY))

    assert verdict(*said) is Verdict.DENIED


def test_as_many_as_policy_wants() -> None:
    assert verdict(vote("uBo"), terms=TWO) is Verdict.OPEN
    assert verdict(terms=TWO) is Verdict.OPEN
    assert verdict(terms=replace(TERMS, approvals=0)) is Verdict.APPROVED


def test_houstons_own_reactions_are_no_votes() -> None:
    seeds = {":white_check_mark:": ["Houston", "bo"], ":tada:": ["dee"]}

    assert standing(seeds, "houston") == {("bo", Choice.APPROVE)}


HOUSTON = Author("uHouston", "houston")
POSTED = Message("m", "r", "the plan", HOUSTON, OPENED, OPENED)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"room_id": "rElse"}, "moved"),
        ({"author": Author("uBo", "houston")}, "not Houston's own"),
        ({"system": "rm"}, "deleted"),
        ({"edited_by": "uBo"}, "edited"),
        ({"text": "another plan"}, "not what Houston wrote"),
    ],
)
def test_a_message_that_is_not_as_it_was_posted_is_not_trusted(
    changed: dict[str, Any], reason: str
) -> None:
    assert tampered(POSTED, "the plan", "r", "uHouston") == ""
    assert reason in tampered(replace(POSTED, **changed), "the plan", "r", "uHouston")


def test_that_houston_edited_its_own_message_is_no_reason() -> None:
    assert tampered(replace(POSTED, edited_by="uHouston"), "the plan", "r", "uHouston") == ""
