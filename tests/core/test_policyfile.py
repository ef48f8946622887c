"""A policy file: taken in by the configuration, checked before it holds, described by a schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.errors import ConfigError
from bot.policy import Policy
from bot.policyfile import load_policy, schema
from bot.settings import load
from tests.core.configuration import GOOD

ROOT = Path(__file__).parents[2]
ANA = {
    "id": "uAna",
    "name": "Ana",
    "email": "ana@x.example",
    "roles": ["operator", "approver"],
    "on_call": [{}],
}
BO = {**ANA, "id": "uBo", "name": "Bo"}
RULES: dict[str, Any] = {
    "people": [ANA, BO],
    "tiers": {"low": {"approvals": 0}, "medium": {"approvals": 1}},
    "rules": [{"commands": ["scale"], "approve": ["uBo"], "windows": [{"start": "09:00"}]}],
    "commands": {"upgrade": "high"},
}


def written(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(content))
    return path


def check(path: Path) -> Result:
    return CliRunner().invoke(main, ["policy", "check", str(path)])


def test_the_rules_of_a_file_take_the_place_of_the_section(tmp_path: Path) -> None:
    written(tmp_path / "policy.yaml", RULES)
    config = written(tmp_path / "houston.yaml", {**GOOD, "policy_file": "policy.yaml"})
    settings = load(config)

    assert Policy(settings.policy).version == Policy(load_policy(tmp_path / "policy.yaml")).version
    assert settings.policy_file == tmp_path / "policy.yaml"


def test_both_at_once_are_refused(tmp_path: Path) -> None:
    written(tmp_path / "policy.yaml", RULES)
    both = {**GOOD, "policy": RULES, "policy_file": "policy.yaml"}

    with pytest.raises(ConfigError, match="policy and policy_file: keep one"):
        load(written(tmp_path / "houston.yaml", both))


def test_a_wrong_file_stops_the_start_with_its_key(tmp_path: Path) -> None:
    written(tmp_path / "policy.yaml", {**RULES, "peopel": []})
    config = written(tmp_path / "houston.yaml", {**GOOD, "policy_file": "policy.yaml"})

    with pytest.raises(ConfigError, match="peopel: there is no such key"):
        load(config)


def test_a_check_says_what_the_rules_come_to(tmp_path: Path) -> None:
    result = check(written(tmp_path / "policy.yaml", RULES))

    assert result.exit_code == 0
    assert "Ana (uAna): approver, operator" in result.output
    assert "medium: 1 on-call approvals within 600 s" in result.output
    assert "high: never from chat" in result.output
    assert "!scale: the tier its plan asks for; rule 1 fits: approved only by uBo, only" in (
        result.output
    )
    assert (
        "!upgrade: at least tier high; – 1 rule is about other commands; asked for by Ana, Bo; "
        "so high never from chat, critical never from chat"
    ) in result.output
    assert "⚠" not in result.output


def test_a_configuration_can_be_checked_as_well(tmp_path: Path) -> None:
    assert check(written(tmp_path / "c.yaml", {**GOOD, "policy": RULES})).exit_code == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tiers": {"medium": {"approvals": 2}}}, "tier medium needs 2 approvals"),
        ({"rules": [{"commands": ["scael"], "refuse": "x"}]}, "rules name !scael"),
        ({"commands": {"deploy": "high"}}, "commands name !deploy"),
        (
            {"people": [{**ANA, "on_call": []}, {**BO, "on_call": []}]},
            "no approver is ever on call",
        ),
    ],
)
def test_a_check_warns_of_what_is_hardly_meant(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    result = check(written(tmp_path / "policy.yaml", {**RULES, **changed}))

    assert result.exit_code == 0
    assert f"⚠ {said}" in result.output


def test_a_check_of_wrong_rules_names_each_key(tmp_path: Path) -> None:
    wrong = {"rules": [{"refuze": "x"}], "tiers": {"low": {"approvals": -1}}}
    result = check(written(tmp_path / "policy.yaml", wrong))

    assert result.exit_code == 2
    assert "rules.0.refuze: there is no such key" in result.output
    assert "tiers.low.approvals: must be at least 0" in result.output


def test_the_schema_in_the_docs_is_that_of_the_rules() -> None:
    page = (ROOT / "docs/policy.schema.json").read_text("utf-8")

    assert json.loads(page) == schema(), "run: houston policy schema > docs/policy.schema.json"
