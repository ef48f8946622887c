"""`houston demo --tour` as a process: what it prints, how it ends, and what the remote holds."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

import pytest

from adapters.sim.scenarios import SCENARIOS
from bot.lab import lab
from tests.e2e.program import git, houston, started, until

pytestmark = [pytest.mark.slow]

SPEED = ("--speed", "100")
VALUES = b"""\
# app 8.0.1, chart 6.29.0\r
replicaCount: 1  # was 8.0.1\r
image:\r
  repository: registry.rocket.chat/rocketchat/rocket.chat  # tag: "8.0.1"\r
  # tag: "8.0.1"\r
  tag: "8.0.1"  # not 8.0.0, and "8.0.1" until the next one\r
microservices:\r
  enabled: true\r
  # streamHub:\r
  #   tag: "8.0.1"\r
  presence:\r
    replicas: 1\r
    image: {tag: "7.0.0"}\r
note: |\r
  tag: "8.0.1"\r
extra:\r
  tag: "8.0.1\""""
"""CRLF, no newline at the end, and the version in many a place that is not the version."""
ENDS = {
    "healthy": (0, "succeeded"),
    "cluster_stopped": (0, "succeeded"),
    "someone_else_syncing": (0, "succeeded"),
    "image_missing": (1, "refused"),
    "argocd_token_expired": (1, "failed"),
    "sync_fails": (1, "failed"),
    "rollout_stuck": (1, "failed"),
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository as a person keeps it, with a working tree."""
    made = tmp_path / "ops"
    made.mkdir()
    (made / "values.yaml").write_bytes(VALUES)
    (made / "values.yaml").chmod(0o755)
    (made / "notes.md").write_bytes(b"8.0.1\r\n")
    git(made, "init", "-q", "-b", "trunk")
    git(made, "add", "-A")
    git(made, "commit", "-qm", "The beginning")
    return made


def test_the_tour_upgrades_by_one_commit_that_changes_one_line(tmp_path: Path) -> None:
    done = houston("demo", "--tour", "--keep", tmp_path / "kept", *SPEED)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ana> !upgrade 7\.13\.2$", done.stdout, re.MULTILINE)
    assert re.search(r'^ *\+  tag: "7\.13\.2"', done.stdout, re.MULTILINE)
    assert re.search(r"^houston> ✔ .* · succeeded$", done.stdout, re.MULTILINE)
    remote = tmp_path / "kept" / "remote.git"
    assert git(remote, "rev-list", "--count", "HEAD") == b"2\n"
    assert git(remote, "diff", "--numstat", "HEAD~", "HEAD") == b"1\t1\tvalues.yaml\n"
    changed = git(remote, "diff", "-U0", "HEAD~", "HEAD").splitlines()
    assert [line[:17] for line in changed if line[:3] in {b"-  ", b"+  "}] == [
        b'-  tag: "7.12.2" ',
        b'+  tag: "7.13.2" ',
    ]
    assert b"Operation-Id: op-" in git(remote, "log", "-1", "--format=%B")


def test_the_tour_on_a_repository_writes_what_its_owner_would_have(
    repository: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    done = houston("demo", "--tour", "--repo", repository, "--keep", kept, *SPEED)

    assert done.returncode == 0, done.stdout + done.stderr
    assert git(repository, "rev-list", "--count", "--all") == b"1\n"
    assert git(repository, "status", "--porcelain") == b""
    own = VALUES.replace(b'\n  tag: "8.0.1"  #', b'\n  tag: "8.2.0"  #')
    assert own != VALUES
    (repository / "values.yaml").write_bytes(own)
    git(repository, "commit", "-qam", "The owner's own upgrade")
    remote = kept / "remote.git"
    assert git(remote, "show", "trunk:values.yaml") == own
    # The same tree: the same bytes and modes of every file.
    assert git(remote, "rev-parse", "trunk^{tree}") == git(repository, "rev-parse", "HEAD^{tree}")
    assert git(remote, "rev-list", "--count", "trunk") == b"2\n"


def test_the_demo_has_a_console_and_says_where_and_for_whom() -> None:
    with started("demo", "--port", "0", *SPEED) as process:
        url = until(process, "there is a console: ").split(": ", 1)[1].strip()
        token = until(process, "Ana Ferreira: ").split(": ", 1)[1].strip()
        body = json.dumps({"name": "Ana Ferreira", "token": token}).encode()
        headers = {"Origin": url, "Content-Type": "application/json"}
        login = urllib.request.Request(f"{url}/api/login", body, headers)  # noqa: S310  # our own
        with urllib.request.urlopen(login, timeout=10) as answer:  # noqa: S310  # as above
            assert json.load(answer)["name"] == "Ana Ferreira"


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    done = houston("demo", "--tour", "--repo", tmp_path)

    assert done.returncode == 1
    assert f"{tmp_path} is no git repository" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_end_is_of_a_scenario() -> None:
    """The others are about what ails beside an upgrade: `!diagnose` and the like are told there."""
    assert set(ENDS) <= set(SCENARIOS)


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
async def test_every_scenario_can_be_served(scenario: str, tmp_path: Path) -> None:
    async with lab(directory=tmp_path, scenario=scenario, speed=100) as served:
        assert served.config["azure"]["url"] == served.endpoints["azure"]


@pytest.mark.parametrize("scenario", sorted(ENDS))
def test_the_tour_ends_in_each_scenario_as_it_must(scenario: str) -> None:
    status, state = ENDS[scenario]
    done = houston("demo", "--tour", "--scenario", scenario, *SPEED)

    assert done.returncode == status, done.stdout + done.stderr
    assert f"the operation ended {state}" in done.stdout
    assert done.stderr == ""


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    done = houston("demo", "--tour", "--scenario", "sunny")

    assert done.returncode == 2
    assert "There is no scenario 'sunny'" in done.stderr
    assert all(scenario in done.stderr for scenario in SCENARIOS)
