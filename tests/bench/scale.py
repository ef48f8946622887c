"""How long commands take on a big cluster, and how much memory.

The API server is simulated, over loopback, in a process of its own; its time counts, its memory
does not. Memory is the peak of what Python allocated during the command, beside what was there.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from adapters.jobs import JobsApi
from adapters.kubernetes_client import KubernetesClient
from adapters.nodes import NodesApi
from adapters.pods import PodsApi
from adapters.resources import ResourcesApi
from adapters.sim.applications import SimApplications
from adapters.sim.argocd import SimArgoCD
from adapters.sim.automation import SimAutomation
from adapters.sim.azure import SimAzure
from adapters.sim.chat import SimChat
from adapters.sim.servers.kubernetes import write_kubeconfig
from adapters.sim.worlds import healthy
from bot.bootstrap import catalogue
from bot.cards import Card
from bot.catalogue import Catalogue
from bot.clock import Clock, LoopClock
from bot.configured import facts
from bot.findings import Findings
from bot.gathering import Gatherer
from bot.jobsurvey import Surveyor
from bot.ports.applications import Applications
from bot.ports.argocd import ArgoCD
from bot.ports.automation import Automation
from bot.ports.azure import Azure
from bot.ports.chat import Author, Chat
from bot.ports.jobs import Jobs
from bot.ports.nodes import Nodes
from bot.ports.pods import Pods
from bot.ports.resources import Resources
from bot.ports.store import Documents
from bot.redact import Redactor
from bot.request import Request
from bot.wiring import Wiring
from tests.bench.big_cluster import JOBS_EACH, START, TOKEN
from tests.commands.room import MemoryStore, settings

LINES = ("!pods all --bad", "!diagnose", "!jobs", "!report jobs")
SIZES = ((625, 62), (2_500, 250), (10_000, 1_000))
"""Pods and CronJobs, four times as many each time."""
LISTED = "every Job, listed"
_ONE_PAGE = (*LINES[:2], LISTED)
_GROWS = 1.5
"""A list may cost this much more on the big cluster: noise, and a longer answer."""
_MEGA = 1e6
Measured = Mapping[str, tuple[float, float]]
"""Seconds and megabytes by command line."""


@asynccontextmanager
async def needs(url: str, directory: Path) -> AsyncIterator[Wiring]:
    """What the commands ask for: Kubernetes over the wire, the rest small and simulated."""
    path = directory / "kubeconfig"
    write_kubeconfig(path, url, TOKEN)
    client = await KubernetesClient.connect(kubeconfig=path)
    clock = LoopClock(START)
    world, configured, store = healthy(clock), settings(), MemoryStore()
    await store.open()
    made = Wiring(
        {
            **facts(configured),
            Clock: clock,
            Redactor: Redactor([]),
            Pods: PodsApi(client),
            Jobs: JobsApi(client),
            Nodes: NodesApi(client),
            Resources: ResourcesApi(client),
            Applications: SimApplications(world),
            ArgoCD: SimArgoCD(world),
            Chat: SimChat(world),
            Azure: SimAzure(world),
            Automation: SimAutomation(world),
            Catalogue: catalogue(),
            Documents: store.documents,
            Request: Request("bench", "rOps", "", Author("uAna", "ana"), ""),
        }
    )
    try:
        made.make(Gatherer)
        made.make(Surveyor)
        made.make(Findings)
        yield made
    finally:
        await client.close()
        await world.close()
        await store.forget()


async def measure(size: tuple[int, int]) -> Measured:
    """Each command twice on a cluster of this size: for its time, then for its memory."""
    pods, cron_jobs = size
    command = ("-m", "tests.bench.big_cluster", str(pods), str(cron_jobs))
    made = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert made.stdout is not None
    try:
        url = (await made.stdout.readline()).decode().strip()
        with tempfile.TemporaryDirectory() as directory:
            async with needs(url, Path(directory)) as given:
                found = {line: await _both(line, partial(_run, line, given)) for line in LINES}
                return {**found, LISTED: await _both(LISTED, partial(_list, given))}
    finally:
        made.terminate()
        await made.wait()


async def _both(line: str, run: Callable[[], Awaitable[str]]) -> tuple[float, float]:
    begun = time.perf_counter()
    await run()
    took = time.perf_counter() - begun
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    await run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return took, (peak - before) / _MEGA


async def _run(line: str, given: Wiring) -> str:
    command, words = catalogue().of(line)
    answer = await command.call(command.read(words.arguments), given)
    assert isinstance(answer, Card)
    return answer.title


async def _list(given: Wiring) -> str:
    """Every Job, as the report reads them: one page at a time."""
    jobs = given[Jobs]
    assert isinstance(jobs, JobsApi)
    return f"{sum([1 async for _ in jobs.jobs('monitoring')]):,} Jobs"


async def measured() -> dict[tuple[int, int], Measured]:
    """Every command on every size."""
    return {size: await measure(size) for size in SIZES}


def table(found: Mapping[tuple[int, int], Measured]) -> tuple[str, bool]:
    """Markdown, and whether a list of pods or of Jobs grows with the cluster."""
    small, several, big = SIZES  # the smallest is hardly more than one page
    lines = [f"| | {_title(small)} | {_title(big)} |", "|---|---:|---:|"]
    grows = False
    for line in (*LINES, LISTED):
        cells = [f"{t:.2f} s, {m:.1f} MB" for t, m in (found[size][line] for size in (small, big))]
        lines.append(f"| {line} | {' | '.join(cells)} |")
        grows |= line in _ONE_PAGE and found[big][line][1] > found[several][line][1] * _GROWS
    return "\n".join(lines), grows


def _title(size: tuple[int, int]) -> str:
    pods, cron_jobs = size
    return f"{pods:,} pods, {cron_jobs:,} CronJobs, {cron_jobs * JOBS_EACH:,} Jobs"
