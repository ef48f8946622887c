"""Houston beside the floor and its peers: same loopback server, same command, one run."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.bench.rounds import REAL_SECONDS, Figures, measure, percentile
from tests.bench.stage import staged
from tests.bench.subjects import FLOOR, HOUSTON, OTHERS, NotInstalled, Subject

_LOG = 300
_MILLI = 1e3
Result = Figures | str
"""A bot's figures, or why there are none."""


@dataclass(frozen=True)
class Row:
    """One figure of every bot; less is better in each. `why` is said where Houston is not ahead.

    `near` is how many times the floor's Houston's may be, for rows that have such a bound.
    """

    what: str
    of: Callable[[Figures], float | None]
    unit: str
    digits: int = 0
    why: str = ""
    near: float | None = None


_NEAR = 2.0
_WORKS = (
    "before it posts, the command and then the answer with its audit entry are on the disk; "
    "Errbot and the floor keep nothing"
)
ROWS = (
    Row("round trip, p50", lambda f: _ms(f.trips, 50), "ms", 1, _WORKS, _NEAR),
    Row("round trip, p95", lambda f: _ms(f.trips, 95), "ms", 1, _WORKS),
    Row("round trip, p99", lambda f: _ms(f.trips, 99), "ms", 1, _WORKS),
    Row(
        f"the same, calls take {REAL_SECONDS * _MILLI:.0f} ms, p50",
        lambda f: _ms(f.real_trips, 50),
        "ms",
        1,
        _WORKS,
        _NEAR,
    ),
    Row(
        f"the same, calls take {REAL_SECONDS * _MILLI:.0f} ms, p99",
        lambda f: _ms(f.real_trips, 99),
        "ms",
        1,
        _WORKS,
    ),
    Row("200 commands at once, all answered", lambda f: f.burst, "s", 2, _WORKS),
    Row("commands lost", lambda f: f.lost, ""),
    Row("answers doubled", lambda f: f.doubled, ""),
    Row("p50 while 20 slow commands run", lambda f: _in_ms(f.beside_slow), "ms", 1, _WORKS),
    Row("p50 while 1,000 messages/s pass by", lambda f: _in_ms(f.under_talk), "ms", 1, _WORKS),
    Row(
        "server back to first answer",
        lambda f: f.back,
        "s",
        2,
        "it tries again at random, within a quarter of the time chat was away: not every client is "
        "to come at once",
    ),
    Row(
        "start to first answer",
        lambda f: f.ready,
        "s",
        2,
        "it loads every command and the durable engine",
    ),
    Row(
        "memory, idle",
        lambda f: f.idle_memory,
        "MB",
        0,
        "the durable engine with its database toolkit, the checked settings and the commands with "
        "their adapters are loaded once and stay",
    ),
    Row("memory after 10,000 messages", lambda f: f.talk_memory, "MB", 0, "as above"),
    Row(
        "processor for 10,000 messages",
        lambda f: f.talk_cpu,
        "s",
        2,
        "it reads each, looks for secrets in it and moves its cursor; opsdroid reads one a second",
    ),
    Row(
        "processor, idle",
        lambda f: f.idle_cpu,
        "%",
        1,
        "its schedules, watches and sweeps look around",
    ),
)


def _in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * _MILLI


def _ms(found: Sequence[float], percent: int) -> float | None:
    return _in_ms(percentile(found, percent))


async def one(subject: Subject, part: float = 1.0) -> Result:
    """Its figures, or why there are none."""
    with tempfile.TemporaryDirectory(prefix="houston-bench-") as directory:
        try:
            async with staged(subject, Path(directory)) as stage:
                found = await measure(stage, part)
        except NotInstalled as why:
            return f"not installed: {why}"
        log = _end_of(Path(directory, "bot", "log"))
    return found if found.ready is not None else f"never answered: {log}"


def _end_of(log: Path) -> str:
    return " ".join(log.read_text("utf-8", "replace").split())[-_LOG:]


async def all_of(names: Sequence[str] = (), part: float = 1.0) -> Mapping[str, Result]:
    """Every bot in turn, or those named; of each round this part."""
    found: dict[str, Result] = {}
    for subject in (FLOOR, HOUSTON, *OTHERS):
        if not names or subject.name.lower() in names:
            sys.stderr.write(f"{subject.name} …\n")
            found[subject.name] = await one(subject, part)
    return found


def table(results: Mapping[str, Result]) -> str:
    """Markdown: each figure, and in brackets its ratio to the floor's."""
    good = {name: found for name, found in results.items() if isinstance(found, Figures)}
    lines = [f"| | {' | '.join(good)} | |", f"|---|{'---:|' * len(good)}---|"]
    lines += [_line(row, good) for row in ROWS]
    everybody = (FLOOR, HOUSTON, *OTHERS)
    notes = [f"- {each.name}: {each.note}." for each in everybody if each.name in good]
    left = [each.name for each in everybody if each.name not in results]
    if left:
        notes.append(f"- {', '.join(left)}: not measured in this run.")
    notes += [f"- {name}: {why}" for name, why in results.items() if isinstance(why, str)]
    return "\n".join([*lines, "", *notes])


def _line(row: Row, good: Mapping[str, Figures]) -> str:
    values = {name: row.of(found) for name, found in good.items()}
    floor = values.get(FLOOR.name)
    cells = [
        _cell(row, value, None if name == FLOOR.name else floor) for name, value in values.items()
    ]
    return f"| {row.what} | {' | '.join(cells)} | {_verdict(row, values)} |"


def _cell(row: Row, value: float | None, floor: float | None) -> str:
    if value is None:
        return "never"
    shown = f"{value:,.{row.digits}f} {row.unit}".strip()
    return f"{shown} ({value / floor:.1f}×)" if floor and row.unit else shown


def _verdict(row: Row, values: Mapping[str, float | None]) -> str:
    """Whether Houston is ahead of every peer and as near to the floor as it should be; where it is
    not, of whom, and why."""
    ours = values.get(HOUSTON.name)
    if ours is None:
        return "Houston never did"
    ahead = [
        name
        for name, value in values.items()
        if name not in {HOUSTON.name, FLOOR.name} and value is not None and value < ours
    ]
    said = [f"behind {' and '.join(ahead)}"] if ahead else []
    floor = values.get(FLOOR.name)
    if row.near and floor and ours > row.near * floor:
        said.append(f"beyond {row.near:g}× of the floor")
    if said:
        return f"{', '.join(said)}: {row.why or 'no reason known'}"
    peers = values.keys() - {HOUSTON.name, FLOOR.name}
    return "ahead or even" if peers else ""


def faithful(results: Mapping[str, Result]) -> bool:
    """Whether Houston answered every command, and each once."""
    found = results.get(HOUSTON.name)
    return isinstance(found, Figures) and not found.lost and not found.doubled


def machine() -> str:
    """What it ran on, in a line."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "dbos", "SQLAlchemy"))
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {versions}"
    )
