"""Taking a guard out of a source: exactly that one, or a loud error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.guards.mutant import Mutant, NotFound
from tests.guards.table import GUARDS

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

    assert mutated == SOURCE.replace("n\n            < LIMIT", "(True)")


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
