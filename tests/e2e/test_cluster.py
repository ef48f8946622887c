"""The cluster commands over real sockets: sign-in, Azure, chat and Kubernetes as servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.sim.runbooks import START, STOP_RUNBOOK
from bot.app import App
from bot.bootstrap import build
from bot.check import check
from bot.clock import SystemClock
from bot.connect import account, connect
from bot.doorway import message, operator, readable
from bot.lab import Lab
from bot.policy import Policy
from bot.ports.store import Record, State
from bot.settings import Settings, load

pytestmark = [pytest.mark.slow]


@dataclass
class Flown:
    """Houston on real adapters, and the lab it is in."""

    lab: Lab
    app: App
    settings: Settings

    async def when(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not true():  # noqa: ASYNC110  # the world tells nobody
                await asyncio.sleep(0.05)

    async def ask(self, line: str) -> str:
        said = self.lab.world.chat.say("uAna", line)
        found: list[str] = []

        def answered() -> bool:
            found[:] = [
                readable(m.text)
                for m in self.lab.world.chat.messages("ops")
                if m.thread == said.id and m.author.id == "uHouston"
            ]
            return bool(found)

        await self.when(answered)
        return found[0]

    async def operation(self, message_id: str, *states: State) -> Record:
        async with asyncio.timeout(90):
            while True:
                record = await self.app.store.operations.get(f"op-{message_id}")
                if record and record.state in states:
                    return record
                await asyncio.sleep(0.1)

    async def approved(self, line: str) -> Record:
        """Ana asks, Bo and Dee approve; gives the end."""
        said = self.lab.world.chat.say("uAna", line)
        record = await self.operation(said.id, State.WAITING)
        chat = self.lab.world.chat
        await self.when(
            lambda: any(
                m.id == record.approval and len(m.reactions) > 2 for m in chat.messages("ops")
            )
        )
        for person in ("uBo", "uDee"):
            chat.react(person, record.approval, ":white_check_mark:")
        return await self.operation(said.id, *(state for state in State if state.final))


@pytest.fixture
async def flown(running: Lab, tmp_path: Path) -> AsyncIterator[Flown]:
    running.world.speed = 40
    config = tmp_path / "houston.yaml"
    running.write(config)
    settings = load(config)
    async with connect(settings) as ports:
        app = build(settings, ports, SystemClock())
        await app.start()
        made = Flown(running, app, settings)
        await made.when(lambda: app.listener.linked)
        yield made
        await app.stop()


async def test_what_is_read_comes_from_azure(flown: Flown) -> None:
    status, schedule, cost = [
        await flown.ask(f"!cluster {word}") for word in ("status", "schedule", "cost")
    ]

    assert "aks-fernhill is up until" in status.splitlines()[0]
    assert "2 × Standard_B4ms" in status
    assert "aks-fernhill runs" in schedule.splitlines()[0]
    assert "daily (Europe/London)" in schedule
    assert "Budget GBP 100" in cost or "No costs are known" in cost


async def test_the_hours_are_moved_in_azure(flown: Flown) -> None:
    before = flown.lab.world.runbooks.timers[START].start
    record = await flown.approved("!cluster schedule start 03:15")

    after = flown.lab.world.runbooks.timers[START].start
    assert record.state is State.SUCCEEDED
    assert after != before
    assert after.minute == 15


async def test_a_stop_takes_chat_away_and_a_start_from_the_console_brings_it_back(
    flown: Flown,
) -> None:
    world = flown.lab.world
    record = await flown.approved("!cluster stop")
    assert record.state is State.SUCCEEDED
    assert not world.chat.up
    assert [task.runbook for task in world.runbooks.tasks.values()] == [STOP_RUNBOOK]

    person = operator(Policy(flown.settings.policy), "Ana Ferreira")
    said = message(person, "!cluster start", SystemClock())
    await flown.app.store.ledger.submit(said)
    started = await flown.operation(said.id, *(state for state in State if state.final))
    assert started.state is State.SUCCEEDED, started.detail
    await flown.when(lambda: world.chat.up and flown.app.listener.linked)
    await flown.when(lambda: any(m.id == record.card for m in world.chat.messages("ops")))


async def test_an_expired_secret_is_said_with_its_number_and_without_it(flown: Flown) -> None:
    flown.lab.world.power.sign_in_error = "AADSTS7000222"
    answer = await flown.ask("!cluster status")

    assert "the client secret has expired (AADSTS7000222)" in answer
    assert flown.lab.config["azure"]["client_secret"] not in answer


async def test_check_has_a_line_for_azure_and_one_for_a_lost_link(flown: Flown) -> None:
    async with connect(flown.settings) as ports:
        good = await check(flown.settings, ports, account)
        flown.lab.world.runbooks.ties.clear()
        bad = await check(flown.settings, ports, account)

    line = next(one for one in good if one.system == "Azure")
    assert line.ok
    assert "aks-fernhill is Running, Succeeded, 1.32.4" in line.text
    line = next(one for one in bad if one.system == "Azure")
    assert not line.ok
    assert "does not run" in line.text
