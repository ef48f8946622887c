"""The guide's MongoDB incident over real sockets: named, recovered by an approved run, verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sim.scenarios_pods import SCRIPTS
from bot.app import App
from bot.lab import Lab
from bot.ports.store import State
from tests.e2e.flying import flown, said, seeded, until

pytestmark = [pytest.mark.slow]


@pytest.mark.timeout(300)
async def test_the_incident_is_named_and_recovered(tmp_path: Path) -> None:
    async with flown(tmp_path, "mongo_missing_configmap") as (running, app):
        await recovered(running, app)


async def recovered(running: Lab, app: App) -> None:
    chat, cluster = running.world.chat, running.world.cluster
    asked = chat.say("uAna", "!diagnose")
    assert f"ConfigMap {SCRIPTS} is missing" in (await said(running, asked.id)).split("\n")[0]
    before = running.world.remote.commits()
    wanted = chat.say("uAna", "!mongo recover")
    record = await until(app, running, wanted.id, State.WAITING, State.REFUSED, State.FAILED)
    assert record.state is State.WAITING
    await seeded(running, record.approval)
    for voter in ("uBo", "uDee"):
        chat.react(voter, record.approval, ":white_check_mark:")
    record = await until(app, running, wanted.id, *(state for state in State if state.final))

    assert record.state is State.SUCCEEDED
    assert running.world.remote.commits()[1:] == before
    assert cluster.objects.kept("configmaps", cluster.namespace, SCRIPTS) is not None
    assert all(deployment.ready for deployment in cluster.deployments.values())
    asked = chat.say("uAna", "!mongo status")
    assert "MongoDB is well" in await said(running, asked.id)
