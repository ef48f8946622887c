"""`houston lab`, `houston demo` and its tour: Houston in a simulated world, on real sockets."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
import yaml

from bot.app import App
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.configured import target
from bot.connect import connect
from bot.doorway import message, operator, readable
from bot.lab import Lab, lab, somewhere
from bot.logs import set_up
from bot.policy import Policy
from bot.ports.chat import Message
from bot.ports.store import Record, State
from bot.report_tour import ReportTour
from bot.settings import Settings, load
from bot.version import Version

DEMO_SPEED = 4.0
TOUR_SPEED = 20.0
_PATIENCE = timedelta(minutes=3)
_LOOK = 0.1
_SERVING = 5.0


async def serve(config_out: Path, *, repo: Path | None, scenario: str, speed: float) -> None:
    """Start only the servers, write the configuration, print one JSON line, and wait."""
    async with (
        somewhere() as directory,
        lab(directory=directory, repo=repo, scenario=scenario, speed=speed) as running,
    ):
        running.config["store"]["url"] = f"sqlite:///{config_out.resolve().parent}/houston.sqlite"
        running.write(config_out)
        ready = {
            "config": str(config_out),
            "endpoints": running.endpoints,
            "credentials": running.credentials(),
        }
        click.echo(json.dumps(ready))
        await asyncio.Event().wait()


async def demo(*, port: int, repo: Path | None, scenario: str, speed: float) -> None:
    """The servers, Houston, and the chat page, until interrupted."""
    async with (
        somewhere() as directory,
        lab(directory=directory, repo=repo, scenario=scenario, speed=speed, port=port) as running,
    ):
        running.config["console"] = {"port": port and port + 1}
        settings = _settings(running, directory)
        async with connect(settings) as ports:
            app = build(settings, ports, SystemClock())
            await app.start()
            click.echo(f"Houston is in #ops. Open {running.endpoints['chat']} and type !help")
            click.echo("Ana asks, Bo and Dee approve; Cleo is not on call, Vic is in no roster.")
            await _tell_console(app, running)
            click.echo("Ctrl-C ends it; nothing is kept.")
            try:
                await asyncio.Event().wait()
            finally:
                await app.stop()


async def _tell_console(app: App, running: Lab) -> None:
    """Where the second door is, and how to come in; nothing when its port is taken."""
    for _ in range(round(_SERVING / _LOOK)):
        if app.console and app.console.url:
            click.echo(f"For when chat is away there is a console: {app.console.url}")
            for name in ("Ana Ferreira", "Bo Lindqvist", "Dee Okafor"):
                click.echo(f"  {name}: {running.operators[name]}")
            return
        await asyncio.sleep(_LOOK)


async def tour(
    *, of: str, repo: Path | None, scenario: str, speed: float, keep: Path | None
) -> int:
    """Play one of `TOURS` without a person. Gives 0 only when the world ended as it should.

    The git remote and the store go away at the end, or stay in the directory `keep`.
    """
    async with (
        somewhere(keep) as directory,
        lab(directory=directory, repo=repo, scenario=scenario, speed=speed) as running,
    ):
        settings = _settings(running, directory)
        async with connect(settings) as ports:
            app = build(settings, ports, SystemClock())
            await app.start()
            try:
                async with asyncio.timeout(_PATIENCE.total_seconds()):
                    return await TOURS[of](running, app, settings).fly()
            except TimeoutError:
                click.echo(f"The tour did not end within {_PATIENCE}.")
                return 1
            finally:
                await app.stop()


def _settings(running: Lab, directory: Path) -> Settings:
    path = directory / "houston.yaml"
    running.write(path)
    settings = load(path)
    set_up(settings, level=logging.ERROR)
    return settings


@dataclass(frozen=True)
class Before:
    """The world before the tour."""

    commits: list[str]
    values: bytes
    tag: str


class Tour:
    """Ana asks for the next version, Bo approves, and the end is compared with what it must be."""

    def __init__(self, running: Lab, app: App, settings: Settings) -> None:
        self._world = running.world
        self._app = app
        self._values = target(settings).values
        self._target = target(settings)
        self._person = operator(Policy(settings.policy), settings.door.operator)

    async def fly(self) -> int:
        """Gives the exit status."""
        before = self._before()
        wanted = self._next(before.tag)
        if not self._world.chat.up:
            await self._start()
        while not self._app.listener.linked:
            await asyncio.sleep(_LOOK)
        asked = self._world.chat.say("uAna", f"!upgrade {wanted}")
        self._tell("ana", asked.text)
        record = await self._until(asked.id, State.WAITING, State.REFUSED, State.FAILED)
        if not record.state.final:
            await self._seeded(record)
            self._tell("houston", self._text(record.approval))
            self._world.chat.react("uBo", record.approval, ":white_check_mark:")
            self._tell("bo", "reacts ✔")
            record = await self._until(asked.id, *(state for state in State if state.final))
        await self._said(record)
        self._tell("houston", self._text(record.card))
        return self._judge(before, wanted, record)

    async def _start(self) -> None:
        """Chat is off with its cluster: start that from beside Houston."""
        said = message(self._person, "!cluster start", SystemClock())
        self._tell("houston exec", said.text)
        await self._app.store.ledger.submit(said)
        await self._until(said.id, *(state for state in State if state.final))
        for out in await self._app.store.outbox.thread(said.id):
            self._tell("houston", readable(out.post.text))

    def _before(self) -> Before:
        values = self._world.remote.read(self._values)
        tag = str(yaml.safe_load(values)["image"]["tag"])
        return Before(self._world.remote.commits(), values, tag)

    def _next(self, current: str) -> str:
        """The version after the current one within its major, or the current one's next major."""
        now = Version.read(current)
        later = [v for v in map(Version.read, self._world.cluster.releases) if now < v]
        same = [version for version in later if version.major == now.major]
        return str(max(same or later, key=lambda version: version.parts))

    async def _until(self, message_id: str, *states: State) -> Record:
        while True:
            record = await self._app.store.operations.get(f"op-{message_id}")
            if record and record.state in states:
                return record
            await asyncio.sleep(_LOOK)

    async def _seeded(self, record: Record) -> None:
        while True:
            found = self._find(record.approval)
            if found and len(found.reactions) > 2:
                return
            await asyncio.sleep(_LOOK)

    async def _said(self, record: Record) -> None:
        """Wait until the chat shows the end of the operation."""
        while await self._app.store.outbox.pending():
            await asyncio.sleep(_LOOK)
        while not self._find(record.card):
            await asyncio.sleep(_LOOK)

    def _find(self, message_id: str) -> Message | None:
        return next((m for m in self._world.chat.messages("ops") if m.id == message_id), None)

    def _text(self, message_id: str) -> str:
        found = self._find(message_id)
        return readable(found.text) if found else "(nothing)"

    def _tell(self, who: str, text: str) -> None:
        click.echo(f"\n{who}> " + text.replace("\n", "\n     "))

    def _judge(self, before: Before, wanted: str, record: Record) -> int:
        after = self._world.remote.read(self._values)
        findings = self._findings(before, after, wanted, record)
        click.echo("")
        for text, holds in findings:
            click.echo(f"{'✔' if holds else '✘'} {text}")
        return 0 if all(holds for _, holds in findings) else 1

    def _findings(
        self, before: Before, after: bytes, wanted: str, record: Record
    ) -> list[tuple[str, bool]]:
        new = len(self._world.remote.commits()) - len(before.commits)
        old_lines, new_lines = before.values.split(b"\n"), after.split(b"\n")
        differing = [(a, b) for a, b in zip(old_lines, new_lines, strict=False) if a != b]
        one_line = len(old_lines) == len(new_lines) and len(differing) == 1
        exact = one_line and differing[0][1] == differing[0][0].replace(
            before.tag.encode(), wanted.encode(), 1
        )
        # One of Argo CD's own may be over between Houston's look and what it asks for.
        syncs = [
            run for run in self._world.cluster.syncs if self._world.remote.head() in run.revisions
        ]
        asked = sum(not run.automated for run in syncs)
        return [
            (f"the operation ended {record.state}", record.state is State.SUCCEEDED),
            (f"the remote gained {new} commit", new == 1),
            (f"{self._values} changed in {len(differing)} line, only in its version", exact),
            ("Argo CD synced that commit", bool(syncs)),
            (f"Houston asked for {asked} sync of it", asked <= 1),
            (
                f"Rocket.Chat says {self._world.chat.version}",
                self._world.chat.version == wanted,
            ),
        ]


TOURS: dict[str, type[Tour] | type[ReportTour]] = {"upgrade": Tour, "reports": ReportTour}
"""Every tour by the word behind `--tour`."""
