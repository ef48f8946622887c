"""The command line as processes, against the lab on loopback."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.program import git, houston, started, stop, until

pytestmark = [pytest.mark.slow]

PATIENCE = 60.0
KUBECTL = shutil.which("kubectl")
SYSTEMS = (
    "Rocket.Chat",
    "git",
    "Argo CD",
    "Kubernetes",
    "metrics",
    "Key Vault",
    "releases",
    "store",
    "registry registry.rocket.chat",
    "registry registry-1.docker.io",
)


def test_the_lab_prints_one_line_and_writes_a_configuration(lab: dict[str, Any]) -> None:
    config = Path(lab["config"])
    settings = yaml.safe_load(config.read_text("utf-8"))

    assert set(lab["endpoints"]) >= {"chat", "git", "argocd", "kubernetes", "releases"}
    assert all("://127.0.0.1:" in url for url in lab["endpoints"].values())
    assert settings["chat"]["token"] == lab["credentials"]["houston"]
    assert set(lab["credentials"]) >= {"uAna", "uBo", "git_password", "argocd"}
    assert config.stat().st_mode & 0o077 == 0


def test_the_labs_remote_can_be_cloned_with_its_credentials(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    known = lab["credentials"]
    where = lab["endpoints"]["git"].removeprefix("http://")
    url = f"http://{known['git_username']}:{known['git_password']}@{where}/ops.git"
    git(tmp_path, "clone", "-q", url, "mine")

    assert b'tag: "7.12.2"' in (tmp_path / "mine" / "values.yaml").read_bytes()


@pytest.mark.skipif(KUBECTL is None, reason="no kubectl: install Debian's kubernetes-client")
def test_the_labs_cluster_is_read_by_kubectl_with_its_kubeconfig(lab: dict[str, Any]) -> None:
    settings = yaml.safe_load(Path(lab["config"]).read_text("utf-8"))
    kubeconfig = Path(settings["kubernetes"]["kubeconfig"])
    own = ("--kubeconfig", kubeconfig, "--cache-dir", kubeconfig.parent / "kubectl")

    def kubectl(*words: str) -> str:
        done = subprocess.run(
            ["kubectl", *own, *words], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "deployment.apps/rocketchat-presence" in kubectl("get", "deployments", "-o", "name")
    assert "mongodb-0" in kubectl("get", "pods", "--all-namespaces")
    described = kubectl("describe", "deployment", "rocketchat-presence")
    assert "rocketchat/presence-service:7.12.2" in described
    status = kubectl("rollout", "status", "deployment/rocketchat-presence")
    assert "successfully rolled out" in status


def test_a_stopped_lab_ends_quickly(lab: dict[str, Any]) -> None:
    assert stop(lab["process"]) < 5


def test_the_lab_begins_with_a_repository(tmp_path: Path) -> None:
    ops = tmp_path / "ops"
    ops.mkdir()
    values = "image:\n  repository: registry.rocket.chat/rocketchat/rocket.chat\n  tag: 8.0.1\n"
    (ops / "values.yaml").write_text(values)
    git(ops, "init", "-q", "-b", "trunk")
    git(ops, "add", "-A")
    git(ops, "commit", "-qm", "The beginning")
    config = tmp_path / "houston.yaml"
    with started("lab", "--config-out", config, "--repo", ops) as process:
        until(process, "endpoints")
        done = houston("check", "--config", config)

    assert done.returncode == 0, done.stdout
    head = git(ops, "rev-parse", "--short=7", "HEAD").decode().strip()
    assert f"branch trunk at {head}" in done.stdout


def test_check_says_one_line_for_each_system(lab: dict[str, Any]) -> None:
    done = houston("check", "--config", lab["config"])

    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert all(line.startswith("✔ ") for line in lines)
    for system in SYSTEMS:
        assert sum(line.startswith(f"✔ {system} ") for line in lines) == 1
    assert "chat.url" not in done.stdout


@pytest.mark.parametrize(
    ("key", "system"),
    [
        ("chat", "Rocket.Chat"),
        ("git", "git"),
        ("argocd", "Argo CD"),
        ("releases", "releases"),
        ("metrics", "metrics"),
    ],
)
def test_check_names_the_system_that_is_down(lab: dict[str, Any], key: str, system: str) -> None:
    config = Path(lab["config"])
    settings = yaml.safe_load(config.read_text("utf-8"))
    settings[key]["url"] = "http://127.0.0.1:9/ops.git"
    config.write_text(yaml.safe_dump(settings), "utf-8")
    done = houston("check", "--config", config)

    assert done.returncode == 1
    bad = [line for line in done.stdout.splitlines() if line.startswith("✘")]
    assert len(bad) == 1
    assert bad[0].startswith(f"✘ {system} ")
    assert len(bad[0]) > 40
    assert done.stdout.count("✔") >= len(SYSTEMS) - 1
    assert "Traceback" not in done.stdout + done.stderr


def test_check_names_a_token_that_is_refused(lab: dict[str, Any]) -> None:
    config = Path(lab["config"])
    secret = "argo-not-this-one"
    settings = yaml.safe_load(config.read_text("utf-8"))
    settings["argocd"]["token"] = secret
    config.write_text(yaml.safe_dump(settings), "utf-8")
    done = houston("check", "--config", config)

    assert done.returncode == 1
    assert "✘ Argo CD" in done.stdout
    assert "401" in done.stdout
    assert secret not in done.stdout + done.stderr


def test_commands_are_listed_for_other_programs() -> None:
    done = houston("commands", "--json")

    assert done.returncode == 0
    listed = {command["name"]: command for command in json.loads(done.stdout)}
    assert listed["upgrade"] == {
        "name": "upgrade",
        "usage": listed["upgrade"]["usage"],
        "summary": "Bring Rocket.Chat and its microservices to another version.",
        "role": "operator",
        "tier": listed["upgrade"]["tier"],
        "guide": "How to Upgrade",
        "manual": listed["upgrade"]["manual"],
    }
    assert listed["upgrade"]["usage"].startswith("!upgrade VERSION")
    assert "git commit -a && git push" in listed["upgrade"]["manual"]
    assert set(listed) >= {"upgrade", "scale", "status", "help", "undo", "why", "ops", "whoami"}
    assert all(command["summary"] and command["usage"] for command in listed.values())
    assert all(len(line) > 33 for line in houston("commands").stdout.splitlines())


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("colour", "blue", "colour: there is no such key"),
        ("chat", {}, "chat.url is missing"),
        ("git", {"url": "ftp://x", "branch": "master"}, "git.url"),
        ("zone", "Europe/Nowhere", "zone"),
        ("pace", {"poll": "soon"}, "pace.poll"),
    ],
)
def test_run_refuses_a_wrong_configuration(
    tmp_path: Path, key: str, value: object, said: str
) -> None:
    config = tmp_path / "houston.yaml"
    settings: dict[str, object] = {
        "chat": {"url": "http://x", "user_id": "u", "token": "s3cret", "rooms": ["ops"]},
        "git": {"url": "http://x/ops.git", "branch": "master"},
        "argocd": {"url": "http://x", "token": "s3cret"},
    }
    config.write_text(yaml.safe_dump({**settings, key: value}), "utf-8")
    done = houston("run", "--config", config)

    assert done.returncode == 1
    assert said in done.stderr
    assert "start again" in done.stderr
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr
