"""Who is measured: the floor, Houston, and other chat bots on the same server.

A peer is installed below `.bench/` from the package indexes that pip and npm are configured for;
one that cannot be installed is left out, and the table says why.
"""

from __future__ import annotations

import asyncio
import os
import string
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[2]
HOME = ROOT / ".bench"
_INSTALL_SECONDS = 300.0
_TAIL = 300


class NotInstalled(Exception):
    """Why a peer is not here."""


@dataclass(frozen=True)
class Subject:
    """How to install and start one bot.

    `compiled` are folders of this repository whose bytecode is made, as pip makes that of what it
    installs.
    `command` and the values of `environment` may name `{home}` (where it is installed), `{peers}`,
    `{config}` (a configuration of Houston), and what `Stage.told` gives. `python` and `node` are
    the packages it needs of each index, `version` what prints its version.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    python: Sequence[str] = ()
    compiled: Sequence[str] = ()
    node: str = ""
    template: str = ""
    note: str = ""

    @property
    def home(self) -> Path:
        return HOME / self.name.lower()

    async def install(self) -> None:
        """Once. Raises NotInstalled."""
        if self.compiled:
            folders = (str(ROOT / folder) for folder in self.compiled)
            await _run(sys.executable, "-m", "compileall", "-q", *folders)
        ready = self.home / "installed"
        if ready.exists() or not (self.python or self.node):
            return
        self.home.mkdir(parents=True, exist_ok=True)
        if self.python:
            await _run(sys.executable, "-m", "venv", str(self.home / "venv"))
            pip = str(self.home / "venv/bin/pip")
            await _run(pip, "install", "--quiet", *self.python)
        if self.node:
            (self.home / "package.json").write_bytes((PEERS / self.node).read_bytes())
            await _run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(self.home))
        ready.touch()

    async def start(self, told: Mapping[str, str], directory: Path) -> asyncio.subprocess.Process:
        """Run it in a directory of its own; what it prints goes to `log` in there."""
        directory.mkdir()
        names = {"home": str(self.home), "peers": str(PEERS), "here": str(directory), **told}
        if self.template:
            template = PEERS / self.template
            made = string.Template(template.read_text("utf-8")).substitute(names)
            (directory / template.name).write_text(made, "utf-8")
        given = {key: value.format(**names) for key, value in self.environment.items()}
        with (directory / "log").open("wb") as log:
            return await asyncio.create_subprocess_exec(
                *(part.format(**names) for part in self.command),
                cwd=directory if self.home.exists() else ROOT,
                env=os.environ
                | {f"BENCH_{name.upper()}": text for name, text in told.items()}
                | given,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


async def _run(*command: str) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except FileNotFoundError:
        raise NotInstalled(f"there is no {command[0]}") from None
    try:
        async with asyncio.timeout(_INSTALL_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        raise NotInstalled(f"{command[0]} took more than {_INSTALL_SECONDS:.0f} s") from None
    if process.returncode:
        raise NotInstalled(said.decode(errors="replace").strip()[-_TAIL:])


FLOOR = Subject(
    "Floor",
    (sys.executable, "-m", "tests.bench.peers.floor"),
    compiled=("tests/bench/peers",),
    note="the barest aiohttp client; keeps nothing",
)
HOUSTON = Subject(
    "Houston",
    (sys.executable, "-m", "tests.bench.peers.houston", "run", "--config", "{config}"),
    compiled=("adapters", "bot", "commands", "tests/bench/peers"),
    note="durable: ledger, outbox, audit trail on SQLite, each commit flushed to the disk",
)
OTHERS = (
    Subject(
        "Errbot",
        ("{home}/venv/bin/errbot", "-c", "{peers}/errbot/config.py"),
        {"BENCH_DATA": "{here}"},
        python=("errbot==6.2.1", "setuptools<81", "websocket-client==1.8.0"),
        note="6.2.1; the backend in tests/bench/peers, for it has none that is maintained",
    ),
    Subject(
        "opsdroid",
        ("{home}/venv/bin/opsdroid", "start", "-f", "configuration.yaml"),
        template="opsdroid/configuration.yaml",
        python=("opsdroid==0.31.0", "setuptools<81"),
        note="0.31.0 with its own connector, which asks once a second; without its broken schema",
    ),
    Subject(
        "Hubot",
        (
            "{home}/node_modules/.bin/hubot",
            "-a",
            "rocketchat",
            "-n",
            "houston",
            "-r",
            "{peers}/hubot",
        ),
        {
            "ROCKETCHAT_URL": "{url}",
            "ROCKETCHAT_ROOM": "{room_name}",
            "ROCKETCHAT_USER": "houston",
            "ROCKETCHAT_PASSWORD": "{token}",
            "HUBOT_LOG_LEVEL": "error",
            "PORT": "{port}",
            "NODE_PATH": "{home}/node_modules",
            "PATH": "{home}/node_modules/.bin:" + os.environ["PATH"],
        },
        node="hubot/package.json",
        note="3.5.0 with hubot-rocketchat 2.0.0",
    ),
)
