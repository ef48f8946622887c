"""Killed by SIGKILL before and after every durable write, the real process goes on and finishes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.lab import HOUSTON, Lab
from bot.ports.chat import Message

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CRASHING = Path(__file__).with_name("crashing.py")
ENDS = ("succeeded", "failed", "refused", "expired", "cancelled")
SHARES = 2
"""The sweep is cut in this many parts, to run side by side."""


class Process:
    """The program that runs Houston in forks of itself."""

    def __init__(self, process: asyncio.subprocess.Process, config: Path) -> None:
        self._process = process
        self._config = config

    async def start(self, count: int = 0, when: str = "before") -> None:
        await self._tell(f"{self._config} {count} {when}")

    async def ended(self) -> int:
        """How the run ended: -9 when it was killed."""
        await self._tell("wait")
        assert self._process.stdout
        return int(await self._process.stdout.readline())

    async def stop(self) -> None:
        await self._tell("stop")

    async def _tell(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()


@asynccontextmanager
async def houston(running: Lab, directory: Path) -> AsyncIterator[Process]:
    config = directory / "houston.yaml"
    running.config["pace"] = {"poll": 0.05, "sweep": 0.5, "engine": 0.02}
    running.config["chat"]["edit_every"] = 0.2
    running.write(config)
    with (directory / "houston.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(CRASHING),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    try:
        yield Process(process, config)
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()


def replies(running: Lab, said: Message) -> list[Message]:
    messages = running.world.chat.messages("ops")
    return [m for m in messages if m.thread == said.id and m.author.id == HOUSTON]


def finals(running: Lab, said: Message) -> list[str]:
    """The first lines of cards that report an end."""
    heads = [message.text.split("\n", 1)[0] for message in replies(running, said)]
    return [head for head in heads if any(f"· {end}*" in head for end in ENDS)]


async def vote(running: Lab, said: Message) -> None:
    """Bo approves as soon as he can, and again when his vote got lost."""
    while not finals(running, said):
        for message in replies(running, said):
            names = message.reactions.get(":white_check_mark:", ())
            if running.world.chat.up and len(message.reactions) >= 3 and "bo" not in names:
                running.world.chat.react("uBo", message.id, ":white_check_mark:")
        await asyncio.sleep(0.02)


async def finished(running: Lab, said: Message) -> None:
    async with asyncio.timeout(60):
        await vote(running, said)


async def one_crash(running: Lab, process: Process, count: int, when: str) -> bool:
    """Ask, kill at that write, start again, and look at the end. False when it was not killed."""
    world = running.world
    commits, syncs = len(world.remote.commits()), len(world.cluster.syncs)
    wanted = 2 if b"presence:\r\n    replicas: 1" in world.remote.read("values.yaml") else 1
    said = world.chat.say("uAna", f"!scale presence {wanted}")
    voting = asyncio.create_task(finished(running, said))
    await process.start(count, when)
    dying = asyncio.create_task(process.ended())
    await asyncio.wait({voting, dying}, return_when=asyncio.FIRST_COMPLETED)
    killed = dying.done()
    if killed:
        assert await dying == -9
        await process.start()
    await voting
    await process.stop()
    await (process.ended() if killed else dying)

    where = f"killed {when} write {count}"
    assert len(finals(running, said)) == 1, where
    assert "succeeded" in finals(running, said)[0], where
    assert len(world.remote.commits()) == commits + 1, where
    assert len(world.cluster.syncs) == syncs + 1, where
    texts = [message.text for message in replies(running, said)]
    assert len(texts) == len(set(texts)), where
    return killed


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_any_write_it_finishes_once(
    running: Lab, tmp_path: Path, when: str, share: int
) -> None:
    async with houston(running, tmp_path) as process:
        count, killed, crashes = 1 + share, True, 0
        while killed:
            killed = await one_crash(running, process, count, when)
            crashes += killed
            count += SHARES

    assert crashes > 10
