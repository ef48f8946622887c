"""What changes between two versions of the rules: nothing goes unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from bot.policy import Policy
from bot.policywords import changes
from bot.rules import PolicyData

ANA = {"id": "uAna", "name": "Ana", "email": "ana@x.example", "roles": ["operator"]}
BO = {**ANA, "id": "uBo", "name": "Bo"}
TURNS = {"name": "nights", "people": ["uAna", "uBo"], "start": "2026-11-02T16:00:00"}
OLD: dict[str, Any] = {
    "people": [ANA, BO],
    "tiers": {"low": {"approvals": 0}, "medium": {"approvals": 1, "expires": 600}},
    "commands": {"scale": "medium"},
    "rotations": [TURNS],
    "rules": [{"commands": ["upgrade"], "approvals": 2}],
    "caps": {"replicas": 5},
    "protected": ["secret/*"],
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"people": [ANA, {**BO, "roles": ["approver"]}]}, "Bo gains the role approver"),
        ({"people": [ANA, {**BO, "roles": []}]}, "Bo loses the role operator"),
        ({"people": [ANA, {**BO, "email": "b@y.example"}]}, "Bo, email: "),
        ({"people": [ANA, {**BO, "on_call": [{}]}]}, "Bo, on_call[0]"),
        ({"people": [ANA, {**BO, "accounts": ["uBo2"]}]}, "Bo, accounts[0]: – → uBo2"),
        ({"people": [ANA], "rotations": []}, "Bo is in the roster no longer"),
        ({"people": [ANA, BO, {**ANA, "id": "uC", "name": "Cy"}]}, "Cy is new, with the roles"),
        ({"people": [BO, ANA]}, "only the order"),
        ({"tiers": {"low": {"approvals": 0}}}, "tier medium is named no longer"),
        ({"tiers": {**OLD["tiers"], "high": {"approvals": 2}}}, "tier high is named now"),
        ({"tiers": {**OLD["tiers"], "low": {"approvals": 1}}}, "tier low: 0 approvals"),
        ({"commands": {}}, "!scale at least: medium → its plan's own tier"),
        ({"commands": {"scale": "high"}}, "!scale at least: medium → high"),
        ({"rotations": [{**TURNS, "every": "P1D"}]}, "rotations[0].every"),
        ({"rules": []}, "no rule any longer for !upgrade: at least 2 approvals"),
        ({"rules": [{"refuse": "never"}]}, "a new rule for every operation: refused (never)"),
        ({"caps": {"replicas": 9}}, "caps.replicas: 5 → 9"),
        ({"protected": []}, "secret/* is protected no longer"),
        ({"protected": ["secret/*", "pvc/*"]}, "pvc/* is protected now"),
    ],
)
def test_each_change_is_said_from_what_to_what(changed: dict[str, Any], said: str) -> None:
    old, new = PolicyData.model_validate(OLD), PolicyData.model_validate({**OLD, **changed})
    words = "\n".join(changes(old, new)).replace("`", "")

    assert said in words
    assert Policy(old).version != Policy(new).version


def test_the_same_rules_change_nothing() -> None:
    assert changes(PolicyData.model_validate(OLD), PolicyData.model_validate(OLD)) == []
