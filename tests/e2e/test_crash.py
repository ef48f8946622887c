"""Killed by SIGKILL before and after every durable write, the real process goes on and finishes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.lab import Lab
from tests.e2e.crashes import KILLED, Process, Story, houston, listening

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SHARES = 2
"""The sweep is cut in this many parts, to run side by side."""
BOOT = 12
"""More writes than a start makes before it listens."""


async def asked(
    running: Lab, process: Process, count: int, when: str, *, starting: bool = False
) -> bool:
    """Ask, kill at that write, start again, and look at the end. False when it was not killed.

    The run that is killed is one that listened already, or else one that starts after the asking.
    """
    running.world.cluster.automated = count % 4 < 2  # each of two neighbours, in each share
    story = Story(running)
    if starting:
        await process.start()
    await process.kill(count, when)
    ending = asyncio.create_task(story.finished())
    dying = asyncio.create_task(process.ended())
    await asyncio.wait({ending, dying}, return_when=asyncio.FIRST_COMPLETED)
    killed = dying.done()
    if killed:
        assert await dying == KILLED
        await process.start()
    await ending
    story.once(f"killed {when} write {count}")
    if not killed:
        await process.stop()
        assert await dying in {0, KILLED}, "its writes are counted while it stops, too"
    elif starting:
        await process.stop()
        assert await process.ended() == 0
    return killed


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_any_write_it_finishes_once(
    running: Lab, tmp_path: Path, when: str, share: int
) -> None:
    async with houston(running, tmp_path) as process:
        await process.start()
        count, killed, crashes = 1 + share, True, 0
        while killed:
            await listening(running)
            killed = await asked(running, process, count, when)
            crashes += killed
            count += SHARES

    assert crashes > 10


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_it_starts_it_finishes_once(
    running: Lab, tmp_path: Path, when: str
) -> None:
    async with houston(running, tmp_path) as process:
        crashes = 0
        for count in range(1, 1 + BOOT):
            crashes += await asked(running, process, count, when, starting=True)

    assert crashes == BOOT
