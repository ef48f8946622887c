"""What only real processes can show of the engine: a journal belongs to one of them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from adapters.engine import DbosEngine
from bot.errors import Unavailable

SECOND = """
import asyncio, sys
from adapters.engine import DbosEngine
from bot.errors import Refused

async def main():
    engine = DbosEngine(sys.argv[1])
    try:
        await engine.start()
    except Refused as error:
        print("refused:", error.message)
        return
    print("started")
    await engine.stop()

asyncio.run(main())
"""
ROOT = Path(__file__).parents[2]


async def second(url: str) -> str:
    """What another process says that wants the same journal."""
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SECOND, url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await made.communicate()
    return said.decode().strip()


async def test_a_second_process_is_refused_until_the_first_has_stopped(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/houston.sqlite"
    first = DbosEngine(url)
    await first.start()
    try:
        during = await second(url)
    finally:
        await first.stop()

    assert during.startswith("refused: Another Houston already runs on")
    assert await second(url) == "started"


async def test_a_journal_that_is_no_database_is_unavailable_and_let_go(tmp_path: Path) -> None:
    path = tmp_path / "houston.sqlite"
    path.write_bytes(b"this is no database, only a file with text in it" * 100)
    engine = DbosEngine(f"sqlite:///{path}")

    with pytest.raises(Unavailable, match="no usable database"):
        await engine.start()
    path.unlink()
    await engine.start()
    await engine.stop()


async def test_an_engine_that_does_not_run_says_so(tmp_path: Path) -> None:
    engine = DbosEngine(f"sqlite:///{tmp_path}/houston.sqlite")

    for call in (engine.run("f", "op-1", None), engine.send("op-1", "m", "k"), engine.active()):
        with pytest.raises(Unavailable, match="not running"):
            await call
