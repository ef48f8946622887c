"""Houston as it is, with one more command, which is slow: `python -m tests.bench.peers.houston`."""

from __future__ import annotations

import sys
from pathlib import Path

import commands
from bot.__main__ import main

if __name__ == "__main__":
    commands.__path__.append(str(Path(__file__).parent / "houston_commands"))
    sys.exit(main())
