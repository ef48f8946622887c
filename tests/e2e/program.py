"""The program as people start it, and git as they use it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HOUSTON = (sys.executable, "-m", "bot")
_PATIENCE = 100.0


def houston(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [*HOUSTON, *map(str, arguments)],
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
