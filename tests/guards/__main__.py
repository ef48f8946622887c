"""Takes guards out of the source, one at a time, and looks whether a test notices.

Two kinds: every condition of the modules that decide (`tests/guards/conditions.py`), and those that
only a whole operation shows, each with its own test (`tests/guards/table.py`).

`python -m tests.guards [WORD]`, from the root: only what holds the word; `--today`: every row of
the table and a third of the conditions, another one each day. A mutant that no test notices must be
argued in docs/threat-model.md; the exit status is 1 for one that is not.
"""

from __future__ import annotations

import ast
import io
import multiprocessing
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.guards.conditions import conditions
from tests.guards.mutant import Broken, NotFound
from tests.guards.swap import NotLoaded, load, swap
from tests.guards.table import GUARDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/threat-model.md"
TODAY = "--today"
_PARTS = 3
_WORKERS = max(2, os.cpu_count() or 1)
_SECONDS = 60
"""After this long a test that hangs without its guard has noticed that it is gone."""


def main(word: str = "") -> int:
    """0 when every mutant is noticed, or argued."""
    chosen = _today() if word == TODAY else [one for one in _every() if word in one.text]
    tests = sorted({test for mutant in chosen for test in mutant.tests})
    if not tests or not _sound(tests):
        _say("The tests fail, or are not there, before anything is broken.")
        return 1
    load(ROOT, ("bot", "adapters", "commands"))
    argued, wrong, known = PAGE.read_text(encoding="utf-8"), 0, 0
    # Each in a process of its own, which is made from this one with everything loaded.
    with multiprocessing.get_context("fork").Pool(_WORKERS, maxtasksperchild=1) as pool:
        for mutant, verdict in pool.imap_unordered(_verdict, chosen):
            known += bool(verdict) and mutant in argued
            if verdict and mutant not in argued:
                _say(verdict)
                wrong += 1
    _say(f"{len(chosen)} mutants, {wrong} not noticed, {known} more argued in {PAGE.name}")
    return 1 if wrong else 0


def _every() -> list[Broken]:
    return [*conditions(ROOT), *GUARDS]


def _today() -> list[Broken]:
    """What fits into a check of every push; three days hold every condition."""
    part = datetime.now(UTC).date().toordinal() % _PARTS
    return [*GUARDS, *(one for n, one in enumerate(conditions(ROOT)) if n % _PARTS == part)]


def _verdict(mutant: Broken) -> tuple[str, str]:
    """Its line, and what is wrong; empty when a test fails without the guard."""
    sound = (ROOT / mutant.file).read_text(encoding="utf-8")
    try:
        broken = mutant.mutated(sound)
    except NotFound as error:
        return mutant.text, f"NOT FOUND {error}"
    try:
        swap(mutant.file, sound, broken)
        code, said = _run(mutant.tests)
    except NotLoaded:
        code, said = _run_anew(mutant, broken)
    if code in {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}:
        return mutant.text, ""
    if code == pytest.ExitCode.OK:
        return mutant.text, f"SURVIVED {mutant.text}\n         by {', '.join(mutant.tests)}"
    return mutant.text, f"BROKEN {mutant.text}\n{said[-2000:]}"


def _options(tests: tuple[str, ...]) -> list[str]:
    quick = ["-q", "-x", "--tb=line", "-p", "no:xdist", "-p", "no:cacheprovider"]
    quick += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return [*quick, f"--timeout={_SECONDS}", *(f"tests/{test}" for test in tests)]


def _run(tests: tuple[str, ...]) -> tuple[int, str]:
    # A failure is enough: no smaller example of it is wanted.
    settings.register_profile("found", phases=(Phase.explicit, Phase.generate), database=None)
    settings.load_profile("found")
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        return pytest.main(_options(tests)), said.getvalue()


def _run_anew(mutant: Broken, broken: ast.Module | str) -> tuple[int, str]:
    """For what stands outside of functions: a process that loads the broken file."""
    text = broken if isinstance(broken, str) else ast.unparse(broken)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _copy(tree)
        (tree / mutant.file).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", *_options(mutant.tests)]
        ran = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def _copy(tree: Path) -> None:
    """What git would keep of this tree."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())


def _sound(tests: list[str]) -> bool:
    """Whether all of them pass as the tree is."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-n", str(_WORKERS)]
    names = [f"tests/{test}" for test in tests]
    return subprocess.run([*command, *names], cwd=ROOT, check=False).returncode == 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
