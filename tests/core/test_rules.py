"""Rules beyond tiers: each can only make it stricter, and unknown means no."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.plan import Reach, Tier
from bot.policy import Ask, Policy, Standing
from bot.roles import Role
from bot.rules import Freeze, PolicyData

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday
ALWAYS = [{"zone": "UTC"}]
PEOPLE = [
    {
        "id": f"u{name}",
        "name": name,
        "email": f"{name}@x.example",
        "roles": ["operator", "approver"],
        "on_call": ALWAYS,
    }
    for name in ("Ana", "Bo", "Cleo", "Dee")
]
ASK = Ask("uAna", "scale", Role.OPERATOR, Tier.MEDIUM, "web", AT)


def policy(**more: Any) -> Policy:
    return Policy(PolicyData.model_validate({"people": PEOPLE, **more}))


def refusals(ask: Ask = ASK, **more: Any) -> str:
    decision = policy(**more).decide(ask)
    assert decision.allowed is not bool(decision.refusals)
    assert all(decision.refusals), "a refusal without a word"
    return "; ".join(decision.refusals)


def test_without_rules_the_tier_alone_decides() -> None:
    decision = policy().decide(ASK)

    assert (decision.allowed, decision.tier, decision.approvals) == (True, Tier.MEDIUM, 1)


@pytest.mark.parametrize(
    ("commands", "targets", "fits"),
    [
        (["scale"], [], True),
        ([], ["web"], True),
        (["sc*"], ["w*"], True),
        (["upgrade", "scale"], ["db", "web"], True),
        (["upgrade"], [], False),
        (["scale"], ["db"], False),
        ([], [], True),
    ],
)
def test_a_rule_is_about_its_commands_and_targets(
    commands: list[str], targets: list[str], fits: bool
) -> None:
    rule = {"commands": commands, "targets": targets, "refuse": "never again"}

    assert (refusals(rules=[rule]) == "never again") is fits


def test_a_rule_names_who_may_ask() -> None:
    assert "names who may ask" in refusals(rules=[{"request": ["uBo"]}])
    assert "names who may ask" in refusals(rules=[{"request": []}])
    assert refusals(rules=[{"request": ["uAna"]}]) == ""
    stranger = replace(ASK, account="uVic", role=Role.ANYONE)
    assert "names who may ask" in refusals(stranger, rules=[{"request": ["uAna"]}])


def test_a_rule_names_whose_approvals_count() -> None:
    made = policy(rules=[{"approve": ["uBo", "uCleo"]}, {"approve": ["uCleo", "uDee"]}])
    decision = made.decide(ASK)

    assert decision.only == ("uCleo",)
    assert [p.name for p in made.approvers("uAna", AT, decision.only)] == ["Cleo"]


def test_codes_suffice_where_the_tier_says_so_and_a_rule_asks_for_no_more() -> None:
    tiers = {"medium": {"approvals": 2, "with_code": 1}}

    assert policy().decide(ASK).with_code is None
    assert policy(tiers=tiers).decide(ASK).with_code == 1
    assert "or 1 confirmed with a one-time code" in policy(tiers=tiers).decide(ASK).reasons
    assert not any("one-time code" in reason for reason in policy().decide(ASK).reasons)
    assert policy(tiers=tiers, rules=[{"approvals": 3}]).decide(ASK).with_code == 3
    assert policy(tiers=tiers, rules=[{}]).decide(ASK).with_code == 1


def test_rules_that_leave_too_few_approvers_refuse() -> None:
    apart = [{"approve": ["uBo"]}, {"approve": ["uDee"]}]

    assert "leave 0 of 1" in refusals(rules=apart)
    assert "leave 1 of 2" in refusals(rules=[{"approve": ["uBo"], "approvals": 2}])


def test_rules_that_leave_just_enough_approvers_do_not_refuse_and_name_them() -> None:
    named = policy(rules=[{"approve": ["uBo"]}]).decide(ASK)

    assert (named.allowed, named.only) == (True, ("uBo",))
    assert "only approvals of Bo count" in named.reasons
    assert not any("only approvals" in reason for reason in policy().decide(ASK).reasons)


def test_a_raised_tier_is_named_with_what_was_asked() -> None:
    raised = policy(rules=[{"tier": "high"}]).decide(ASK)

    assert raised.reasons[0] == "tier high, raised from medium by policy"
    assert policy().decide(ASK).reasons[0] == "tier medium"


def test_a_rule_has_hours() -> None:
    hours = [{"start": "09:00", "end": "12:00"}]

    assert "only every day 09:00–12:00 UTC" in refusals(rules=[{"windows": hours}])
    morning = replace(ASK, at=AT.replace(hour=10))
    assert refusals(morning, rules=[{"windows": hours}]) == ""
    evening = {"start": "20:00", "end": "22:00"}
    assert refusals(morning, rules=[{"windows": [*hours, evening]}]) == ""
    assert "09:00–12:00 UTC; every day 20:00–22:00 UTC" in refusals(
        rules=[{"windows": [*hours, evening]}]
    )


def test_a_planned_freeze_holds_from_its_start_to_before_its_end() -> None:
    freeze = {"start": "2026-11-24T15:00:00Z", "end": "2026-11-24T16:00:00Z", "reason": "audit"}

    assert "frozen until 2026-11-24 16:00 UTC: audit" in refusals(freezes=[freeze])
    assert refusals(replace(ASK, at=AT.replace(hour=16)), freezes=[freeze]) == ""
    assert refusals(replace(ASK, at=AT.replace(hour=14)), freezes=[freeze]) == ""
    assert refusals(freezes=[{**freeze, "targets": ["db"]}]) == ""


@pytest.mark.parametrize(("target", "frozen"), [("*", True), ("web", True), ("db", False)])
def test_a_freeze_set_in_chat_holds_for_its_target(target: str, frozen: bool) -> None:
    made = policy()
    made.standing = Standing(freezes=(Freeze(target, "look", "Bo", AT),))

    assert made.decide(ASK).allowed is not frozen


@pytest.mark.parametrize(
    ("reach", "more", "said"),
    [
        (Reach(replicas=6), {"caps": {"replicas": 5}}, "6 replicas are more than the 5"),
        (Reach(replicas=5), {"caps": {"replicas": 5}}, ""),
        (Reach(), {"caps": {"replicas": 0, "pods": 0}}, ""),
        (Reach(pods=2), {"caps": {"pods": 1}}, "2 pods in a step are more than the 1"),
        (Reach(pods=1), {"caps": {"pods": 1}}, ""),
        (Reach(namespaces=("kube-system",)), {"caps": {"namespaces": ["rocket*"]}}, "kube-system"),
        (Reach(namespaces=("rocketchat",)), {"caps": {"namespaces": ["rocket*"]}}, ""),
        (Reach(namespaces=("rocketchat",)), {"caps": {"namespaces": []}}, "rocketchat"),
        (Reach(namespaces=("kube-system",)), {"caps": {"pods": 1}}, ""),
        (Reach(objects=("pvc/db-0",)), {"protected": ["pvc/*"]}, "pvc/db-0 is protected"),
        (Reach(objects=("pod/a",)), {"protected": ["pvc/*"]}, ""),
        (Reach(objects=("pod/a",)), {}, ""),
        (Reach(objects=("pod/a",)), {"protected": []}, ""),
    ],
)
def test_what_reaches_too_far_is_refused(reach: Reach, more: dict[str, Any], said: str) -> None:
    found = refusals(replace(ASK, reach=reach), **more)

    assert (said in found) if said else found == ""


RULES = st.fixed_dictionaries(
    {},
    optional={
        "commands": st.sampled_from([["scale"], ["upgrade"], ["*"], []]),
        "targets": st.sampled_from([["web"], ["db"], []]),
        "tier": st.sampled_from([str(tier) for tier in Tier]),
        "approvals": st.integers(0, 3),
        "request": st.sampled_from([["uAna"], ["uBo"], []]),
        "approve": st.sampled_from([["uBo"], ["uBo", "uCleo", "uDee"], []]),
        "refuse": st.sampled_from(["", "no"]),
    },
)


@given(st.lists(RULES, max_size=3), RULES, st.sampled_from(Tier))
def test_one_more_rule_never_makes_it_easier(
    rules: list[dict[str, Any]], more: dict[str, Any], tier: Tier
) -> None:
    ask = replace(ASK, tier=tier)
    before = policy(rules=rules).decide(ask)
    after = policy(rules=[*rules, more]).decide(ask)
    order = list(Tier)

    assert order.index(after.tier) >= order.index(before.tier)
    if after.allowed:
        assert before.allowed
        assert after.approvals >= before.approvals
        assert not before.only or set(after.only) <= set(before.only)


@given(st.sampled_from(Tier), st.sets(st.sampled_from([str(tier) for tier in Tier])))
def test_a_tier_that_is_not_named_is_never_started(tier: Tier, named: set[str]) -> None:
    decision = policy(tiers={name: {"approvals": 0} for name in named}).decide(
        replace(ASK, tier=tier)
    )

    assert decision.allowed is (tier in named)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": [{"request": ["uVic"]}]},
        {"rules": [{"approve": ["Ana"]}]},
        {"rotations": [{"name": "r", "people": ["uVic"], "start": "2026-11-01T09:00:00"}]},
        {"freezes": [{"start": "2026-11-24", "end": "2026-11-25T00:00:00Z", "reason": "x"}]},
        {"rules": [{"refuze": "x"}]},
    ],
)
def test_rules_that_name_nobody_or_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        policy(**wrong)


def test_the_version_follows_every_rule() -> None:
    versions = {
        policy(**more).version
        for more in (
            {},
            {"rules": [{"refuse": "x"}]},
            {"protected": ["pvc/*"]},
            {"caps": {"pods": 1}},
        )
    }

    assert len(versions) == 4
