"""Who may do what, and who must agree: unknown means no."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.plan import Tier
from bot.policy import Ask, Decision, Policy
from bot.roles import Role
from bot.roster import Person
from bot.rules import PolicyData, Terms
from bot.section import DAYS, Window

MOMENT = st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def person(id: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": id, "email": f"{id}@x.example", "roles": [*roles], **more}


def policy(*people: dict[str, Any], **more: Any) -> Policy:
    return Policy(PolicyData.model_validate({"people": people, **more}))


def decided(known: Policy, account: str, command: str, tier: Tier) -> Decision:
    return known.decide(Ask(account, command, Role.OPERATOR, tier, "web", TUESDAY))


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        (utc(24, 8, 59), False),
        (utc(24, 9, 0), True),
        (utc(24, 16, 59), True),
        (utc(24, 17, 0), False),
        (utc(25, 12, 0), False),
    ],
)
def test_a_window_by_day_includes_its_start_and_not_its_end(at: datetime, covered: bool) -> None:
    assert Window(days=("tue",), start=time(9), end=time(17)).covers(at) is covered


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        (utc(24, 21, 59), False),
        (utc(24, 22, 0), True),
        (utc(25, 5, 59), True),
        (utc(25, 6, 0), False),
        (utc(25, 23, 0), False),
        (utc(24, 3, 0), False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_begins_on(
    at: datetime, covered: bool
) -> None:
    assert Window(days=("tue",), start=time(22), end=time(6)).covers(at) is covered


def test_a_window_follows_the_wall_clock_of_its_zone_through_summer_time() -> None:
    window = Window(start=time(9), end=time(17), zone="Europe/London")

    assert window.covers(utc(24, 9, 0)) is True
    assert window.covers(utc(23, 8, 0, month=6)) is True
    assert window.covers(utc(23, 16, 0, month=6)) is False


@given(MOMENT)
def test_a_window_without_limits_covers_every_moment(at: datetime) -> None:
    assert Window(zone="Pacific/Apia").covers(at)
    assert not Person.model_validate(person("u")).is_on_call(at)


@given(st.times(), st.times(), MOMENT)
def test_a_window_and_its_complement_cover_each_moment_once(
    start: time, end: time, at: datetime
) -> None:
    if start != end:
        one, other = Window(start=start, end=end), Window(start=end, end=start)
        assert one.covers(at) is not other.covers(at)


def test_who_is_not_in_the_roster_has_no_role() -> None:
    known = policy(person("uAna", "operator"))

    assert known.may("uAna", Role.OPERATOR)
    assert not known.may("uAna", Role.APPROVER)
    assert known.may("uVic", Role.ANYONE)
    assert not known.may("uVic", Role.OPERATOR)
    assert not known.may("", Role.OPERATOR)


def test_a_person_is_known_by_every_account() -> None:
    known = policy(person("uAna", "operator", accounts=["uAna2"]))

    assert known.person("uAna2") is known.person("uAna")
    assert known.person("Ana") is None


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("asked", Tier)
def test_policy_raises_a_tier_and_never_lowers_it(tier: Tier, asked: Tier) -> None:
    known = policy(person("uAna", "operator"), commands={"scale": asked})
    decision = decided(known, "uAna", "scale", tier)
    order = list(Tier)

    assert decision.tier is max(tier, asked, key=order.index)
    assert decision.allowed is (decision.tier is not Tier.CRITICAL)


def test_a_tier_policy_does_not_name_is_never_started() -> None:
    known = policy(person("uAna", "operator"), tiers={"low": {"approvals": 0}})

    assert decided(known, "uAna", "x", Tier.LOW).allowed
    refused = decided(known, "uAna", "x", Tier.MEDIUM)
    assert not refused.allowed
    assert "tier medium is never started from chat" in refused.reasons


def test_a_decision_says_how_many_must_approve_and_how_long_they_have() -> None:
    known = policy(person("uAna", "operator"))
    decision = decided(known, "uAna", "x", Tier.HIGH)

    assert (decision.approvals, decision.expires) == (2, timedelta(minutes=5))
    assert f"needs 2 on-call approval(s), by policy {known.version}" in decision.reasons
    assert "requester has the role operator (account uAna)" in decision.reasons
    lacking = decided(policy(), "uVic", "x", Tier.LOW)
    assert not lacking.allowed
    assert "requester lacks the role operator (account uVic)" in lacking.reasons


def test_approvers_are_on_call_and_are_not_who_asks_by_any_account() -> None:
    always: list[dict[str, str]] = [{}]
    known = policy(
        person("uAna", "approver", on_call=always, accounts=["uAna2"]),
        person("uBo", "approver", on_call=always),
        person("uCleo", "approver"),
        person("uDee", "operator", on_call=always),
    )

    assert [p.id for p in known.approvers("uAna2", TUESDAY)] == ["uBo"]
    assert [p.id for p in known.approvers("uVic", TUESDAY)] == ["uAna", "uBo"]


def test_the_version_of_a_policy_changes_with_its_rules_and_not_with_their_order() -> None:
    one = policy(person("uAna", "operator", "approver"))

    assert one.version == policy(person("uAna", "approver", "operator")).version
    assert one.version != policy(person("uAna", "approver")).version
    assert one.version != policy(person("uAna", "operator", "approver"), tiers={}).version


@pytest.mark.parametrize(
    "people",
    [
        [person("u"), person("u")],
        [person("u", accounts=["u"])],
        [person("u", accounts=["a"]), person("v", accounts=["a"])],
        [person("u", accounts=["v"]), person("v")],
    ],
)
def test_an_account_belongs_to_one_person(people: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError, match="stands twice in people"):
        PolicyData.model_validate({"people": people})


@pytest.mark.parametrize("approvals", [True, False, -1, 11, "many", 1.5])
def test_a_number_of_approvals_is_a_number(approvals: object) -> None:
    with pytest.raises(ValidationError):
        Terms.model_validate({"approvals": approvals})


@pytest.mark.parametrize(("wait", "fits"), [(599, True), (600, False), (601, False)])
def test_a_wait_alone_that_would_outlast_the_approval_is_refused(wait: int, fits: bool) -> None:
    said = {"approvals": 1, "alone_after": wait, "expires": 600}
    if fits:
        assert Terms.model_validate(said).alone_after == timedelta(seconds=wait)
        return
    with pytest.raises(ValidationError, match="not shorter than expires"):
        Terms.model_validate(said)


@pytest.mark.parametrize("day", ["monday", "Mon", "", "0"])
def test_a_day_is_one_of_seven(day: str) -> None:
    with pytest.raises(ValidationError, match=f"use {', '.join(DAYS)}"):
        Window.model_validate({"days": [day]})
