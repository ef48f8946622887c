"""Which tests each mutant is tried with, and what came of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.guards.conditions import TESTS
from tests.guards.mutant import Broken
from tests.guards.swap import Loaded
from tests.guards.warm import KILLED, Outcome, Run, Trial

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/threat-model.md"
_SECONDS = 60
_AT_LEAST, _TIMES = 10, 4
"""Seconds, and how much longer than with its guard a test may work without it: a mutant that hangs
is noticed."""
_SERVER = "postgresql"
"""Of a test on both databases, the one that would start a server is left out."""


def argued() -> list[str]:
    """The mutants that may survive, by their text: each is a point of the list in the page."""
    return re.findall(r"^- `([^`]+)`:", PAGE.read_text("utf-8"), re.MULTILINE)


def say(text: str) -> None:
    """At once: it takes minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@dataclass
class Trials:
    """First each test as the source is, then each mutant by those that can notice it.

    `argued` are the texts of mutants that may survive, and must: when one of them is noticed, the
    page argues for nothing.
    """

    mutants: list[Broken]
    argued: list[str]
    noticed: list[str] = field(default_factory=list)
    survived: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _alone: dict[str, Outcome] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether all were tried, and noticed or argued."""
        done = len(self.noticed) + len(self.survived) == len(self.mutants)
        return done and not self.wrong

    def work(self, known: list[str], run: Run) -> None:
        """Try them all; none when a test fails before anything is broken."""
        wanted = {id for one in self.mutants for id in _ids(one, known)}
        chosen = {id for one in self.mutants if one.first for id in _ids(one, known)}
        sound = [_sound(test, test in chosen) for test in sorted(wanted)]
        for place, outcome in run(sound):
            (test,) = sound[place].tests
            self._alone[test] = outcome
            if not outcome.passed:
                self.wrong.append(test)
                say(f"FAILS BEFORE ANYTHING IS BROKEN {test}\n{outcome.said}")
        if self.wrong:
            return
        work = sum(outcome.seconds for outcome in self._alone.values())
        say(f"{len(sound)} tests pass with every guard in place; {work:.0f} s of work")
        trials = [self._trial(mutant, known) for mutant in self.mutants]
        for place, outcome in run(trials):
            self._judge(self.mutants[place], trials[place], outcome)

    def _trial(self, mutant: Broken, known: list[str]) -> Trial:
        """The quickest first."""
        file = str(ROOT / mutant.file)
        near = {(file, line) for line in range(mutant.first, mutant.last + 1)}
        tests = [
            id for id in _ids(mutant, known) if not mutant.first or near & self._alone[id].lines
        ]
        tests.sort(key=lambda id: self._alone[id].seconds)
        work = sum(self._alone[id].seconds for id in tests)
        return Trial(tuple(tests), max(_AT_LEAST, round(_TIMES * work)), _change(mutant))

    def _judge(self, mutant: Broken, trial: Trial, outcome: Outcome) -> None:
        if outcome.failed or outcome.said == KILLED:
            self.noticed.append(mutant.text)
            if mutant.text in self.argued:
                self.wrong.append(mutant.text)
                say(f"NOTICED, BUT ARGUED {mutant.text}")
            return
        self.survived.append(mutant.text)
        if mutant.text not in self.argued:
            self.wrong.append(mutant.text)
            what = f"SURVIVED {mutant.text}\n         by {len(trial.tests)} tests"
            say(what if outcome.passed else f"BROKEN {mutant.text}\n{outcome.said}")


def _ids(mutant: Broken, known: list[str]) -> list[str]:
    """Every test of a file, or the one that is named, with all its parameters."""
    named = [f"tests/{test}" for test in mutant.tests]
    starts = tuple(f"{name}{end}" for name in named for end in ("::", "["))
    return [
        id for id in known if (id in named or id.startswith(starts)) and f"[{_SERVER}" not in id
    ]


def _sound(test: str, traced: bool) -> Trial:
    """To follow a test is slow."""
    files = frozenset(str(ROOT / file) for file in TESTS) if traced else frozenset()
    return Trial((test,), _SECONDS, traced=files)


def _change(mutant: Broken) -> Callable[[Loaded], None]:
    def change(loaded: Loaded) -> None:
        sound = (ROOT / mutant.file).read_text(encoding="utf-8")
        loaded.swap(mutant.file, sound, mutant.mutated(sound))

    return change
