"""The program as people start it, and git as they use it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOUSTON = (sys.executable, "-m", "bot")
_PATIENCE = 100.0


def houston(
    *arguments: str | Path, token: str = "", said: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, with an operator's token in the environment and words to read."""
    own = {name: value for name, value in os.environ.items() if name != "HOUSTON_TOKEN"}  # noqa: TID251  # a child's
    return subprocess.run(
        [*HOUSTON, *map(str, arguments)],
        env={**own, **({"HOUSTON_TOKEN": token} if token else {})},
        input=said,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


def git(folder: Path, *arguments: str) -> bytes:
    """What git prints, in this folder, whatever the machine's own settings."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    settings = ("core.autocrlf=false", "user.name=Dana", "user.email=dana@fernhill.example")
    options = [word for setting in settings for word in ("-c", setting)]
    return subprocess.run(
        ["git", *options, *arguments],
        cwd=folder,
        env={"PATH": os.defpath, **own},
        capture_output=True,
        check=True,
    ).stdout


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A Houston that goes on; it is stopped at the end when it still runs."""
    process = subprocess.Popen(
        [*HOUSTON, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[str], text: str) -> str:
    """The first line of its output that holds the text."""
    assert process.stdout
    for line in process.stdout:
        if text in line:
            return line
    raise AssertionError(f"it ended without {text!r}")


def stop(process: subprocess.Popen[str]) -> float:
    """End it by SIGTERM; gives the seconds it took."""
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(_PATIENCE)
    return time.monotonic() - begun
