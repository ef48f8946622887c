"""What a killed test run leaves behind: nothing, frozen helpers neither."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can")

ROOT = Path(__file__).parents[2]
HELPER = """
import os, signal, time
from tests.mortal import die_with

parent = os.getpid()
child = os.fork()
if child == 0:
    die_with(parent)
    os.kill(os.getpid(), signal.SIGSTOP)
os.waitpid(child, os.WUNTRACED)
print(child, flush=True)
time.sleep(60)
"""
PATIENCE = 10.0


def test_a_frozen_helper_ends_with_who_started_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HELPER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout
        child = int(started.stdout.readline())
        before = state(child)
        started.send_signal(signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while state(child) not in {"", "Z"} and time.monotonic() < until:
        os.sched_yield()
    after = state(child)
    if after == "T":
        os.kill(child, signal.SIGKILL)

    assert before == "T"
    assert after in {"", "Z"}


def state(pid: int) -> str:
    """As proc(5) tells it: `T` is stopped, `Z` dead and not yet waited for; empty when gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except FileNotFoundError:
        return ""
