"""Waves of a sync, as the simulated Argo CD goes through them and the real adapter reads them."""

from __future__ import annotations

from functools import partial

from adapters.sim.argo import Application
from adapters.sim.world import World
from bot.ports.applications import Applications
from tests.adapters.argocd_place import until

OPS = "aks-rocketchat-ops"
WAVES = {("ServiceAccount", "stale-pods"): "-1", ("CronJob", "stale-pods"): "2"}


def applied(application: Application, number: int) -> bool:
    """Whether the running sync has come to so many objects."""
    return application.run is not None and len(application.run.outcomes) == number


async def test_a_sync_goes_wave_by_wave_and_says_which(
    world: World, applications: Applications
) -> None:
    """The first of all is in wave -1 and the last in wave 2; what says nothing is in between."""
    ops = world.argo[OPS]
    for (_, kind, _, name), made in ops.target().items():
        if wave := WAVES.get((kind, name)):
            made["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": wave}
    ops.sync_seconds = 6
    ops.ask_sync("op-1")
    seen: list[str] = []
    for done in (1, 5, 6):
        await until(world, partial(applied, ops, done))
        run = (await applications.detail(OPS)).application.run
        assert run is not None
        seen.append(str(run.progress or run.phase))

    assert seen == [
        "Sync, wave -1 of -1, 0, 2: 1 of 1 objects applied",
        "Sync, wave 0 of -1, 0, 2: 4 of 4 objects applied",
        "Succeeded",
    ]
