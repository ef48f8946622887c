"""The matrix as a document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import product

from tests.faults.kinds import LINES, USUAL, Fault, Moment, System, inapplicable
from tests.faults.matrix import LASTS, Cell, Verdict

_ACCIDENTAL = re.compile(r"(\d+ (?:h|min) \d+ (?:min|s))|:\d{4,5}\b")
"""How long it took, and at which port a system listened."""
_LEGEND = {
    Verdict.FINISHED: "the operation finished as if nothing had happened",
    Verdict.WAITED: "it waited, said on its card for what, and finished",
    Verdict.STOPPED: "it stopped safely and said what was done and what was not",
    Verdict.UNMET: "flown, but the operation did not ask that system then",
    Verdict.NONE: "there is no such thing; below the table is why, and of rows that are not there",
    Verdict.BROKEN: "something was lost, happened twice, or was not said",
}


def table(cells: Iterable[Cell]) -> list[str]:
    """A Markdown table: a row for each fault a system can have, a column for each moment."""
    found = {(cell.system, cell.fault, cell.moment): cell.verdict for cell in cells}
    lines = [
        f"| system | fault | {' | '.join(Moment)} |",
        "|---|---|" + "---|" * len(Moment),
    ]
    for system, fault in product(System, Fault):
        row = [
            Verdict.NONE
            if inapplicable(system, fault, moment)
            else found.get((system, fault, moment), Verdict.UNFLOWN)
            for moment in Moment
        ]
        if {*row} - {Verdict.NONE, Verdict.UNFLOWN}:
            lines.append(f"| {system} | {fault} | {' | '.join(row)} |")
    return lines


def document(cells: list[Cell]) -> str:
    """The whole page."""
    counted = Counter(cell.verdict for cell in cells)
    legend = [f"- {sign} {text}: {counted[sign]}" for sign, text in _LEGEND.items() if sign != "–"]
    flown = ", ".join(f"`{line}` for {system}" for system, line in LINES.items())
    return "\n".join(
        [
            *_HEAD,
            "",
            f"The operation is `{USUAL}`; {flown}.",
            "",
            *legend,
            f"- {Verdict.NONE} {_LEGEND[Verdict.NONE]}",
            "",
            *table(cells),
            "",
            "## Where there is no such thing",
            "",
            *(f"- {reason}" for reason in _reasons()),
            "",
            "## How it stopped",
            "",
            *_stopped(cells),
            "",
        ]
    )


_HEAD = (
    "# What Houston does when something fails",
    "",
    "For who operates Houston. `make faults` makes this page: each cell is a whole Houston with",
    "its real adapters, in front of simulated systems on loopback. A fault begins at one moment of",
    f"an operation and lasts {LASTS:.0f} s. Then it must hold that the command is answered, that",
    "it ends with one report that is true, that there is at most one commit and one sync, that the",
    "target is free, and that the next command is answered.",
)


def _reasons() -> list[str]:
    """Why some cells are none, each reason once."""
    found: dict[str, None] = {}
    for system, fault, moment in product(System, Fault, Moment):
        why = inapplicable(system, fault, moment)
        if why:
            part = "step 2" if why.endswith("one step") else "disk, store and clock"
            part = "the network" if system is System.STORE else part
            found[f"{system}, {part}: {why}"] = None
    return [*found]


def _stopped(cells: list[Cell]) -> list[str]:
    found = Counter(
        (cell.system, _folded(cell.why)) for cell in cells if cell.verdict == Verdict.STOPPED
    )
    return [f"- {system}: {why} ({count})" for (system, why), count in found.most_common()]


def _folded(why: str) -> str:
    """What is the same in many cells: without what was done before, ports and lengths."""
    text = why.partition(". Done before")[0].partition("\n")[0].removeprefix("✘ ")
    return _ACCIDENTAL.sub(lambda found: "…" if found[1] else ":…", text)[:160]
