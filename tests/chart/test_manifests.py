"""What the chart renders, held to the Kubernetes API's own schemas; and the examples beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from prometheus_client import generate_latest

from bot.configfile import read
from bot.meters import Meters
from bot.settings import Settings
from tests.chart.test_chart import (
    BASE,
    CHART,
    CONFIG,
    EMBEDDED,
    LEAST,
    POSTGRESQL,
    granted,
    helm,
    needed,
    one,
    pytestmark,
    rendered,
)

__all__ = ["pytestmark"]

EXAMPLES = CHART.parent / "examples"
FOREIGN = {"ServiceMonitor", "PrometheusRule", "ExternalSecret"}
"""Kinds of operators, which the API's schemas do not have."""
AZURE = {"subscription": "s", "resource_group": "g", "cluster": "c"}


@pytest.mark.parametrize("values", [EMBEDDED, POSTGRESQL, LEAST])
@pytest.mark.parametrize("version", ["1.27", kubernetes_validate.latest_version()])
def test_every_object_is_one_the_api_takes(
    tmp_path: Path, values: dict[str, Any], version: str
) -> None:
    objects = rendered(tmp_path, values)

    assert len(objects) >= 5
    for each in objects:
        if each["kind"] not in FOREIGN:
            kubernetes_validate.validate(each, version, strict=True)


def test_the_schemas_find_a_wrong_key(tmp_path: Path) -> None:
    workload = one(rendered(tmp_path, EMBEDDED), "StatefulSet")
    workload["spec"]["template"]["spec"]["containers"][0]["imagePullPolizy"] = "Always"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(workload, kubernetes_validate.latest_version(), strict=True)


def test_external_secrets_makes_the_secret_by_names_only(tmp_path: Path) -> None:
    made = one(rendered(tmp_path, LEAST), "ExternalSecret")
    workload = one(rendered(tmp_path, LEAST), "StatefulSet")
    volumes = {each["name"]: each for each in workload["spec"]["template"]["spec"]["volumes"]}

    assert made["spec"]["target"]["name"] == volumes["secrets"]["secret"]["secretName"]
    assert made["spec"]["data"] == [
        {"secretKey": "chat__token", "remoteRef": {"key": "houston-chat-token"}}
    ]


@pytest.mark.parametrize(
    ("by", "config"),
    [
        ("token", {"token_file": "/run/azure/token"}),
        ("webhook", {}),
    ],
)
def test_it_signs_in_to_azure_without_a_key(
    tmp_path: Path, by: str, config: dict[str, str]
) -> None:
    identity = {"by": by, "clientId": "client", "tenantId": "tenant"}
    values = {**BASE, "config": {**CONFIG, "azure": AZURE}, "azureIdentity": identity}
    objects = rendered(tmp_path, values)
    file = tmp_path / "houston.yaml"
    file.write_text(one(objects, "ConfigMap")["data"]["houston.yaml"], "utf-8")
    pod = one(objects, "StatefulSet")["spec"]["template"]
    account = one(objects, "ServiceAccount")["metadata"]

    assert read(file)["azure"] == {
        **AZURE,
        **config,
        "identity": "workload_identity",
        "client_id": "client",
        "tenant_id": "tenant",
    }
    tokens = [each for each in pod["spec"]["volumes"] if each["name"] == "azure"]
    assert bool(tokens) == (by == "token")
    assert ("azure.workload.identity/use" in pod["metadata"]["labels"]) == (by == "webhook")
    assert ("annotations" in account) == (by == "webhook")


def test_replicas_are_spread_over_nodes(tmp_path: Path) -> None:
    pod = one(rendered(tmp_path, POSTGRESQL), "Deployment")["spec"]["template"]["spec"]

    assert pod["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname"


def test_every_figure_of_the_dashboard_and_the_alerts_is_one_houston_has(tmp_path: Path) -> None:
    objects = rendered(tmp_path, LEAST)
    shown = one(objects, "ConfigMap", "houston-dashboard")["data"]["houston.json"]
    rules = json.dumps(one(objects, "PrometheusRule"))
    named = set(re.findall(r"houston_[a-z_]+", shown + rules)) - {"houston_json"}
    exposed = generate_latest(Meters().registry).decode()
    known = set(re.findall(r"# TYPE (houston_[a-z_]+)", exposed))

    assert len(named) >= 6
    assert {name.removesuffix("_bucket") for name in named} - known == set()
    assert all(panel["targets"][0]["expr"] for panel in json.loads(shown)["panels"])


def test_the_spoke_s_manifest_is_what_the_chart_grants(tmp_path: Path) -> None:
    text = (EXAMPLES / "spoke.yaml").read_text("utf-8")
    ours = [each for each in yaml.safe_load_all(text) if each]
    made = helm(
        *("template", "houston", str(CHART), "-n", "houston", "-s", "templates/rbac.yaml"),
        *("--set", "rbac.create=true", "--set", "image.repository=x"),
    )
    theirs = [each for each in yaml.safe_load_all(made.stdout) if each]

    assert [each["kind"] for each in ours[:3]] == ["Namespace", "ServiceAccount", "Secret"]
    assert [each | {"metadata": _plain(each)} for each in ours[3:]] == [
        each | {"metadata": _plain(each)} for each in theirs
    ], "run the command that stands in its first lines"
    assert granted(ours)["rocketchat"] == needed("each", "own")
    for each in ours:
        kubernetes_validate.validate(each, kubernetes_validate.latest_version(), strict=True)


def _plain(each: dict[str, Any]) -> dict[str, Any]:
    """Without the labels, which name the chart's version."""
    return {key: value for key, value in each["metadata"].items() if key != "labels"}


def test_the_example_for_argo_cd_is_one_the_chart_and_houston_take(tmp_path: Path) -> None:
    application = yaml.safe_load((EXAMPLES / "argocd/houston.yaml").read_text("utf-8"))
    source = application["spec"]["source"]
    objects = rendered(tmp_path, source["helm"]["valuesObject"])
    file = tmp_path / "houston.yaml"
    file.write_text(one(objects, "ConfigMap")["data"]["houston.yaml"], "utf-8")
    content = read(file)
    content["chat"]["token"] = content["argocd"]["token"] = "from-the-secret"

    assert application["kind"] == "Application"
    assert source["path"] == CHART.name
    assert Settings(**content).azure is not None
