"""The rules of the count, each without a room: who may, when, and what the votes come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.approvals import Terms, Verdict, choice, objection, standing, tally, tampered
from bot.policy import Policy, Standing
from bot.ports.chat import Account, Author, Kind, Message
from bot.ports.store import Choice, Vote
from bot.roster import Duty
from bot.rules import PolicyData

OPENED = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
EXPIRES = OPENED + timedelta(minutes=10)
NOW = OPENED + timedelta(minutes=5)
TICK = timedelta(microseconds=1)


def person(id: str, *roles: str, on_call: bool = True, **more: Any) -> dict[str, Any]:
    name, mail = id.removeprefix("u"), f"{id}@x.example"
    hours: list[dict[str, str]] = [{}] if on_call else []
    return {"id": id, "name": name, "email": mail, "roles": roles, "on_call": hours, **more}


POLICY = Policy(
    PolicyData.model_validate(
        {
            "people": [
                person("uAna", "operator", "approver", accounts=["uAna2"]),
                person("uBo", "operator", "approver", accounts=["uBo2"]),
                person("uCleo", "approver", on_call=False),
                person("uDee", "approver"),
                person("uEve", "operator"),
            ]
        }
    )
)
TERMS = Terms("op", 1, "uAna", 1, OPENED, EXPIRES)


def account(id: str, kind: Kind = Kind.PERSON, active: bool = True) -> Account:
    return Account(id, id.lower(), active, kind)


def vote(who: str = "uBo", meant: Choice = Choice.APPROVE, **more: Any) -> Vote:
    made = Vote("op", 1, who, who.lower(), meant, True, "reaction", NOW, True, "", True)
    return replace(made, **more)


def verdict(*votes: Vote, terms: Terms = TERMS, at: datetime = NOW) -> Verdict:
    return tally(votes, terms, POLICY, at).verdict


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PERSON])
@pytest.mark.parametrize("meant", Choice)
def test_what_is_no_person_never_votes(kind: Kind, meant: Choice) -> None:
    assert f"votes of {kind} accounts" in objection(account("uBo", kind), meant, TERMS, POLICY, NOW)


@pytest.mark.parametrize("meant", Choice)
def test_a_closed_account_never_votes(meant: Choice) -> None:
    assert "deactivated" in objection(account("uBo", active=False), meant, TERMS, POLICY, NOW)


@pytest.mark.parametrize(
    ("who", "why", "denies"),
    [
        ("uAna", "you asked for this", True),
        ("uAna2", "you asked for this", True),
        ("uBo", "", True),
        ("uBo2", "", True),
        ("uCleo", "not on call now", False),
        ("uDee", "", True),
        ("uEve", "the role approver", False),
        ("uVic", "not in the roster", False),
    ],
)
def test_who_has_a_say_and_what_the_others_are_told(who: str, why: str, denies: bool) -> None:
    told = objection(account(who), Choice.APPROVE, TERMS, POLICY, NOW)
    assert why in told if why else told == ""
    assert (objection(account(who), Choice.DENY, TERMS, POLICY, NOW) == "") is denies
    assert objection(account(who), Choice.HOLD, TERMS, POLICY, NOW) == ""


@pytest.mark.parametrize(("asking", "voting"), [("uAna", "uAna2"), ("uAna2", "uAna")])
def test_whoever_asked_by_another_account_does_not_approve_either(asking: str, voting: str) -> None:
    mine = replace(TERMS, requester=asking)

    said = objection(account(voting), Choice.APPROVE, mine, POLICY, NOW)
    assert said == "you asked for this, so your approval never counts"


def test_a_stranger_who_asked_does_not_approve_but_may_take_it_back() -> None:
    mine = replace(TERMS, requester="uVic")

    assert objection(account("uVic"), Choice.APPROVE, mine, POLICY, NOW)
    assert objection(account("uBo"), Choice.APPROVE, mine, POLICY, NOW) == ""


def test_the_end_of_the_time_is_not_inside_it() -> None:
    assert objection(account("uBo"), Choice.APPROVE, TERMS, POLICY, EXPIRES - TICK) == ""
    assert "expired" in objection(account("uBo"), Choice.APPROVE, TERMS, POLICY, EXPIRES)
    assert "expired" in objection(account("uBo"), Choice.DENY, TERMS, POLICY, EXPIRES)
    assert objection(account("uBo"), Choice.HOLD, TERMS, POLICY, EXPIRES) == ""


def test_a_rule_that_names_approvers_binds_approvals_only() -> None:
    named = replace(TERMS, only=("uDee",))

    assert "a rule names" in objection(account("uBo"), Choice.APPROVE, named, POLICY, NOW)
    assert objection(account("uBo"), Choice.DENY, named, POLICY, NOW) == ""
    assert objection(account("uDee"), Choice.APPROVE, named, POLICY, NOW) == ""
    assert verdict(vote("uBo"), terms=named) is Verdict.OPEN
    assert verdict(vote("uDee"), terms=named) is Verdict.APPROVED


def test_fewer_suffice_when_each_is_confirmed_with_a_code() -> None:
    two = replace(TERMS, approvals=2, with_code=1)
    coded = vote(source="code")

    assert verdict(coded, terms=two) is Verdict.APPROVED
    assert verdict(vote(), terms=two) is Verdict.OPEN
    assert verdict(coded, vote(), terms=two) is Verdict.APPROVED
    assert verdict(coded, vote(present=False), vote(), terms=two) is Verdict.OPEN
    assert verdict(coded, terms=replace(two, with_code=None)) is Verdict.OPEN
    assert verdict(coded, terms=replace(two, with_code=2)) is Verdict.OPEN
    assert verdict(coded, vote("uDee", source="code"), terms=replace(two, approvals=3)) is (
        Verdict.APPROVED
    )
    assert verdict(vote("uCleo", source="code"), terms=two) is Verdict.OPEN
    assert verdict(coded, vote("uDee", Choice.DENY), terms=two) is Verdict.DENIED
    assert verdict(coded, vote(meant=Choice.HOLD), terms=two) is Verdict.HELD
    back = vote(meant=Choice.HOLD, present=False)
    assert verdict(coded, vote(meant=Choice.HOLD), back, terms=two) is Verdict.APPROVED


def test_a_shift_that_ended_since_the_vote_takes_it_away() -> None:
    policy = Policy(POLICY.data)
    policy.standing = Standing(duties=(Duty("uCleo", OPENED, NOW, "chat", noted=OPENED),))

    assert tally([vote("uCleo")], TERMS, policy, NOW - TICK).verdict is Verdict.APPROVED
    assert tally([vote("uCleo")], TERMS, policy, NOW).verdict is Verdict.OPEN


def test_a_shift_taken_after_the_question_gives_no_say() -> None:
    policy = Policy(POLICY.data)
    late = Duty("uCleo", OPENED, EXPIRES, "chat", noted=OPENED + TICK)
    policy.standing = Standing(duties=(late,))
    assert "after this was asked" in objection(account("uCleo"), Choice.APPROVE, TERMS, policy, NOW)
    assert tally([vote("uCleo")], TERMS, policy, NOW).verdict is Verdict.OPEN

    policy.standing = Standing(duties=(replace(late, noted=OPENED),))
    assert objection(account("uCleo"), Choice.APPROVE, TERMS, policy, NOW) == ""
    assert tally([vote("uCleo")], TERMS, policy, NOW).verdict is Verdict.APPROVED


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation": "other"},
        {"round": 2},
        {"counted": False},
        {"at": OPENED - TICK},
        {"at": EXPIRES},
    ],
)
@pytest.mark.parametrize("meant", Choice)
def test_a_vote_for_another_thing_or_time_is_none(wrong: dict[str, Any], meant: Choice) -> None:
    assert verdict(vote(meant=meant, **wrong)) is Verdict.OPEN


@pytest.mark.parametrize("at", [OPENED, EXPIRES - TICK])
def test_the_window_holds_its_beginning(at: datetime) -> None:
    assert verdict(vote(at=at)) is Verdict.APPROVED


def test_a_person_has_one_vote_whatever_the_account() -> None:
    two = replace(TERMS, approvals=2)

    assert verdict(vote("uBo"), vote("uBo2"), terms=two) is Verdict.OPEN
    assert verdict(vote("uBo"), vote("uDee"), terms=two) is Verdict.APPROVED
    assert verdict(vote("uBo"), vote("uBo2", present=False)) is Verdict.OPEN
    counted = tally([vote("uBo"), vote("uBo2")], two, POLICY, NOW)
    assert counted.approved == ("ubo2",)
    assert counted.accounts == (("uBo2", "ubo2"),)


def test_who_lost_the_role_or_went_off_duty_does_not_count_any_more() -> None:
    assert verdict(vote("uCleo")) is Verdict.OPEN
    assert verdict(vote("uEve")) is Verdict.OPEN
    assert verdict(vote("uVic")) is Verdict.OPEN


def test_a_denial_stays_an_approval_does_not_and_a_hold_takes_somebody_on_call() -> None:
    def back(meant: Choice, on_call: bool = True) -> Vote:
        return vote(meant=meant, present=False, on_call=on_call)

    assert verdict(vote(), back(Choice.APPROVE)) is Verdict.OPEN
    assert verdict(vote(), back(Choice.APPROVE, on_call=False)) is Verdict.OPEN
    assert verdict(vote(), back(Choice.APPROVE), vote()) is Verdict.APPROVED
    deny = vote(meant=Choice.DENY)
    assert verdict(deny, back(Choice.DENY), vote("uDee")) is Verdict.DENIED
    hold = vote(meant=Choice.HOLD)
    assert verdict(vote(), hold) is Verdict.HELD
    assert verdict(vote(), hold, back(Choice.HOLD, on_call=False)) is Verdict.HELD
    assert verdict(vote(), hold, back(Choice.HOLD)) is Verdict.APPROVED
    assert verdict(vote(), hold, deny) is Verdict.DENIED


def test_the_tally_names_everybody() -> None:
    counted = tally(
        [vote(), vote("uDee", Choice.DENY), vote("uVic", Choice.HOLD)], TERMS, POLICY, NOW
    )

    assert counted.text == "1 of 1 approved (ubo) · denied by udee · held by uvic"
    assert tally([], TERMS, POLICY, NOW).text == "0 of 1 approved"


VOTES = st.builds(
    vote,
    who=st.sampled_from(["uAna", "uBo", "uBo2", "uCleo", "uDee", "uVic"]),
    meant=st.sampled_from(Choice),
    present=st.booleans(),
    counted=st.booleans(),
    round=st.sampled_from([1, 1, 1, 2]),
    at=st.sampled_from([NOW, OPENED, EXPIRES]),
)


@given(st.lists(VOTES, max_size=12), st.integers(0, 3))
def test_approved_means_enough_people_who_may_and_no_denial(votes: list[Vote], needed: int) -> None:
    terms = replace(TERMS, approvals=needed)
    if verdict(*votes, terms=terms) is not Verdict.APPROVED:
        return
    mine = [v for v in votes if v.counted and v.round == 1 and v.at < EXPIRES]
    last = {v.person.removesuffix("2"): v.present for v in mine if v.choice is Choice.APPROVE}
    people = [who for who, present in last.items() if present and who in {"uAna", "uBo", "uDee"}]

    assert len(people) >= needed
    assert not any(v.choice is Choice.DENY for v in mine)


@pytest.mark.parametrize(
    ("emoji", "meant"),
    [
        (":white_check_mark:", Choice.APPROVE),
        (":+1::skin-tone-3:", Choice.APPROVE),
        (":thumbsup_tone5:", Choice.APPROVE),
        (":THUMBSUP:", Choice.APPROVE),
        (":no_entry:", Choice.DENY),
        (":-1_tone1:", Choice.DENY),
        (":octagonal_sign:", Choice.HOLD),
        (":tada:", None),
        (":ok:", None),
        ("", None),
        (":+1_tone6:", None),
    ],
)
def test_an_emoji_means_what_the_list_says_and_nothing_else(
    emoji: str, meant: Choice | None
) -> None:
    assert choice(emoji) is meant


def test_houstons_own_seeds_are_no_votes() -> None:
    found = standing({":+1:": ["Houston", "bo"], ":tada:": ["dee"]}, "houston")

    assert found == {("bo", Choice.APPROVE)}


MESSAGE = Message("m", "rOps", "the plan", Author("uHouston", "houston"), OPENED, OPENED)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"edited_by": "uHouston"}, ""),
        ({"text": " the plan\n"}, ""),
        ({"room_id": "rOther"}, "moved"),
        ({"author": Author("uVic", "houston")}, "not Houston's own"),
        ({"system": "rm"}, "deleted"),
        ({"edited_by": "uVic"}, "somebody else edited"),
        ({"text": "another plan"}, "not what Houston wrote"),
    ],
)
def test_a_message_that_was_touched_is_named(changed: dict[str, Any], said: str) -> None:
    found = tampered(replace(MESSAGE, **changed), "the plan", "rOps", "uHouston")

    assert (said in found) if said else found == ""
