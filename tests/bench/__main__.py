"""`make bench`: every measurement in one run, written to docs/performance.md.

With names of bots behind it only those are measured, and the page says who is missing. With
`--short` a tenth of the rounds beside other bots is run and shown, and nothing is written.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import counts, growth, scale, speed

DOCS = Path(__file__).parents[2] / "docs"
_SHORT, _PART = "--short", 0.1


async def short(names: list[str]) -> int:
    """Whether every bot runs, and about how fast: 0 when each of them answered."""
    results = await speed.all_of(names, _PART)
    sys.stdout.write(speed.table(results) + "\n")
    return 0 if all(not isinstance(found, str) for found in results.values()) else 1


async def main(names: list[str]) -> int:
    """0 when Houston lost and doubled nothing, and no list grows with the cluster."""
    results = await speed.all_of(names)
    counted = counts.table(await counts.measure())
    clusters = await scale.measured()
    series = await growth.grown([*clusters.values()])
    sizes, grows = scale.table(clusters)
    page = _PAGE.format(
        day=datetime.now(UTC).date(),
        machine=speed.machine(),
        speed=speed.table(results),
        counts=counted,
        sizes=sizes,
    )
    (DOCS / "performance.md").write_text(page, "utf-8")
    (DOCS / "performance.png").write_bytes(growth.plot(series))
    sys.stdout.write(page)
    return 1 if grows or not speed.faithful(results) else 0


_PAGE = """# Performance

Made by `make bench` on {day}: {machine}.
All figures are of one run; those in brackets are ratios to the floor's, which say more than the
milliseconds of one machine. Less is better in every row.

## Beside other chat bots

Every bot answers the same command, `!whoami`, on the same simulated Rocket.Chat over loopback, one
bot after the other. That server answers at once, which makes the bots' own work look as large as it
can be; a real one takes tens of milliseconds, so a row has calls that take 10 ms.

{speed}

Hubot's Rocket.Chat adapter needs packages from GitHub; opsdroid and Errbot come from the package
index. Houston runs with everything on, and durably: a command is in the ledger before it runs, its
answer in the outbox and in the audit trail before it is posted. No other bot here keeps anything.

## What a command costs

{counts}

Counted from the message to the last edit of its card, with the durable engine's own transactions.

## Size

Memory is the peak of what Python allocated during the command. A list reads one page after the
other, so that a list of pods costs hardly more on a cluster of 10,000 than on one of 625.

{sizes}

![Cost against size](performance.png)
"""


if __name__ == "__main__":
    named = [word for word in sys.argv[1:] if word != _SHORT]
    sys.exit(asyncio.run(short(named) if _SHORT in sys.argv else main(named)))
