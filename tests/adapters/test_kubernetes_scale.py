"""How long a big cluster takes to look at, and that memory does not grow with it.

`pytest -m slow -s tests/adapters/test_kubernetes_scale.py` prints the numbers.
"""

from __future__ import annotations

import copy
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.sim import troubles
from adapters.sim.applications import SimApplications
from adapters.sim.argocd import SimArgoCD
from adapters.sim.azure import SimAzure
from adapters.sim.chat import SimChat
from bot.bootstrap import catalogue
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.configured import database, scope, target
from bot.gathering import Gatherer
from bot.ports.applications import Applications
from bot.ports.argocd import ArgoCD
from bot.ports.azure import Azure
from bot.ports.chat import Chat
from bot.ports.nodes import Nodes
from bot.ports.pods import Pods
from bot.ports.resources import Resources
from bot.redact import Redactor
from bot.scope import Database, Scope
from bot.target import Target
from bot.wiring import Wiring
from tests.adapters.kubernetes_place import Place
from tests.adapters.kubernetes_place import place as opened
from tests.commands.room import settings

pytestmark = [pytest.mark.slow]

RELEASE, MONITORING = "rocketchat", "monitoring"
MARGIN = 2_500_000
"""Bytes a page and an answer may take more in a big cluster: a page's pods are not all alike."""


@dataclass
class Measured:
    seconds: float = 0.0
    peak: int = 0


@contextmanager
def measured() -> Iterator[Measured]:
    """Time and the most memory taken beyond what was taken before, the server's own included."""
    found = Measured()
    tracemalloc.start()
    began = time.monotonic()
    try:
        yield found
    finally:
        found.seconds = time.monotonic() - began
        found.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


def fill(place: Place, pods: int, cron_jobs: int, jobs: int) -> None:
    """Many objects, one pod in a hundred crash-looping."""
    objects = place.world.cluster.objects
    loop = troubles.crash_loop("boom")
    like = objects.get("pods", RELEASE, "rocketchat-nats-0")
    for number in range(pods):
        made = copy.deepcopy(like)
        made["metadata"] |= {"name": f"many-{number:05}", "uid": f"pod-{number}"}
        if number % 100 == 0:
            loop.show(made, objects.stamp())
        objects.put(made)
    schedule = objects.get("cronjobs", MONITORING, "k3s-image-prune")
    for number in range(cron_jobs):
        made = copy.deepcopy(schedule)
        made["metadata"] |= {"name": f"cron-{number:04}", "uid": f"cron-{number}"}
        objects.put(made)
    ended = {"startTime": objects.stamp(), "completionTime": objects.stamp(), "succeeded": 1}
    for number in range(jobs):
        name = f"cron-{number % max(1, cron_jobs):04}"
        owner = {"kind": "CronJob", "name": name, "uid": "u", "controller": True}
        metadata = {"name": f"job-{number:05}", "namespace": MONITORING, "uid": f"job-{number}"}
        objects.put(
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {**metadata, "ownerReferences": [owner]},
                "spec": schedule["spec"]["jobTemplate"]["spec"],
                "status": {**ended, "conditions": [{"type": "Complete", "status": "True"}]},
            }
        )


def needs(place: Place) -> Wiring:
    world, known = place.world, settings()
    given: dict[type, object] = {
        Pods: place.pods, Nodes: place.nodes, Resources: place.resources,
        ArgoCD: SimArgoCD(world), Applications: SimApplications(world), Chat: SimChat(world),
        Azure: SimAzure(world),
        Clock: world.clock, Target: target(known), Scope: scope(known),
        Database: database(known), Redactor: Redactor(), Catalogue: catalogue(),
    }  # fmt: skip
    made = Wiring(given)
    made.make(Gatherer)
    return made


async def looked(place: Place, line: str) -> str:
    name, *words = line.removeprefix("!").split()
    command = catalogue()[name]
    card = await command.call(command.read(words), needs(place))
    return str(card.text())


async def counted(place: Place) -> str:
    """As `!jobs` reads: every CronJob and every Job, one at a time."""
    schedules = sum([1 async for _ in place.jobs.cron_jobs(MONITORING)])
    ended = 0
    async for job in place.jobs.jobs(MONITORING):
        ended += job.outcome.final
    return f"{schedules} CronJobs, {ended} Jobs"


LOOKS: dict[str, Callable[[Place], Awaitable[str]]] = {
    "!pods --bad": lambda place: looked(place, "!pods --bad"),
    "!diagnose": lambda place: looked(place, "!diagnose"),
    "CronJobs and Jobs": counted,
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", LOOKS)
async def test_memory_does_not_grow_with_the_cluster(name: str, tmp_path: Path) -> None:
    found: dict[int, Measured] = {}
    for pods, cron_jobs, jobs in ((1_000, 100, 2_000), (10_000, 1_000, 20_000)):
        async with opened("http", tmp_path) as place:
            fill(place, pods, cron_jobs, jobs)
            await place.kubernetes.version()
            with measured() as found[pods]:
                said = await LOOKS[name](place)
        print(  # noqa: T201  # the report this benchmark is for
            f"\n{name}: {pods} pods, {cron_jobs} CronJobs, {jobs} Jobs: "
            f"{found[pods].seconds:.1f} s, {found[pods].peak / 1e6:.1f} MB at most"
        )
        assert str(pods // 100) in said or f"{jobs} Jobs" in said or "ends again" in said

    assert found[10_000].peak < found[1_000].peak + MARGIN
