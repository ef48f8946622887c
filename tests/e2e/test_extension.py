"""The example of docs/extending.md: an installed package beside an installed Houston."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow]

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/houston-loglevel"
PACKAGES = ("adapters", "bot", "commands", "houston")


def install(source: Path, target: Path) -> None:
    """As a wheel, without what it needs: that is in the environment."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    how = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run([*pip, *how, str(source)], check=True, timeout=120, capture_output=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Houston and the example, built from copies so that no build leaves anything here."""
    place = tmp_path_factory.mktemp("installed")
    for folder in PACKAGES:
        shutil.copytree(
            ROOT / folder, place / "source" / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in ("pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / file, place / "source")
    shutil.copytree(EXAMPLE, place / "example")
    install(place / "source", place / "site")
    install(place / "example", place / "site")
    return place


def run(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    own: Mapping[str, str] = {"PYTHONPATH": str(installed / "site"), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-P", *words],
        cwd=installed / "example",
        env=own,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_its_own_tests_pass_with_the_published_harness(installed: Path) -> None:
    done = run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_it_is_one_of_houston_s_commands(installed: Path) -> None:
    done = run(installed, "-m", "bot", "commands")
    where = run(installed, "-c", "import bot; print(bot.__file__)")

    assert str(installed / "site") in where.stdout
    assert "!loglevel" in done.stdout, done.stderr
    assert "!upgrade" in done.stdout


def test_a_harmful_one_stops_houston_with_the_reason(installed: Path) -> None:
    module = installed / "site/houston_loglevel/__init__.py"
    good = module.read_text("utf-8")
    module.write_text(good.replace('"loglevel",', '"upgrade",', 1), "utf-8")
    done = run(installed, "-m", "bot", "commands")
    module.write_text(good, "utf-8")

    assert done.returncode == 1
    assert "houston-loglevel 1.0.0: !upgrade is there already" in done.stderr
    assert "Traceback" not in done.stderr
