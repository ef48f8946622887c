"""The chat server goes away in the middle of an operation, and comes back sooner or later."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.lab import Lab
from tests.e2e.crashes import KILLED, Process, Story, finals, houston, listening, replies

pytestmark = [pytest.mark.slow]

SPEED = 600
"""Simulated seconds in one: an hour without chat takes six."""


async def committed(running: Lab, story: Story) -> None:
    async with asyncio.timeout(30):
        while not story.committed():
            await running.world.pause(1)


async def gone_in_the_middle(
    running: Lab, process: Process, gone: timedelta, *, killed: bool
) -> Story:
    """Chat goes when the commit is there, and maybe Houston too; gives the finished story."""
    await process.start()
    await listening(running)
    story = Story(running)
    ending = asyncio.create_task(story.finished())
    await committed(running, story)
    running.world.chat.set_up(False)
    if killed:
        await process.kill(1, "before")
        assert await process.ended() == KILLED
        await process.start()
    await running.world.pause(gone.total_seconds())
    assert not finals(running, story.said)
    running.world.chat.set_up(True)
    await ending
    await listening(running)
    await process.stop()
    assert await process.ended() == 0
    return story


@pytest.mark.parametrize("killed", [False, True], ids=["alone", "with houston killed"])
@pytest.mark.parametrize("minutes", [0, 5, 60])
async def test_chat_is_gone_in_the_middle_and_the_same_card_ends(
    running: Lab, tmp_path: Path, minutes: int, killed: bool
) -> None:
    running.world.speed = SPEED
    async with houston(running, tmp_path) as process:
        gone = timedelta(minutes=minutes)
        story = await gone_in_the_middle(running, process, gone, killed=killed)

    story.once(f"chat gone for {minutes} min")


async def test_told_to_stop_amid_work_it_stops_in_five_seconds_and_loses_nothing(
    running: Lab, tmp_path: Path
) -> None:
    """An operation runs, its card waits for a chat that is away, and commands were just taken."""
    loop = asyncio.get_running_loop()
    async with houston(running, tmp_path) as process:
        await process.start()
        await listening(running)
        story = Story(running)
        ending = asyncio.create_task(story.finished())
        await committed(running, story)
        said = [running.world.chat.say("uBo", "!status") for _ in range(10)]
        running.world.chat.set_up(False)
        began = loop.time()
        await process.stop()
        assert await process.ended() == 0
        took = loop.time() - began
        running.world.chat.set_up(True)
        await process.start()
        await ending
        await listening(running)
        await process.stop()
        assert await process.ended() == 0

    assert took < 5
    story.once("stopped amid work")
    assert [len(replies(running, one)) for one in said] == [1] * 10
