"""The loopback server on which every bot is measured, and what is seen of the bot there."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from adapters.sim.directory import HOUSTON
from adapters.sim.document import Changed, Told, User
from bot.lab import Lab, lab
from tests.bench.subjects import Subject

PEOPLE = 400
SLOW_SECONDS = 3.0
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")
_STOP_SECONDS = 15.0


class Stage:
    """One bot on a chat server of its own: what it is told, what it answers, what it costs."""

    def __init__(self, lab: Lab, process: asyncio.subprocess.Process, began: float) -> None:
        self._lab = lab
        self._process = process
        self.began = began
        self.chat = lab.world.chat
        self.answers: Counter[str] = Counter()
        self.last = 0.0
        self._seen: set[str] = set()
        self._came = asyncio.Event()
        self._next = 0
        self.listen()

    def listen(self) -> None:
        """Look at what the bot says; to be done again after the server was away."""
        self.chat.listen("uAna", self._hear)

    def person(self) -> str:
        """Somebody who has not asked anything yet."""
        self._next += 1
        return name(self._next)

    def ask(self, username: str, line: str = "!whoami") -> None:
        """Say the line as this person."""
        self.chat.say(f"u{username}", line)

    async def answered(self, wanted: Counter[str], silence: float) -> bool:
        """Whether everybody got that many answers, before nothing came for `silence` seconds."""
        with suppress(TimeoutError):
            while wanted - self.answers:
                self._came.clear()
                async with asyncio.timeout(silence):
                    await self._came.wait()
        return not wanted - self.answers

    def alive(self) -> bool:
        return self._process.returncode is None

    def memory(self) -> float:
        """Resident megabytes of the bot and its children."""
        pages = (int(_read(pid, "statm").split()[1]) for pid in self._family())
        return sum(pages) * _PAGE / 1e6

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        total = 0
        for pid in self._family():
            fields = _read(pid, "stat").rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / _TICK

    def _family(self) -> list[int]:
        found = [self._process.pid]
        for pid in found:
            with suppress(OSError):
                found += [int(child) for child in _read(pid, f"task/{pid}/children").split()]
        return found

    def _hear(self, told: Told) -> None:
        """Count the first sight of each message of the bot for whom it names."""
        if not isinstance(told, Changed) or told.document.author.id != HOUSTON:
            return
        document = told.document
        if document.id in self._seen or document.system:
            return
        self._seen.add(document.id)
        for word in document.text.replace(",", " ").replace("*", " ").split():
            if word.startswith("bench"):
                self.answers[word] += 1
                self.last = time.perf_counter()
                self._came.set()
                return


@asynccontextmanager
async def staged(
    subject: Subject, directory: Path, *, rooms: Sequence[str] = ()
) -> AsyncIterator[Stage]:
    """The server and the bot; both end with the context. Houston hears these rooms beside #ops.

    Raises NotInstalled.
    """
    await subject.install()
    async with lab(directory=directory, speed=1.0) as running:
        running.world.latency = 0.0
        for number in range(1, PEOPLE + 1):
            running.world.chat.add_user(User(f"u{name(number)}", name(number), name(number)))
            running.world.chat.people.join(f"u{name(number)}", "ops")
        running.config.pop("pace")
        for room in rooms:
            running.world.chat.add_room(room)
        running.config["chat"]["rooms"] = ["ops", *rooms]
        running.config["chat"] |= {"per_room": 100_000, "per_person": 100_000}
        config = directory / "houston.yaml"
        running.write(config)
        told = {
            "url": running.endpoints["chat"],
            "user": HOUSTON,
            "token": running.world.chat.token(HOUSTON),
            "room": running.world.chat.people.place("ops").id,
            "room_name": "ops",
            "slow": str(SLOW_SECONDS),
            "port": str(_free_port()),
            "config": str(config),
        }
        began = time.perf_counter()
        process = await subject.start(told, directory / "bot")
        try:
            yield Stage(running, process, began)
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def name(number: int) -> str:
    return f"bench{number:04d}"


def _read(pid: int, what: str) -> str:
    return Path(f"/proc/{pid}/{what}").read_text("ascii", "replace")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
