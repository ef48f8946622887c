"""The chart, rendered by Helm for the ways Houston is run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.configfile import read
from bot.rights import RIGHTS, manifest
from bot.settings import Settings

CHART = Path(__file__).parents[2] / "chart"
HELM = shutil.which("helm", path=str(Path(sys.executable).parent)) or shutil.which("helm")
CONFIG = {
    "chat": {"url": "https://chat.example.org", "user_id": "uHouston", "rooms": ["ops"]},
    "git": {"url": "https://git.example.org/ops.git", "branch": "main"},
    "argocd": {"url": "https://argocd.example.org"},
}
BASE: dict[str, Any] = {"image": {"repository": "registry.example.org/houston"}, "config": CONFIG}
EMBEDDED = BASE
CONSOLE = {**BASE, "console": {"url": "https://houston.example.org"}}
POSTGRESQL = {**BASE, "store": {"kind": "postgresql"}, "replicas": 3}
LEAST = {
    **BASE,
    "kubeconfigSecret": "spoke",
    "rbac": {"create": True, "namespaces": ["rocketchat"], "change": False},
    "externalSecret": {"keys": {"chat__token": "houston-chat-token"}},
    "azureIdentity": {"by": "token", "clientId": "c", "tenantId": "t"},
    "monitoring": {"serviceMonitor": True, "rules": True, "dashboard": True},
    "networkPolicy": {"enabled": True, "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]},
}

pytestmark = pytest.mark.skipif(
    HELM is None, reason="no helm: it comes with the development packages on Linux x86-64 only"
)


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert HELM
    command = [HELM, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def rendered(tmp_path: Path, values: dict[str, Any]) -> list[dict[str, Any]]:
    file = tmp_path / "values.yaml"
    file.write_text(json.dumps(values), "utf-8")
    done = helm("template", "houston", str(CHART), "-n", "ops", "-f", str(file))
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def one(objects: list[dict[str, Any]], kind: str, name: str = "houston") -> dict[str, Any]:
    [found] = [each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


@pytest.mark.parametrize("values", [EMBEDDED, POSTGRESQL, LEAST, CONSOLE])
def test_it_passes_helms_own_look(tmp_path: Path, values: dict[str, Any]) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(json.dumps(values), "utf-8")
    done = helm("lint", "--strict", str(CHART), "-f", str(file))

    assert done.returncode == 0, done.stdout + done.stderr


def test_embedded_it_is_one_replica_on_a_volume(tmp_path: Path) -> None:
    objects = rendered(tmp_path, EMBEDDED)
    workload = one(objects, "StatefulSet")

    assert workload["spec"]["replicas"] == 1
    [claim] = workload["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert not [each for each in objects if each["kind"] == "PodDisruptionBudget"]


def test_with_postgresql_it_is_a_deployment_that_keeps_one_running(tmp_path: Path) -> None:
    objects = rendered(tmp_path, POSTGRESQL)
    workload = one(objects, "Deployment")

    assert workload["spec"]["replicas"] == 3
    assert workload["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert one(objects, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("values", [EMBEDDED, POSTGRESQL, LEAST])
def test_its_pod_can_write_nothing_but_its_data(tmp_path: Path, values: dict[str, Any]) -> None:
    objects = rendered(tmp_path, values)
    [workload] = [each for each in objects if each["kind"] in {"StatefulSet", "Deployment"}]
    pod = workload["spec"]["template"]["spec"]
    [container] = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [m["name"] for m in container["volumeMounts"] if not m.get("readOnly")] == ["data"]
    assert "env" not in container


@pytest.mark.parametrize("values", [EMBEDDED, LEAST])
def test_its_configuration_is_one_houston_takes(tmp_path: Path, values: dict[str, Any]) -> None:
    file = tmp_path / "houston.yaml"
    file.write_text(one(rendered(tmp_path, values), "ConfigMap")["data"]["houston.yaml"], "utf-8")
    content = read(file)
    content["chat"]["token"] = content["argocd"]["token"] = "from-the-secret"
    settings = Settings(**content)

    assert settings.health is not None
    assert settings.health.host == "0.0.0.0"  # noqa: S104  # inside a container
    assert settings.store.url == "sqlite:////data/houston.sqlite"


def test_a_change_of_the_configuration_restarts_the_pod(tmp_path: Path) -> None:
    def checksum(values: dict[str, Any]) -> str:
        workload = one(rendered(tmp_path, values), "StatefulSet")
        return str(workload["spec"]["template"]["metadata"]["annotations"]["checksum/config"])

    changed = {**EMBEDDED, "config": {**CONFIG, "zone": "Europe/London"}}
    assert checksum(EMBEDDED) != checksum(changed)


def test_the_console_is_reached_while_houston_is_not_ready(tmp_path: Path) -> None:
    """Not ready is what Houston is while chat is away, and that is what the console is for."""
    objects = rendered(tmp_path, CONSOLE)
    named = {each["metadata"]["name"]: each for each in objects if each["kind"] == "Service"}
    service = named["houston-console"]
    workload, policy = one(objects, "StatefulSet"), one(objects, "NetworkPolicy")
    [container] = workload["spec"]["template"]["spec"]["containers"]
    file = tmp_path / "houston.yaml"
    file.write_text(one(objects, "ConfigMap")["data"]["houston.yaml"], "utf-8")
    content = read(file)
    content["chat"]["token"] = content["argocd"]["token"] = "from-the-secret"
    console = Settings(**content).console

    assert service["spec"]["publishNotReadyAddresses"] is True
    assert service["spec"]["ports"][0]["targetPort"] == "console"
    assert {"name": "console", "containerPort": 8090} in container["ports"]
    assert {"port": "console", "protocol": "TCP"} in policy["spec"]["ingress"][0]["ports"]
    assert console is not None
    assert (console.host, console.port, console.proxies) == ("0.0.0.0", 8090, 1)  # noqa: S104
    assert console.url == "https://houston.example.org"


def test_without_an_address_there_is_no_console(tmp_path: Path) -> None:
    objects = rendered(tmp_path, BASE)

    assert "console" not in json.dumps(objects)


def granted(objects: list[dict[str, Any]]) -> dict[str, set[tuple[str, str, str]]]:
    """Verb, resource and group by namespace; those of the whole cluster under the empty name."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for each in objects:
        if each["kind"] in {"Role", "ClusterRole"}:
            found[each["metadata"].get("namespace", "")] = {
                (verb, resource, group)
                for rule in each["rules"]
                for group in rule["apiGroups"]
                for resource in rule["resources"]
                for verb in rule["verbs"]
            }
    return found


