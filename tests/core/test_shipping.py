"""The audit trail arrives elsewhere whole and in order, across restarts and failing sinks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.store import SqlStore
from bot.chain import flaws, parsed
from bot.clock import Clock
from bot.redact import Redactor
from bot.shipping import Shipper, sink
from bot.trail import Trail


class Noon(Clock):
    def now(self) -> datetime:
        return datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    made = SqlStore("sqlite://")
    await made.open()
    yield made
    await made.close()


async def noted(store: SqlStore, count: int) -> Trail:
    trail = Trail(store.audit, Noon(), Redactor())
    for number in range(count):
        await trail.note("uAna", "command.answered", detail={"line": f"!ops {number}"})
    return trail


async def test_a_file_holds_the_whole_chain_after_a_restart(
    store: SqlStore, tmp_path: Path
) -> None:
    where = tmp_path / "audit.jsonl"
    for _ in range(2):
        trail = await noted(store, 3)
        await Shipper(store, trail, sink(str(where))).ship()
    shipped = [parsed(text) for text in where.read_text().splitlines()]

    assert len(shipped) == 6
    assert flaws(shipped, await store.audit.head()) == []


async def test_standard_output_gets_the_lines(
    store: SqlStore, capsys: pytest.CaptureFixture[str]
) -> None:
    await Shipper(store, await noted(store, 2), sink("stdout")).ship()

    assert [parsed(text).number for text in capsys.readouterr().out.splitlines()] == [1, 2]


async def test_a_line_that_a_crash_cut_off_does_not_swallow_the_next(
    store: SqlStore, tmp_path: Path
) -> None:
    where = tmp_path / "audit.jsonl"
    where.write_text('{"number": 1, "ent')
    await Shipper(store, await noted(store, 1), sink(str(where))).ship()

    assert parsed(where.read_text().splitlines()[1]).number == 1


@pytest.mark.looptime
async def test_a_sink_that_fails_is_tried_again_and_nothing_is_left_out(store: SqlStore) -> None:
    taken: list[str] = []
    failures = 2
    arrived, loop = asyncio.Event(), asyncio.get_running_loop()

    def to(text: str) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise OSError("disk full")
        taken.append(text)
        loop.call_soon_threadsafe(arrived.set)

    task = asyncio.create_task(Shipper(store, await noted(store, 2), to).run())
    await asyncio.wait_for(arrived.wait(), 60)
    task.cancel()

    assert [parsed(text).number for text in "".join(taken).splitlines()] == [1, 2]
