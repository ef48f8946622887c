"""The plumbing proved over real sockets: secrets, metrics, traces, dashboard, alerts, guide."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sim.scenarios_secrets import NAME
from bot.app import App
from bot.lab import Lab
from bot.ports.store import State
from tests.e2e.flying import flown, said, seeded, until

pytestmark = [pytest.mark.slow]


@pytest.mark.timeout(300)
async def test_every_part_of_the_plumbing_is_proved_over_sockets(tmp_path: Path) -> None:
    async with flown(tmp_path, "healthy") as (running, app):
        await looked_at(running)
        await changed(running, app, "!dashboard import", "!alerts recommend", "!trace test")
        await changed(running, app, "!metrics restart-agent")
        await ended(running, app, running.world.chat.say("uAna", f"!secrets refresh {NAME}").id)
        assert set(running.world.panels.boards) == {"fernhill-jobs"}
        assert len(running.world.panels.rules) == 4
        traced = running.world.remote.read("ops/manifests/tracegen.yaml")
        assert b"name: tracegen-2026-11-02-01" not in traced


@pytest.mark.parametrize(
    ("scenario", "line", "then", "answer"),
    [
        ("secret_changed", f"!secrets propagate {NAME}", "!secrets", "✔ 5 secrets are well"),
        ("agent_labels_wrong", "!metrics correct tenant_id", "!metrics check", "restart-agent"),
    ],
)
@pytest.mark.timeout(300)
async def test_what_is_broken_is_mended_over_sockets(
    tmp_path: Path, scenario: str, line: str, then: str, answer: str
) -> None:
    async with flown(tmp_path, scenario) as (running, app):
        await changed(running, app, line)
        asked = running.world.chat.say("uAna", then)
        assert answer in await said(running, asked.id)


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


FINAL = tuple(state for state in State if state.final)


async def changed(running: Lab, app: App, *lines: str) -> None:
    """Each line is asked, approved, and ends well."""
    for line in lines:
        wanted = running.world.chat.say("uAna", line)
        record = await until(app, running, wanted.id, State.WAITING, *FINAL)
        assert record.state is State.WAITING, line
        await seeded(running, record.approval)
        running.world.chat.react("uBo", record.approval, ":white_check_mark:")
        await ended(running, app, wanted.id)


async def ended(running: Lab, app: App, asked: str) -> None:
    record = await until(app, running, asked, *FINAL)
    assert record.state is State.SUCCEEDED, (record.line, record.detail.get("outcome"))
