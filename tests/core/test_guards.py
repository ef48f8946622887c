"""Taking a guard out of a source: exactly that one, or a loud error, and no survivor in silence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.guards.conditions import Condition, conditions, of
from tests.guards.mutant import Mutant, NotFound
from tests.guards.table import GUARDS
from tests.guards.trials import Trials, argued
from tests.guards.warm import KILLED, Outcome, Trial

ROOT = Path(__file__).parents[2]
RULES = re.findall(r"^\| (\d+) \|", (ROOT / "docs/approvals.md").read_text("utf-8"), re.MULTILINE)

SOURCE = '''"""é ✅"""

LIMIT = 3


class Door:
    def opens(self, n: int) -> bool:
        return "✅" != "" and (
            n
            < LIMIT
        )

    def shut(self, n: int) -> bool:
        return n < LIMIT and not n < LIMIT
'''


def guard(inside: str, text: str = "n < LIMIT") -> Mutant:
    return Mutant("door.py", 1, inside, text, "True", "test_door.py")


def test_the_guard_is_found_in_any_layout_and_only_it_changes() -> None:
    mutated = guard("Door.opens").mutated(SOURCE)

    assert mutated == SOURCE.replace("n\n            < LIMIT", "(True\n)")


def test_the_module_itself_can_hold_a_guard() -> None:
    assert "LIMIT = (True)" in guard("", "3").mutated(SOURCE)


@pytest.mark.parametrize(
    ("inside", "text", "times"),
    [
        ("Door.shut", "n < LIMIT", "2 times"),
        ("Door.opens", "n <= LIMIT", "0 times"),
        ("Door.locks", "n < LIMIT", "locks is there 0 times"),
    ],
)
def test_a_guard_that_is_not_there_exactly_once_is_an_error(
    inside: str, text: str, times: str
) -> None:
    with pytest.raises(NotFound, match=times):
        guard(inside, text).mutated(SOURCE)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_approvals_has_a_guard_in_the_table(rule: str) -> None:
    assert int(rule) in {guard.rule for guard in GUARDS}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.text)
def test_every_guard_of_the_table_is_in_the_source(guard: Mutant) -> None:
    source = (ROOT / guard.file).read_text(encoding="utf-8")

    assert guard.mutated(source) != source


DECIDES = """\
class Door:
    times: int = 0 if True else 1

    def opens(self, at: int | None, end: int) -> bool:
        \"\"\"Not run.\"\"\"
        if at is None:
            raise ValueError
        log.info("somebody came")
        self.tell(at)
        return not any(at < end + one for one in (1, 2) if one)

    def word(self) -> str:
        return "open" if self.times else "shut"
"""
BROKEN = """\
if at is None: the condition became False
if at is None: the condition became True
at is None: Is became IsNot
raise ValueError: not done
self.tell(at): not done
return not any((at < end + one for one in (1, 2) if one)): returned True
return not any((at < end + one for one in (1, 2) if one)): returned False
not any((at < end + one for one in (1, 2) if one)): without not
any((at < end + one for one in (1, 2) if one)): any became all
at < end + one: Lt became LtE
end + one: Add became Sub
for one in (1, 2) if one: without if one
return 'open' if self.times else 'shut': returned ''
'open' if self.times else 'shut': the condition became False
'open' if self.times else 'shut': the condition became True"""


def decided() -> list[Condition]:
    return list(of("door.py", DECIDES, ("core/test_door.py",)))


def test_everything_that_decides_is_broken_in_every_way_and_nothing_else() -> None:
    texts = [re.sub(r"^door.py:Door.(opens|word): ", "", one.text) for one in decided()]

    assert texts == BROKEN.splitlines()


@pytest.mark.parametrize("number", range(len(BROKEN.splitlines())))
def test_a_broken_source_differs_in_one_place_and_every_function_is_on_its_line(
    number: int,
) -> None:
    def lines(tree: ast.AST) -> list[int]:
        return [one.lineno for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]

    sound, broken = ast.parse(DECIDES), decided()[number].mutated(DECIDES)

    assert ast.dump(sound) != ast.dump(broken)
    assert lines(sound) == lines(broken)
    compile(broken, "door.py", "exec")


def test_every_mutant_has_a_name_of_its_own_and_the_page_argues_for_no_other() -> None:
    """What stands in the list is what may survive; whoever takes the code away takes the line."""
    texts = [one.text for one in conditions(ROOT)]
    listed = re.findall(r"^- `", (ROOT / "docs/threat-model.md").read_text("utf-8"), re.MULTILINE)

    assert len(set(texts)) == len(texts)
    assert set(argued()) <= set(texts)
    assert len(set(argued())) == len(argued()) == len(listed)


TEST = "tests/core/test_door.py::test_it"
PASSED = Outcome(True, "", "", 1, frozenset())
FAILED = replace(PASSED, passed=False, failed=TEST)
HUNG = replace(PASSED, passed=False, said=KILLED)
NOT_TRIED = replace(PASSED, passed=False, said="NotLoaded")
OPENS = Mutant("door.py", 0, "Door.opens", "n < LIMIT", "True", "core/test_door.py::test_it")


@pytest.mark.parametrize(
    ("before", "without", "argued", "good"),
    [
        (PASSED, FAILED, False, True),
        (PASSED, HUNG, False, True),
        (PASSED, PASSED, False, False),
        (PASSED, PASSED, True, True),
        (PASSED, FAILED, True, False),
        (PASSED, NOT_TRIED, False, False),
        (FAILED, FAILED, False, False),
    ],
)
def test_a_mutant_is_noticed_or_argued_and_a_test_that_fails_anyway_shows_nothing(
    before: Outcome, without: Outcome, argued: bool, good: bool
) -> None:
    def run(trials: list[Trial]) -> Iterator[tuple[int, Outcome]]:
        assert [trial.tests for trial in trials] == [(TEST,)]
        yield 0, next(outcomes)

    outcomes = iter([before, without])
    trials = Trials([OPENS], [OPENS.text] if argued else [])
    trials.work([TEST, "tests/core/test_door.py::test_it_too"], run)

    assert trials.good is good
