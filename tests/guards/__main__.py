"""Takes guards out of the source, one at a time, and looks whether a test notices.

Two kinds: all that decides in the modules that decide (`tests/guards/conditions.py`), and guards
that only a whole operation shows, each with its own test (`tests/guards/table.py`).

`python -m tests.guards [WORD]...`, from the root: only what holds one of the words. A mutant that
no test notices must be argued in docs/threat-model.md; the exit status is 1 for one that is not.
"""

from __future__ import annotations

import os
import sys
import time

from tests.guards.conditions import conditions
from tests.guards.mutant import Broken
from tests.guards.swap import load
from tests.guards.table import GUARDS
from tests.guards.trials import ROOT, Trials, argued, say
from tests.guards.warm import warmed

_WORKERS = max(2, os.cpu_count() or 1)


def main(*words: str) -> int:
    """0 when every mutant is noticed, or argued."""
    began = time.monotonic()
    every: list[Broken] = [*conditions(ROOT), *GUARDS]
    chosen = [one for one in every if not words or any(word in one.text for word in words)]
    files = sorted({f"tests/{test.partition('::')[0]}" for one in chosen for test in one.tests})
    if not chosen:
        say("There is no such mutant.")
        return 1
    load(ROOT, ("bot", "adapters", "commands"))
    trials = Trials(chosen, argued())
    code = warmed(files, _WORKERS, trials.work)
    minutes = (time.monotonic() - began) / 60
    say(f"{len(trials.noticed)} of {len(chosen)} mutants noticed in {minutes:.1f} minutes")
    return code or int(not trials.good)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
