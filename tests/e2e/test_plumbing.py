"""The plumbing proved over real sockets: secrets, metrics, traces, dashboard, alerts, guide."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import App
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.connect import connect
from bot.lab import Lab, lab
from bot.ports.store import State
from bot.settings import load
from tests.e2e.test_incident import said, seeded, until

pytestmark = [pytest.mark.slow]

SPEED = 20.0


@pytest.mark.timeout(300)
async def test_every_part_of_the_plumbing_is_proved_over_sockets(tmp_path: Path) -> None:
    async with lab(directory=tmp_path, speed=SPEED) as running:
        config = tmp_path / "houston.yaml"
        running.write(config)
        settings = load(config)
        async with connect(settings) as ports:
            app = build(settings, ports, SystemClock())
            await app.start()
            try:
                while not app.listener.linked:
                    await running.world.pause(1.0)
                await looked_at(running)
                await changed(running, app)
            finally:
                await app.stop()


async def looked_at(running: Lab) -> None:
    chat = running.world.chat
    for line, answer in (
        ("!secrets", "✔"),
        ("!secrets bootstrap", "Secrets come from the Key Vault, all five steps hold"),
        ("!metrics check", "Rocket.Chat's metrics reach the dashboard"),
        ("!guide check", "claims of OPERATIONS.md do not hold"),
        ("!metrics correct tenant_id", "is already aks-fernhill"),
    ):
        asked = chat.say("uAna", line)
        assert answer in (await said(running, asked.id)).replace("\\", ""), line


async def changed(running: Lab, app: App) -> None:
    chat, world = running.world.chat, running.world
    for line in ("!dashboard import", "!alerts recommend", "!trace test", "!metrics restart-agent"):
        wanted = chat.say("uAna", line)
        record = await until(app, running, wanted.id, State.WAITING, State.REFUSED, State.FAILED)
        assert record.state is State.WAITING, line
        await seeded(running, record.approval)
        chat.react("uBo", record.approval, ":white_check_mark:")
        record = await until(app, running, wanted.id, *(state for state in State if state.final))
        assert record.state is State.SUCCEEDED, (line, record.detail.get("outcome"))
    assert set(world.panels.boards) == {"fernhill-jobs"}
    assert len(world.panels.rules) == 4
    assert b"name: tracegen-2026-11-02-01" not in world.remote.read("ops/manifests/tracegen.yaml")
