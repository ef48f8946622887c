"""Runs tests in forks of one pytest session that has collected them all: a child begins with
everything loaded, changes what it likes in itself, runs its tests and is gone."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.guards.swap import Loaded

KILLED = "killed"
_RESULT = "result.json"
_WAITS = 6
"""How many times longer than it may work a child may take, for one that waits for real."""


@dataclass(frozen=True)
class Trial:
    """Tests that one child runs, by node id, up to the first that fails.

    `change` is called in the child before them. After `seconds` of work the child is killed: time
    is virtual in most tests, so one that hangs is one that works on and on. With `traced` files,
    absolute paths, it tells which of their lines came by.
    """

    tests: tuple[str, ...]
    seconds: int
    change: Callable[[Loaded], None] = lambda loaded: None
    traced: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """`failed` is the node id of the test that failed, empty for none; `said` is what it said,
    `KILLED` for a child that was, and what went wrong for one that could not try. `seconds` are of
    work, `lines` are (file, line)."""

    passed: bool
    failed: str
    said: str
    seconds: float
    lines: frozenset[tuple[str, int]]


Run = Callable[[list[Trial]], Iterator[tuple[int, Outcome]]]
"""Runs them, each in a child of its own; gives the place in the list with what came of it."""


def warmed(files: list[str], workers: int, work: Callable[[list[str], Run], None]) -> int:
    """Collect the files' tests, and let `work` have trials run; gives pytest's exit status.

    `work` gets every node id there is.
    """
    options = ["-q", "-s", "--tb=short", "-p", "no:xdist", "-p", "no:cacheprovider"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return pytest.main([*options, *files], plugins=[_Session(workers, work)])


class _Session:
    """The plugin that takes the place of pytest's own loop over the tests."""

    def __init__(self, workers: int, work: Callable[[list[str], Run], None]) -> None:
        self._workers = workers
        self._work = work

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Of each property the same examples every time, and no search for a smaller one."""
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutants", deadline=None, derandomize=True, database=None, phases=phases
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run what `work` asks for, in place of everything once."""
        if session.testsfailed:
            raise session.Interrupted("not every test could be collected")
        children = _Children(session, self._workers)
        self._work([item.nodeid for item in session.items], children.run)
        return True


class _Children:
    """Those that run now; each has a folder, which is its place for temporary files too."""

    def __init__(self, session: pytest.Session, workers: int) -> None:
        self._items = {item.nodeid: item for item in session.items}
        self._session = session
        self._workers = workers
        self._loaded = Loaded()
        self._running: dict[int, tuple[int, Path, float]] = {}

    def run(self, trials: list[Trial]) -> Iterator[tuple[int, Outcome]]:
        """See `Run`."""
        waiting = list(enumerate(trials))[::-1]
        while waiting or self._running:
            while waiting and len(self._running) < self._workers:
                self._begin(*waiting.pop())
            yield self._next()

    def _begin(self, place: int, trial: Trial) -> None:
        folder = Path(tempfile.mkdtemp(prefix="mutant-"))
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            try:
                os.setpgid(0, 0)
                _Child(self._session, folder).run(trial, self._items, self._loaded)
            finally:
                os._exit(0)
        self._running[pid] = (place, folder, time.monotonic() + _WAITS * trial.seconds)

    def _next(self) -> tuple[int, Outcome]:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid in self._running:
                return self._end(pid, killed=os.WIFSIGNALED(status))
            for late in [p for p, (*_, until) in self._running.items() if time.monotonic() > until]:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(late, signal.SIGKILL)
            time.sleep(0.01)  # noqa: TID251  # there is no event loop, and no time is simulated

    def _end(self, pid: int, *, killed: bool) -> tuple[int, Outcome]:
        place, folder, _ = self._running.pop(pid)
        said: dict[str, Any] = {"passed": False, "failed": "", "said": KILLED, "seconds": 0}
        said["lines"] = []
        if not killed:
            said = json.loads((folder / _RESULT).read_text("utf-8"))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)  # servers that a failed test left behind
        shutil.rmtree(folder, ignore_errors=True)
        lines = frozenset((file, line) for file, line in said.pop("lines"))
        return place, Outcome(**said, lines=lines)


class _Child:
    """In the child: the change, the tests, the result."""

    def __init__(self, session: pytest.Session, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._said = ""
        self._lines: set[tuple[str, int]] = set()
        self._traced: frozenset[str] = frozenset()

    def run(self, trial: Trial, items: dict[str, pytest.Item], loaded: Loaded) -> None:
        """Write the result into the folder."""
        self._alone()
        resource.setrlimit(resource.RLIMIT_CPU, (trial.seconds, trial.seconds + 1))
        passed, failed = False, ""
        try:
            trial.change(loaded)
            failed = self._try(trial, items)
            passed = not failed
        except Exception:  # noqa: BLE001  # whatever it is, it is told
            self._said = traceback.format_exc()
        result = {"passed": passed, "failed": failed, "said": self._said}
        more = {"seconds": time.process_time(), "lines": sorted(self._lines)}
        text = json.dumps({**result, **more})
        (self._folder / _RESULT).write_text(text, "utf-8")

    def _try(self, trial: Trial, items: dict[str, pytest.Item]) -> str:
        self._session.config.pluginmanager.register(self)
        if trial.traced:
            self._traced = trial.traced
            threading.settrace(self._trace)
            sys.settrace(self._trace)
        failed = self._first_failed([items[test] for test in trial.tests])
        sys.settrace(None)
        return failed

    def _alone(self) -> None:
        tempfile.tempdir = str(self._folder)
        os.environ["TMPDIR"] = tempfile.tempdir  # noqa: TID251  # for what a test starts
        null = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(null, standard)

    def _first_failed(self, items: list[pytest.Item]) -> str:
        for item, after in zip(items, [*items, None][1:], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._session.testsfailed:
                return item.nodeid
        return ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a failed test said."""
        if report.failed:
            self._said += report.longreprtext[-1500:]

    def _trace(self, frame: FrameType, event: str, arg: object) -> Any:
        return self._line if frame.f_code.co_filename in self._traced else None

    def _line(self, frame: FrameType, event: str, arg: object) -> Any:
        self._lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line