def needed(*places: str) -> set[tuple[str, str, str]]:
    return {(r.verb, r.resource, r.group) for r in RIGHTS if r.where in places}


def test_the_rights_it_grants_are_those_houston_asks_for() -> None:
    made = (CHART / "files/rights.yaml").read_text("utf-8")

    assert made == manifest(), "run: houston rights > chart/files/rights.yaml"


def test_it_grants_what_the_commands_need_where_they_need_it_and_nothing_else(
    tmp_path: Path,
) -> None:
    namespaces = ["rocketchat", "monitoring", "jobs"]
    values = {**BASE, "rbac": {"create": True, "namespaces": namespaces}}

    assert granted(rendered(tmp_path, values)) == {
        "": needed("cluster"),
        "rocketchat": needed("each", "own"),
        "monitoring": needed("each", "metrics"),
        "jobs": needed("each"),
    }


def test_it_looks_at_all_namespaces_only_where_that_is_asked(tmp_path: Path) -> None:
    values = {**BASE, "rbac": {"create": True, "clusterWide": True}}

    assert granted(rendered(tmp_path, values))[""] == needed("cluster", "wide")


@pytest.mark.parametrize("change", [True, False])
def test_it_grants_no_secret_no_wildcard_and_reads_only_where_that_is_asked(
    tmp_path: Path, change: bool
) -> None:
    values = {**BASE, "rbac": {"create": True, "change": change}}
    rights = set().union(*granted(rendered(tmp_path, values)).values())

    assert not [right for right in rights if right[1] == "secrets" or "*" in right]
    if not change:
        assert {verb for verb, _, _ in rights} == {"get", "list"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "image.repository"),
        ({**BASE, "store": {"kind": "mysql"}}, "store.kind"),
        ({**BASE, "replicas": 0}, "replicas"),
        ({**BASE, "console": {"url": "http://houston.example.org"}}, "console.url"),
        ({**BASE, "imag": {}}, "imag"),
        ({**BASE, "existingSecret": ""}, "existingSecret"),
        ({"image": {"repository": "x", "digest": "sha256:12"}}, "image.digest"),
        ({**BASE, "azureIdentity": {"by": "webhook"}}, "azureIdentity.clientId"),
        ({**BASE, "externalSecret": {"keys": {"Chat Token": "x"}}}, "externalSecret.keys"),
    ],
)
def test_wrong_values_are_refused_with_the_key(
    tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(json.dumps(values), "utf-8")
    done = helm("template", "houston", str(CHART), "-f", str(file))

    assert done.returncode != 0
    assert said in done.stderr.replace("/", ".")
