"""The store of a whole Houston, its real engine's journal in it, fails amid an operation: it waits,
says why, and goes on by itself.

What is damaged is refused at the start: tests/core/test_backups.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.ports.store import State
from tests.e2e.golden import ASKED, approved, scene, until
from tests.faults.store import disk_full, impatient, locked

pytestmark = pytest.mark.slow

Harm = Callable[[Path], AbstractContextManager[None]]
_LOOK = 0.01


@pytest.mark.parametrize(
    ("harm", "reason"),
    [(locked, "database is locked"), (lambda path: disk_full(), "database or disk is full")],
    ids=["locked", "full"],
)
@pytest.mark.parametrize("at", ["git.push", "argocd.sync"])
async def test_an_operation_waits_for_its_store_and_goes_on(
    tmp_path: Path, harm: Harm, reason: str, at: str
) -> None:
    path = tmp_path / "houston.sqlite"
    with capture_logs() as logged, impatient(300):
        async with scene(path) as (world, app):
            await app.start()
            before = len(world.remote.commits())
            world.chat.say("uAna", "!scale presence 2", id=ASKED)
            await approved(world, await until(app, State.WAITING))
            await true(lambda: at in world.calls)
            with harm(path):
                await true(lambda: any(reason in str(line.get("why")) for line in logged))
                await asyncio.sleep(1)
                done = [*world.calls]
            ended = await until(app, *(state for state in State if state.final))
            events = [entry.event for entry in await app.store.audit.of(ended.id)]

    assert ended.state is State.SUCCEEDED
    assert len(world.remote.commits()) == before + 1
    assert len(world.cluster.syncs) == 1
    assert done.count("git.push") == 1
    assert events.count("operation.succeeded") == 1
    assert not [line for line in logged if line["event"] in {"flow.bug", "step.bug", "task.died"}]
    assert {**app.patience.waiting, **app.engine.waiting()} == {}


async def true(of: Callable[[], bool]) -> None:
    """Wait until it is."""
    async with asyncio.timeout(30):
        while not of():  # noqa: ASYNC110  # neither the world nor the log tells
            await asyncio.sleep(_LOOK)
