"""`make bench`: every measurement in one run; `--write` puts it into docs/performance.md."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.bench import speed

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


async def main(words: list[str]) -> int:
    names = [word for word in words if not word.startswith("-")]
    results = await speed.all_of(names)
    sys.stdout.write(speed.table(results) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
