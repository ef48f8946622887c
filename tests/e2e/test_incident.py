"""The guide's MongoDB incident over real sockets: named, recovered by an approved run, verified."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.sim.scenarios_pods import SCRIPTS
from bot.app import App
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.connect import connect
from bot.doorway import readable
from bot.lab import Lab, lab
from bot.ports.store import Record, State
from bot.settings import load

pytestmark = [pytest.mark.slow]

SPEED = 20.0
PATIENCE = 90


async def until(app: App, running: Lab, asked: str, *states: State) -> Record:
    async with asyncio.timeout(PATIENCE):
        while True:
            record = await app.store.operations.get(f"op-{asked}")
            if record and record.state in states:
                return record
            await running.world.pause(1.0)


async def said(running: Lab, below: str) -> str:
    """Houston's first answer below a message."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for message in running.world.chat.messages("ops"):
                if message.thread == below and message.author.id == "uHouston":
                    return readable(message.text)
            await running.world.pause(1.0)


async def seeded(running: Lab, approval: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(
            m.id == approval and len(m.reactions) > 2 for m in running.world.chat.messages("ops")
        ):
            await running.world.pause(1.0)


@pytest.mark.timeout(300)
async def test_the_incident_is_named_and_recovered(tmp_path: Path) -> None:
    async with lab(directory=tmp_path, scenario="mongo_missing_configmap", speed=SPEED) as running:
        config = tmp_path / "houston.yaml"
        running.write(config)
        settings = load(config)
        async with connect(settings) as ports:
            app = build(settings, ports, SystemClock())
            await app.start()
            try:
                await flown(running, app)
            finally:
                await app.stop()


async def flown(running: Lab, app: App) -> None:
    chat, cluster = running.world.chat, running.world.cluster
    while not app.listener.linked:
        await running.world.pause(1.0)
    asked = chat.say("uAna", "!diagnose")
    assert f"ConfigMap {SCRIPTS} is missing" in (await said(running, asked.id)).split("\n")[0]
    before = running.world.remote.commits()
    wanted = chat.say("uAna", "!mongo recover")
    record = await until(app, running, wanted.id, State.WAITING, State.REFUSED, State.FAILED)
    assert record.state is State.WAITING
    await seeded(running, record.approval)
    chat.react("uBo", record.approval, ":white_check_mark:")
    record = await until(app, running, wanted.id, *(state for state in State if state.final))

    assert record.state is State.SUCCEEDED
    assert running.world.remote.commits()[1:] == before
    assert cluster.objects.kept("configmaps", cluster.namespace, SCRIPTS) is not None
    assert all(deployment.ready for deployment in cluster.deployments.values())
    asked = chat.say("uAna", "!mongo status")
    assert "MongoDB is well" in await said(running, asked.id)
