"""What the tests of crashes and outages share: the real process, a vote, and what must be true."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.lab import HOUSTON, Lab
from bot.ports.chat import Message

ROOT = Path(__file__).parents[2]
ENDS = ("succeeded", "failed", "refused", "expired", "cancelled")
KILLED = -9
_LOOK = 0.02


class Process:
    """The program that runs Houston in forks of itself."""

    def __init__(self, process: asyncio.subprocess.Process, config: Path) -> None:
        self._process = process
        self._config = config

    async def start(self, version: str = "") -> None:
        """Begin a run, of this program or of one of another version."""
        await self._tell(f"start {self._config} {version}")
        assert await self._answer() == "started"

    async def kill(self, count: int, when: str, word: str = "") -> None:
        """Have the run die before or after that many more writes with a word; or freeze, or be told
        to stop, before."""
        await self._tell(f"kill {count} {when} {word}".rstrip())
        assert await self._answer() == "armed"

    async def thaw(self) -> None:
        """Let a frozen run go on."""
        await self._tell("thaw")

    async def stop(self) -> None:
        """Ask the run to end, by SIGTERM."""
        await self._tell("stop")

    async def ended(self) -> int:
        """The exit status of the run, once it ends."""
        return int(await self._answer())

    async def _answer(self) -> str:
        assert self._process.stdout
        return (await self._process.stdout.readline()).decode().strip()

    async def _tell(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()


@asynccontextmanager
async def houston(running: Lab, directory: Path, name: str = "houston") -> AsyncIterator[Process]:
    """A program that can run Houston, hurried, on this lab. Each has a name of its own."""
    config = directory / f"{name}.yaml"
    running.config["pace"] = {"poll": 0.05, "sweep": 0.5, "engine": 0.02}
    running.config["chat"]["edit_every"] = 0.2
    running.write(config)
    with (directory / f"{name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.e2e.crashing"),
            cwd=ROOT,
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


async def listening(running: Lab) -> None:
    """Until Houston answers something: then it is up, and hears the room."""
    said = running.world.chat.say("uAna", "!whoami")
    async with asyncio.timeout(30):
        while not replies(running, said):
            await asyncio.sleep(_LOOK)


def replies(running: Lab, said: Message) -> list[Message]:
    """Houston's messages below this one."""
    messages = running.world.chat.messages("ops")
    return [m for m in messages if m.thread == said.id and m.author.id == HOUSTON]


def finals(running: Lab, said: Message) -> list[str]:
    """The first lines of cards that report an end."""
    heads = [message.text.split("\n", 1)[0] for message in replies(running, said)]
    return [head for head in heads if any(f"· {end}*" in head for end in ENDS)]


async def finished(running: Lab, said: Message) -> None:
    """Bo approves as soon as he can, and again when his vote got lost; until chat shows the end."""
    async with asyncio.timeout(60):
        while not finals(running, said):
            for message in replies(running, said):
                names = message.reactions.get(":white_check_mark:", ())
                if running.world.chat.up and len(message.reactions) >= 3 and "bo" not in names:
                    running.world.chat.react("uBo", message.id, ":white_check_mark:")
            await asyncio.sleep(_LOOK)


class Story:
    """`!scale presence`, or another line, asked for and approved, whatever happens in between."""

    def __init__(self, running: Lab, line: str = "") -> None:
        self._running = running
        world = running.world
        self._commits, self._syncs = len(world.remote.commits()), len(world.cluster.syncs)
        wanted = 2 if b"presence:\r\n    replicas: 1" in world.remote.read("values.yaml") else 1
        self.said = world.chat.say("uAna", line or f"!scale presence {wanted}")

    async def finished(self) -> None:
        """Until chat shows the end."""
        await finished(self._running, self.said)

    def committed(self) -> bool:
        """Whether the remote has the change."""
        return len(self._running.world.remote.commits()) > self._commits

    def syncs(self) -> int:
        """How often Houston had Argo CD sync."""
        syncs = self._running.world.cluster.syncs[self._syncs :]
        return sum(not sync.automated for sync in syncs)

    def once(self, where: str) -> None:
        """Everything happened, and nothing happened twice."""
        world = self._running.world
        ends = finals(self._running, self.said)
        assert len(ends) == 1, where
        assert "succeeded" in ends[0], where
        assert len(world.remote.commits()) == self._commits + 1, where
        assert world.cluster.syncs[self._syncs :], where
        # Argo CD may sync by itself beside it; without that, this is exactly one.
        assert self.syncs() <= 1, where
        texts = [message.text for message in replies(self._running, self.said)]
        assert len(texts) == len(set(texts)), where
