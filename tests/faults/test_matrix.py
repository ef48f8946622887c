"""A part of the fault matrix: each system and each fault once, the moments in turn.

`make faults` flies the whole.
"""

from __future__ import annotations

from itertools import cycle, product
from pathlib import Path

import pytest

from tests.faults.__main__ import DOCUMENT
from tests.faults.kinds import Fault, Moment, System, inapplicable
from tests.faults.matrix import Cell, Trial, Verdict
from tests.faults.skipping import run


def part() -> list[tuple[System, Fault, Moment]]:
    """Each fault once, its system and its moment the next in turn."""
    networked = [system for system in System if system is not System.STORE]
    systems, moments = (
        cycle(networked),
        cycle([each for each in Moment if each is not Moment.STEP_2]),
    )
    return [
        (System.STORE if fault.of_machine else next(systems), fault, next(moments))
        for fault in Fault
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "fault", "moment"), part(), ids=lambda part: str(part).replace(" ", "-")
)
def test_an_operation_ends_well_whatever_fails(
    tmp_path: Path, system: System, fault: Fault, moment: Moment
) -> None:
    cell = run(Trial(Cell(system, fault, moment)).fly(tmp_path))

    assert cell.verdict != Verdict.BROKEN, f"{cell.state}: {cell.why}; {cell.wrong}"


def test_the_part_has_every_system_and_every_fault() -> None:
    chosen = part()

    assert {system for system, _, _ in chosen} == {*System}
    assert [fault for _, fault, _ in chosen] == [*Fault]
    assert not [key for key in chosen if inapplicable(*key)]


def test_the_document_has_every_cell_and_none_is_broken() -> None:
    """Who adds a system, a fault or a moment runs `make faults`."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.read_text("utf-8").splitlines()
        if line.startswith("|")
    ]
    columns = rows[0][2:]
    found = {
        (system, fault, moment): verdict
        for system, fault, *verdicts in rows[2:]
        for moment, verdict in zip(columns, verdicts, strict=True)
        if verdict != Verdict.NONE
    }

    assert [*found] == [key for key in product(System, Fault, Moment) if not inapplicable(*key)]
    assert {*found.values()} <= {Verdict.FINISHED, Verdict.WAITED, Verdict.STOPPED, Verdict.UNMET}
