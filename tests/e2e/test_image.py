"""The image's files, run as the image runs them: unprivileged, with nothing writable but /data."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.image import ROOT, Builder, Stage, enter, runtime

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it mounts what the base image has"),
    pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare of util-linux"),
]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """What the Dockerfile's last stage holds."""
    return Builder(tmp_path_factory.mktemp("image")).build(TEXT)


@pytest.fixture
def data(tmp_path: Path, image: Stage) -> Path:
    """The volume, owned as the image owns it."""
    made = tmp_path / "data"
    made.mkdir()
    held = (image.root / "data").stat()
    os.chown(made, held.st_uid, held.st_gid)
    tmp_path.chmod(0o755)
    return made


def run(image: Stage, data: Path, *command: str) -> subprocess.CompletedProcess[str]:
    user = image.said["USER"]
    return enter(image.root, command, runtime(), env=image.env, user=user, data=data)


def test_the_demo_flies_its_tour_in_it(image: Stage, data: Path) -> None:
    done = run(image, data, *image.line("ENTRYPOINT"), "demo", "--tour")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✔ the operation ended succeeded" in done.stdout
    assert "Rocket.Chat says" in done.stdout


def test_nothing_but_its_data_can_be_written_and_there_is_no_shell(
    image: Stage, data: Path
) -> None:
    tries = "import os, pathlib, shutil\n" + (
        "for place in ('/', '/opt/houston', '/opt/houston/bot', '/usr', '/tmp'):\n"
        "    try: pathlib.Path(place, 'x').write_text('x')\n"
        "    except OSError: pass\n"
        "    else: print('wrote', place)\n"
        "pathlib.Path('/data/x').write_text('x')\n"
        "print(os.getuid(), [n for n in ('sh', 'bash', 'cc', 'gcc', 'git') if shutil.which(n)])\n"
    )
    done = run(image, data, "python3", "-P", "-c", tries)

    assert done.stdout == "10001 []\n", done.stdout + done.stderr


def test_it_is_healthy_when_it_can_be_loaded(image: Stage, data: Path) -> None:
    done = run(image, data, *image.line("HEALTHCHECK"))

    assert done.returncode == 0, done.stderr
    assert "houston" in done.stdout


def test_without_a_configuration_it_says_so(image: Stage, data: Path) -> None:
    done = run(image, data, *image.line("ENTRYPOINT"), *image.line("CMD"))

    assert done.returncode == 1
    assert "/etc/houston/houston.yaml does not exist" in done.stderr


def test_it_holds_houston_compiled_and_nothing_that_builds_it(image: Stage) -> None:
    held = {path.name for path in (image.root / "opt/houston").iterdir()}

    assert {"bot", "commands", "adapters", "houston", "dbos"} <= held
    assert {"setuptools", "pip", "tests", "bin"} & held == set()
    assert list((image.root / "opt/houston/bot/__pycache__").glob("app.*.pyc"))
