"""The dashboard's figures and the alert rules, against what Houston counts and by Prometheus's own
tool: each rule fires on what it is for, and on nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from bot.meters import Meters
from tests.chart.test_chart import LEAST, one, pytestmark, rendered

__all__ = ["pytestmark"]

PROMTOOL = shutil.which("promtool")
JOB = '{job="houston"}'
FIRES: dict[str, dict[str, str]] = {
    "HoustonAbsent": {},
    "HoustonNobodyLeads": {"houston_leading": "0x30"},
    "HoustonStoreAway": {"houston_store_away": "1x30"},
    "HoustonOutboxStuck": {"houston_outbox_waiting": "2x30"},
    "HoustonChatStreamSilent": {"houston_chat_deaf_total": "0+1x30"},
    "HoustonChatLinkFlaps": {"houston_chat_links_total": "1+1x30"},
}
"""What the series look like, minute by minute, when the alert must fire."""
WELL = {
    "houston_chat_linked": "1x30",
    "houston_leading": "1x30",
    "houston_store_away": "0x30",
    "houston_outbox_waiting": "3 0 5 0 2 0 1 0 3 0 5 0 2 0 1 0 3 0 5 0 2 0 1 0 3 0 5 0 2 0 1",
    "houston_chat_links_total": "4+0x30",
    "houston_chat_deaf_total": "2+0x30",
}
"""The same of a Houston that is well."""


def rules(tmp_path: Path) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = one(rendered(tmp_path, LEAST), "PrometheusRule")["spec"]["groups"]
    return made


def metrics() -> dict[str, set[str]]:
    """Each figure by its name in PromQL, and its labels."""
    found = {}
    for metric in vars(Meters()).values():
        if isinstance(metric, MetricWrapperBase):
            name = next(iter(metric.describe())).name
            kind = next(iter(metric.describe())).type
            found[name + ("_total" if kind == "counter" else "")] = set(metric._labelnames)  # noqa: SLF001  # it tells nobody
    return found


def test_every_figure_is_shown_or_alerted_on_by_labels_it_has(tmp_path: Path) -> None:
    shown = one(rendered(tmp_path, LEAST), "ConfigMap", "houston-dashboard")["data"]["houston.json"]
    asked = [target["expr"] for panel in json.loads(shown)["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for group in rules(tmp_path) for rule in group["rules"]]
    known, used = metrics(), set()
    for expression in asked:
        for series in re.findall(r"houston_[a-z_]+", expression):
            used.add(name := series.removesuffix("_bucket"))
            by = re.findall(r"by \(([^)]*)\)", expression)
            labels = {label.strip() for group in by for label in group.split(",")}
            labels |= set(re.findall(r"(\w+)!?=~?\"", expression)) - {"job"}
            assert labels - {"le"} <= known[name], expression

    assert used == set(known)


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool: install Debian's prometheus")
def test_prometheus_takes_the_rules_and_each_fires_when_it_should(tmp_path: Path) -> None:
    groups = rules(tmp_path)
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}), "utf-8")
    alerts = {rule["alert"]: rule for group in groups for rule in group["rules"]}
    cases = [case(alerts, alert, {**WELL, **FIRES[alert]}) for alert in alerts]
    cases[list(alerts).index("HoustonAbsent")]["input_series"] = []
    cases += [case(alerts, alert, WELL, fires=False) for alert in alerts]
    tests = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": cases}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(tests), "utf-8")

    assert set(alerts) == set(FIRES)
    for words in (("check", "rules", "rules.yaml"), ("test", "rules", "tests.yaml")):
        done = subprocess.run(
            [str(PROMTOOL), *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def case(
    alerts: dict[str, Any], alert: str, series: dict[str, str], *, fires: bool = True
) -> dict[str, Any]:
    """One of promtool's unit tests: whether the alert fires after half an hour of these series."""
    rule = alerts[alert]
    expected = {"exp_labels": rule["labels"], "exp_annotations": rule["annotations"]}
    if alert not in {"HoustonNobodyLeads", "HoustonStoreAway"}:
        expected["exp_labels"] = {**rule["labels"], "job": "houston"}
    return {
        "interval": "1m",
        "input_series": [{"series": name + JOB, "values": text} for name, text in series.items()],
        "alert_rule_test": [
            {"eval_time": "30m", "alertname": alert, "exp_alerts": [expected] if fires else []}
        ],
    }
