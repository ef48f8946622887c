"""What `!policy test` lists: each rule with its verdict, in order, then what it comes to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.explaining import explained, least, rules_about
from bot.plan import Reach, Tier
from bot.policy import Ask, Policy, Standing
from bot.roles import Role
from bot.rules import Freeze, PolicyData
from tests.core.test_tally import OPENED, POLICY

ASK = Ask("uAna", "scale", Role.OPERATOR, Tier.MEDIUM, "web", OPENED)
AT_NIGHT = "only every day 01:00–02:00 UTC"
RULES = [
    {"commands": ["restart"], "refuse": "never"},
    {"commands": ["sc*"], "targets": ["audit"], "approvals": 3},
    {"commands": ["scale"], "approve": ["uBo", "uDee"]},
    {"request": ["uBo"], "windows": [{"start": "01:00", "end": "02:00"}]},
    {"commands": ["upgrade"], "tier": "high"},
]


def policy(**more: Any) -> Policy:
    return Policy(PolicyData.model_validate({**POLICY.data.model_dump(), **more}))


def lines(ask: Ask = ASK, **more: Any) -> list[str]:
    made = policy(**more)
    return explained(made, ask, made.decide(ask))


def test_without_rules_what_is_left_is_who_the_tier_and_the_limits() -> None:
    assert lines() == [
        "✔ the requester has the role operator (account uAna)",
        "– tier: the plan asks for medium, commands do not name it",
        "✔ caps and protected objects: it stays within them",
        "– there is no freeze",
        "→ tier medium",
        f"→ needs 1 on-call approval(s), by policy {policy().version}",
    ]


def test_every_rule_has_its_verdict_in_the_order_of_the_file() -> None:
    said = lines(rules=RULES)

    assert said[2:6] == [
        "– rule 2 does not fit: it is about audit, not web",
        "✔ rule 3 fits: approved only by uBo, uDee",
        f"✘ rule 4 fits: asked for only by uBo, {AT_NIGHT} (a rule for scale names who may ask, "
        f"and not this account; a rule for scale allows it {AT_NIGHT})",
        "– 2 rules are about other commands",
    ]
    assert sum("names who may ask" in line for line in said) == 1
    assert said[-1] == "→ only approvals of Bo, Dee count"


def test_who_lacks_the_role_is_told_it_once() -> None:
    said = lines(replace(ASK, account="uCleo"))

    assert said[0] == "✘ the requester lacks the role operator (account uCleo)"
    assert sum("lacks the role" in line for line in said) == 1


def test_a_tier_that_was_raised_is_told_with_who_raised_it() -> None:
    said = lines(commands={"scale": "high"})

    assert said[1] == "✔ tier: the plan asks for medium, commands name tier high for it"
    assert "→ tier high, raised from medium by policy" in said
    critical = lines(commands={"scale": "critical"})
    assert critical[-1] == "→ tier critical is never started from chat"


def test_what_is_beyond_the_limits_is_named() -> None:
    said = lines(replace(ASK, reach=Reach(replicas=9)), caps={"replicas": 4})

    assert "✘ caps and protected objects: 9 replicas are more than the 4 policy allows" in said
    assert sum("9 replicas" in line for line in said) == 1


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (["web"], ["✘ freeze: frozen by Bo since 2026-11-24 15:00 UTC: audit"]),
        (["audit"], ["– 1 freeze of other targets or times"]),
        (
            ["web", "audit", "db"],
            [
                "✘ freeze: frozen by Bo since 2026-11-24 15:00 UTC: audit",
                "– 2 freezes of other targets or times",
            ],
        ),
    ],
)
def test_freezes_that_hold_are_told_and_others_counted(targets: list[str], said: list[str]) -> None:
    made = policy()
    made.standing = Standing(freezes=tuple(Freeze(one, "audit", "Bo", OPENED) for one in targets))

    found = explained(made, ASK, made.decide(ASK))
    assert [line for line in found if "freeze" in line] == said


def test_a_check_of_a_file_names_the_rules_of_a_command_and_its_least_tier() -> None:
    made = policy(rules=RULES, commands={"scale": "medium"})

    assert rules_about(made, "upgrade") == [
        "rule 4 fits: asked for only by uBo, only every day 01:00–02:00 UTC",
        "rule 5 fits: at least tier high",
        "– 3 rules are about other commands",
    ]
    assert rules_about(policy(), "upgrade") == []
    assert least(made, "upgrade") == [Tier.HIGH, Tier.CRITICAL]
    assert least(made, "scale") == [Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL]
    assert least(made, "restart")[0] is Tier.LOW
    aimed = policy(rules=[{"commands": ["scale"], "targets": ["audit"], "tier": "high"}])
    assert least(aimed, "scale")[0] is Tier.LOW
