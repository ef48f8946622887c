"""Every known way round approvals, and into the console, has a test and the guard it dies without.

That it does die is seen by `python -m tests.guards`, which takes each guard of the table away and
runs that one test. Here the pages are held to the table.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.guards.table import GUARDS

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([A-Z]\d+) \| .+ \| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
ROWS = [
    row
    for page in ("docs/threat-model.md", "docs/console.md")
    for row in ROW.findall((ROOT / page).read_text("utf-8"))
]
WANTED = [
    *(f"T{number}" for number in range(1, 8)),
    *(f"H{number}" for number in range(1, 13)),
    *(f"R{number}" for number in range(1, 21)),
    *(f"C{number}" for number in range(1, 34)),
]
"""Threats seen elsewhere, holes of Rocket.Chat, Houston's own rules, and the console."""
GUARDED = {(f"{guard.file}:{guard.inside}".rstrip(":"), guard.test) for guard in GUARDS}


def test_no_row_is_missing_and_none_is_there_twice() -> None:
    assert [row for row, _, _ in ROWS] == WANTED


@pytest.mark.parametrize(("row", "guard", "test"), ROWS, ids=[row for row, _, _ in ROWS])
def test_each_row_names_a_guard_and_the_test_that_fails_without_it(
    row: str, guard: str, test: str
) -> None:
    file, _, case = test.partition("::")
    name, _, _ = case.partition("[")

    assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8"), row
    assert (guard, test) in GUARDED, f"{row}: no guard of {guard} is taken out for {test}"
