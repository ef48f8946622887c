"""The Dockerfile, read: tests/e2e/test_image.py carries it out."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.e2e.image import ROOT, instructions

HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent))
TEXT = (ROOT / "Dockerfile").read_text("utf-8")
FOUND = list(instructions(TEXT))
LAST = FOUND[max(n for n, (word, _) in enumerate(FOUND) if word == "FROM") :]


def values(word: str) -> list[str]:
    return [rest for each, rest in FOUND if each == word]


@pytest.mark.skipif(
    HADOLINT is None, reason="no hadolint: it comes with the development packages on Linux x86-64"
)
def test_it_passes_hadolint() -> None:
    assert HADOLINT
    done = subprocess.run(
        [HADOLINT, "--no-color", str(ROOT / "Dockerfile")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_every_stage_s_base_is_an_argument_that_a_digest_can_be_given_to() -> None:
    assert values("FROM") == ["${BASE} AS build", "${RUNTIME}"]
    assert "BASE=python:3.11-slim-bookworm" in values("ARG")
    assert "RUNTIME=${BASE}" in values("ARG")
    assert "--build-arg BASE=python:3.11-slim-bookworm@sha256:" in TEXT


def test_its_last_stage_runs_nothing_and_is_nobody() -> None:
    said = dict(LAST)

    assert [word for word, _ in LAST if word in {"RUN", "ADD"}] == []
    assert said["USER"] == "10001:10001"
    assert said["VOLUME"] == "/data"
    assert said["ENTRYPOINT"].startswith("[")
    assert said["CMD"].startswith("[")
    assert "CMD [" in said["HEALTHCHECK"]
    assert "org.opencontainers.image.revision" in said["LABEL"]


def test_all_it_installs_is_locked_by_hash() -> None:
    installs = [rest for word, rest in FOUND if word == "RUN" and "pip install" in rest]

    assert len(installs) == 3
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)


def test_it_has_every_package_and_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]

    assert {f"{name.strip('*')} {name.strip('*')}" for name in packages} <= set(values("COPY"))
    assert f"VERSION={project['project']['version']}" in values("ARG")
