"""Flies every cell of the fault matrix, and prints the table: `python -m tests.faults [WORD …]`.

With words, only the cells whose system, fault and moment are among them, where any is named; no
document is written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.fleet import chosen, fly
from tests.faults.matrix import Cell, Verdict
from tests.faults.table import document, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "faults.md"


def said(cell: Cell) -> str:
    """A line of the log."""
    what = f"{cell.system}, {cell.fault}, {cell.moment}: {cell.verdict} {cell.state}"
    why = "; ".join(cell.wrong) or cell.why.replace("\n", " ")
    return f"{what} {cell.took:.0f} s, met {cell.met}, {why}"[:240]


def main() -> int:
    words, cells = sys.argv[1:], list[Cell]()
    for cell in fly(list(chosen(words))):
        cells.append(cell)
        sys.stdout.write(f"{said(cell)}\n")
        sys.stdout.flush()
    sys.stdout.write("\n".join(table(cells)) + "\n")
    if not words:
        DOCUMENT.write_text(document(cells), "utf-8")
    return int(any(cell.verdict == Verdict.BROKEN for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
