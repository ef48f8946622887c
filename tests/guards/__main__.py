"""Takes one guard after another out of a copy of the tree, and runs the test that must notice.

For what only a whole operation shows; `tests/mutants.py` breaks each condition of the pure modules.

`python -m tests.guards [WORD]`, from the root: only the guards whose line holds the word.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest

import tests.commands.room  # noqa: F401  # loads what a child would otherwise load anew each time
from tests.guards.mutant import Mutant, NotFound
from tests.guards.table import GUARDS

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "commands", "adapters", "tests")
_WORKERS = os.cpu_count() or 1


def main(word: str = "") -> int:
    """0 when every guard is missed by its test."""
    chosen = [mutant for mutant in GUARDS if word in mutant.text]
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "base")
        _copy(base)
        if not _sound(base, sorted({mutant.test for mutant in chosen})):
            _say("The tests fail, or are not there, before any guard is taken out.")
            return 1
        # Each in a process of its own, which is made from this one with the libraries loaded.
        with multiprocessing.get_context("fork").Pool(_WORKERS, maxtasksperchild=1) as pool:
            wrong = 0
            for text in pool.imap_unordered(partial(_verdict, base), chosen):
                if text:
                    _say(text)
                    wrong += 1
    _say(f"{len(chosen)} guards, {wrong} not held by their test")
    return 1 if wrong else 0


def _verdict(base: Path, mutant: Mutant) -> str:
    """What is wrong; empty when the test fails without the guard."""
    with tempfile.TemporaryDirectory() as folder:
        tree, said = Path(folder, "tree"), Path(folder, "said")
        shutil.copytree(base, tree)
        try:
            mutant.apply(tree)
        except NotFound as error:
            return f"NOT FOUND {error}"
        with said.open("w") as file:
            os.dup2(file.fileno(), sys.stdout.fileno())
            os.dup2(file.fileno(), sys.stderr.fileno())
            exit_code = _run(tree, mutant.test)
            sys.stdout.flush()
        if exit_code == pytest.ExitCode.TESTS_FAILED:
            return ""
        if exit_code == pytest.ExitCode.OK:
            return f"SURVIVED {mutant.text}\n         {mutant.test} passes without it"
        return f"BROKEN {mutant.text}\n{said.read_text()[-2000:]}"


def _run(tree: Path, test: str) -> int:
    """The test on this tree's modules, not on those this process has loaded."""
    for name in [name for name in sys.modules if name.split(".")[0] in PACKAGES]:
        del sys.modules[name]
    sys.path[:] = [str(tree), *(path for path in sys.path if Path(path) != ROOT)]
    os.chdir(tree)
    return pytest.main(["-q", "--tb=line", "-x", "--timeout=60", "-p", "no:xdist", f"tests/{test}"])


def _copy(base: Path) -> None:
    """What git would keep of this tree."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, base / name)


def _sound(base: Path, tests: list[str]) -> bool:
    """Whether all of them pass as the tree is."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-n", str(_WORKERS)]
    names = [f"tests/{test}" for test in tests]
    return subprocess.run([*command, *names], cwd=base, check=False).returncode == 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
