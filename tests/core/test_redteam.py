"""Every known way round approvals has a test, and that test fails without a guard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.guards.conditions import TESTS
from tests.guards.table import GUARDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/threat-model.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([THR]\d+) \| .+ \| `([^`]+)` \|$", PAGE, re.MULTILINE)
WANTED = [
    *(f"T{number}" for number in range(1, 8)),
    *(f"H{number}" for number in range(1, 13)),
    *(f"R{number}" for number in range(1, 21)),
]
"""Threats seen elsewhere, holes of Rocket.Chat, and Houston's own rules."""
GUARDED = {guard.test for guard in GUARDS}
MODULES = {file for files in TESTS.values() for file in files}
"""Whose tests must notice each broken condition of what decides."""


def test_no_row_is_missing_and_none_is_there_twice() -> None:
    assert [row for row, _ in ROWS] == WANTED


@pytest.mark.parametrize(("row", "test"), ROWS, ids=[row for row, _ in ROWS])
def test_the_test_of_each_row_is_there_and_has_a_guard(row: str, test: str) -> None:
    file, _, case = test.partition("::")
    name, _, _ = case.partition("[")

    assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8"), row
    assert test in GUARDED or file in MODULES, f"{row}: no guard is taken out for {test}"
