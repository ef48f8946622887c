"""The tour of the reports: each is asked for in the demo's chat, and looked at."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import click

from bot.app import App
from bot.doorway import readable
from bot.lab import Lab
from bot.ports.chat import Message
from bot.settings import Settings

REPORTS = {
    "!report daily": (1, ("look at",)),
    "!report jobs": (1, ("CronJobs need attention", "k3s-image-prune", "aks-stale-pod-cleanup")),
    "!report labels": (1, ("labels are on",)),
    "!report weekly": (
        4,
        ("The week to", "operations in the week", "7 of 9 pinned versions behind"),
    ),
}
"""Each report: how many files it has, and words that must stand in it."""
_LOOK = 0.1


class ReportTour:
    """Ana asks for every report, of a cluster that is on in the evenings of weekdays only."""

    def __init__(self, running: Lab, app: App, settings: Settings | None = None) -> None:
        del settings  # as the other tours are made
        self._world = running.world
        self._app = app

    async def fly(self) -> int:
        """Gives the exit status."""
        self.evenings()
        while not self._app.listener.linked:
            await asyncio.sleep(_LOOK)
        findings: list[tuple[str, bool]] = []
        for line, (count, words) in REPORTS.items():
            answers = await self._ask(line)
            text = readable(answers[0].text)
            click.echo(f"\nana> {line}\n\nhouston> " + text.replace("\n", "\n     "))
            files = [name for answer in answers for name in answer.files]
            findings.append((f"{line} was answered", all(word in text for word in words)))
            findings.append((f"{line} shows {', '.join(files) or 'no file'}", len(files) == count))
        click.echo("")
        for text, holds in findings:
            click.echo(f"{'✔' if holds else '✘'} {text}")
        return 0 if all(holds for _, holds in findings) else 1

    def evenings(self) -> None:
        """The guide's hours; nothing stops the cluster while the tour goes on."""
        world = self._world
        world.runbooks.schedule("16:00", "23:00")
        world.runbooks.ties.clear()
        world.cluster.controllers.jobs.caught_up(world.clock.now() - timedelta(hours=1))

    async def _ask(self, line: str) -> list[Message]:
        """The answer, and the messages with its files once all of them are there."""
        asked = self._world.chat.say("uAna", line)
        while not self._below(asked) or await self._app.store.outbox.pending():
            await asyncio.sleep(_LOOK)
        return self._below(asked)

    def _below(self, asked: Message) -> list[Message]:
        return [each for each in self._world.chat.messages("ops") if each.thread == asked.id]
