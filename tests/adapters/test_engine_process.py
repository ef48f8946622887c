"""What the engine says of a journal it cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.engine import DbosEngine
from bot.errors import Unavailable


async def test_a_journal_that_is_no_database_is_unavailable_and_let_go(tmp_path: Path) -> None:
    path = tmp_path / "houston.sqlite"
    path.write_bytes(b"this is no database, only a file with text in it" * 100)
    engine = DbosEngine(f"sqlite:///{path}")

    with pytest.raises(Unavailable, match="is damaged: file is not"):
        await engine.start()
    path.unlink()
    await engine.start()
    await engine.stop()


async def test_an_engine_that_does_not_run_says_so(tmp_path: Path) -> None:
    engine = DbosEngine(f"sqlite:///{tmp_path}/houston.sqlite")

    for call in (engine.run("f", "op-1", None), engine.send("op-1", "m", "k"), engine.active()):
        with pytest.raises(Unavailable, match="not running"):
            await call
