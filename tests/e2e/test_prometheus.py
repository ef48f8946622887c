"""The label check against a real Prometheus: one that scrapes and sends, one that receives."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from adapters.http import JsonClient
from adapters.metrics import HttpMetrics, PodScraper
from adapters.metrics_read import HUB
from adapters.sim.servers.loopback import HOST, serve
from bot.clock import SystemClock
from bot.errors import Conflict
from bot.ports.metrics import Running, Series
from bot.prometheus import drift, read_config
from bot.scraping import differing
from tests.adapters.kubernetes_place import connected

PROMETHEUS = shutil.which("prometheus")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROMETHEUS is None, reason="no prometheus: install Debian's prometheus"),
]

INFO = 'rocketchat_info{job="kubernetes-services"}'
LABELS = {
    "tenant_id": "aks-fernhill",
    "namespace": "rocketchat",
    "site_url": "https://chat.fernhill.example",
    "workspace": "production",
    "domain": "chat.fernhill.example",
}
METRICS = (
    "# TYPE rocketchat_info gauge\n"
    f'rocketchat_info{{version="7.12.2",site_url="{LABELS["site_url"]}"}} 1\n'
)
PASSWORD = "remote-write-password"
TEMPLATE = """
global:
  scrape_interval: 1s
  external_labels:
    tenant_id: aks-fernhill
    workspace: production
    domain: chat.fernhill.example
    shard: 1
remote_write:
  - url: {hub}/api/v1/write
    basic_auth: {{username: hub-writer, password: {password}}}
    queue_config: {{batch_send_deadline: 1s}}
scrape_configs:
  - job_name: 'kubernetes-services'
    static_configs:
      - targets: ['{target}']
        labels: {{scrape: "true", kubernetes_namespace: rocketchat}}
    relabel_configs:
      - source_labels: [scrape]
        action: keep
        regex: true
    metric_relabel_configs:
      - source_labels: [kubernetes_namespace]
        target_label: namespace
  - job_name: 'kubernetes-nodes'
    bearer_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token
    static_configs: []
"""
PATIENCE = 60.0


@dataclass
class Place:
    """Both ports over real processes, and the template the agent was started with."""

    metrics: HttpMetrics
    scraper: PodScraper
    template: str

    async def running(self) -> Running:
        return await self.scraper.running("monitoring", "agent")

    async def arrived(self) -> list[Series]:
        """The series at the hub, once there are any."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if found := await self.metrics.query(INFO):
                    return found
                await asyncio.sleep(0.2)


@pytest.fixture(params=["agent", "server"])
async def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def place(mode: str, tmp_path: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        hub = await prometheus(
            stack, tmp_path / "hub", "global: {}", "--web.enable-remote-write-receiver"
        )
        target = await serve(stack, exporter())
        template = TEMPLATE.format(
            hub=hub, target=target.removeprefix("http://"), password=PASSWORD
        )
        flags = ["--enable-feature=agent"] if mode == "agent" else []
        agent = await prometheus(stack, tmp_path / "agent", template, *flags, agent=mode == "agent")
        session = await stack.enter_async_context(aiohttp.ClientSession())
        proxy = await serve(stack, proxied(session, agent))
        client = JsonClient(session, hub, system=HUB)
        yield Place(
            HttpMetrics(client, SystemClock()),
            PodScraper(await connected(stack, tmp_path, proxy)),
            template,
        )


async def prometheus(
    stack: AsyncExitStack, directory: Path, config: str, *flags: str, agent: bool = False
) -> str:
    """Run one until the stack ends; gives its address once it is ready."""
    file, port = written(directory, config), free_port()
    storage = "--storage.agent.path" if agent else "--storage.tsdb.path"
    await stack.enter_async_context(
        process(
            directory,
            f"--config.file={file}",
            f"{storage}={directory / 'data'}",
            f"--web.listen-address={HOST}:{port}",
            *flags,
        )
    )
    url = f"http://{HOST}:{port}"
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
        while True:
            if await is_ready(session, url):
                return url
            await asyncio.sleep(0.1)


def written(directory: Path, config: str) -> Path:
    """The configuration in a new directory."""
    directory.mkdir()
    file = directory / "prometheus.yml"
    file.write_text(config, "utf-8")
    return file


@asynccontextmanager
async def process(directory: Path, *arguments: str) -> AsyncIterator[None]:
    assert PROMETHEUS is not None
    with (directory / "log").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            PROMETHEUS, *arguments, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            running.terminate()
            await running.wait()


async def is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def exporter() -> web.Application:
    """What Rocket.Chat shows of itself."""

    async def metrics(request: web.Request) -> web.Response:
        del request
        return web.Response(text=METRICS, content_type="text/plain")

    made = web.Application()
    made.router.add_get("/metrics", metrics)
    return made


def proxied(session: aiohttp.ClientSession, agent: str) -> web.Application:
    """An API server that hands requests on to the one pod there is."""

    async def forward(request: web.Request) -> web.Response:
        url = f"{agent}/{request.match_info['path']}"
        async with session.get(url, params=request.query) as answer:
            return web.json_response(await answer.json(), status=answer.status)

    made = web.Application()
    made.router.add_get("/api/v1/namespaces/monitoring/pods/agent:9090/proxy/{path:.*}", forward)
    return made


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


async def test_every_label_arrives_at_the_hub(place: Place) -> None:
    found = await place.arrived()

    assert [differing(LABELS, series) for series in found] == [[]]
    assert await place.metrics.label_values("domain", INFO) == [LABELS["domain"]]
    wrong = differing({**LABELS, "tenant_id": "k8-fernhill", "region": "uk"}, found[0])
    assert wrong == ["tenant_id is aks-fernhill, not k8-fernhill", "region is missing"]


async def test_what_runs_is_its_template_and_its_password_stays_there(place: Place) -> None:
    running = await place.running()
    changed = place.template.replace("workspace: production", "workspace: staging")

    assert drift(read_config(place.template), running.config) == []
    assert drift(read_config(changed), running.config) == [
        "external label workspace: runs with production, the template says staging"
    ]
    assert PASSWORD not in repr(running)
    assert running.started.tzinfo is not None


async def test_the_mode_is_told_from_the_flags_and_agents_have_no_series(
    place: Place, mode: str
) -> None:
    await place.arrived()
    running = await place.running()
    targets = await place.scraper.targets("monitoring", "agent")

    assert running.agent is (mode == "agent")
    assert [(target.job, target.health) for target in targets] == [("kubernetes-services", "up")]
    if running.agent:
        with pytest.raises(Conflict, match="unavailable with Prometheus Agent"):
            await place.scraper.query("monitoring", "agent", INFO)
        return
    (own,) = await place.scraper.query("monitoring", "agent", INFO)
    assert own.labels["namespace"] == "rocketchat"
    assert "tenant_id" not in own.labels
