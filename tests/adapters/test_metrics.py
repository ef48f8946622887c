"""The metrics ports: one contract, kept by the simulated world and by the real adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from adapters.http import JsonClient
from adapters.metrics import HttpMetrics, PodScraper
from adapters.metrics_read import HUB, read_running
from adapters.sim.metrics import SimMetrics, SimScraper
from adapters.sim.monitoring import PASSWORD
from adapters.sim.servers import kubernetes, metrics
from adapters.sim.servers.loopback import serve
from adapters.sim.world import Fault, World
from bot.errors import Conflict, Denied, Invalid, Missing, Unavailable
from bot.ports.metrics import Metrics, Scraper
from bot.prometheus import drift, read_config
from tests.adapters.kubernetes_place import TOKEN, connected, make_world

INFO = 'rocketchat_info{job="kubernetes-services"}'
MONITORING = "monitoring"
HUB_TOKEN = "opens the hub"


@dataclass
class Place:
    """Both ports, and the world behind them. `pod` is the agent's."""

    world: World
    metrics: Metrics
    scraper: Scraper

    @property
    def pod(self) -> str:
        (pod,) = self.world.monitoring.pods()
        return str(pod["metadata"]["name"])


@pytest.fixture(params=["sim", "grafana", "prometheus"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        world = make_world()
        stack.push_async_callback(world.close)
        if request.param == "sim":
            yield Place(world, SimMetrics(world), SimScraper(world))
            return
        hub = await over_http(stack, world, grafana=request.param == "grafana")
        url = await serve(stack, kubernetes.app(world, TOKEN))
        yield Place(world, hub, PodScraper(await connected(stack, tmp_path, url)))


async def over_http(
    stack: AsyncExitStack, world: World, *, grafana: bool, token: str = HUB_TOKEN
) -> HttpMetrics:
    url = await serve(stack, metrics.app(world, HUB_TOKEN))
    session = await stack.enter_async_context(aiohttp.ClientSession())
    headers = {"Authorization": f"Bearer {token}"}
    base = url if grafana else f"{url}/prom"
    client = JsonClient(session, base, system=HUB, headers=headers)
    return HttpMetrics(client, world.clock, datasource=metrics.DATASOURCE if grafana else "")


async def test_series_at_the_hub_carry_the_labels_the_agent_added(place: Place) -> None:
    (series,) = await place.metrics.query(INFO)

    assert series.value == "1"
    assert series.labels["__name__"] == "rocketchat_info"
    assert series.labels["tenant_id"] == "aks-fernhill"
    assert series.labels["namespace"] == "rocketchat"
    assert series.labels["site_url"] == "https://chat.fernhill.example"


async def test_what_nothing_sends_is_no_series(place: Place) -> None:
    assert await place.metrics.query('rocketchat_info{job="none"}') == []


async def test_an_expression_that_is_none_is_invalid(place: Place) -> None:
    with pytest.raises(Invalid, match="parse error"):
        await place.metrics.query("label_values(rocketchat_info, cluster)")


async def test_the_values_of_a_label_are_listed(place: Place) -> None:
    assert await place.metrics.label_values("domain", INFO) == ["chat.fernhill.example"]
    assert await place.metrics.label_values("no_such", INFO) == []


async def test_the_hub_says_that_it_answers(place: Place) -> None:
    assert "answers" in await place.metrics.version()


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_a_hub_that_is_away_is_unavailable_and_not_empty(place: Place, fault: Fault) -> None:
    place.world.fail("metrics.get", fault, times=9)

    with pytest.raises(Unavailable):
        await place.metrics.query(INFO)
    with pytest.raises(Unavailable):
        await place.metrics.label_values("domain", INFO)


async def test_a_hub_that_refuses_is_denied(place: Place) -> None:
    place.world.fail("metrics.get", Fault.DENIED)

    with pytest.raises(Denied):
        await place.metrics.version()


async def test_the_agent_says_what_it_runs_with_and_nothing_secret(place: Place) -> None:
    running = await place.scraper.running(MONITORING, place.pod)

    assert running.config.external["tenant_id"] == "aks-fernhill"
    assert running.config.remote == ("https://hub.fernhill.example/api/v1/write",)
    assert set(running.config.jobs) == {"kubernetes-services", "kubernetes-nodes"}
    assert (running.agent, running.version, running.reloaded) == (False, "3.8.1", True)
    assert running.started.tzinfo is not None
    assert PASSWORD not in repr(running)
    assert "hub-writer" not in repr(running)


async def test_what_runs_is_the_template_though_prometheus_writes_it_otherwise(
    place: Place,
) -> None:
    running = await place.scraper.running(MONITORING, place.pod)
    config = place.world.cluster.objects.get("configmaps", MONITORING, "prometheus-agent-config")
    template = read_config(config["data"]["prometheus.yml.tmpl"])

    assert drift(template, running.config) == []


async def test_agent_mode_is_read_from_the_flags(place: Place) -> None:
    place.world.monitoring.agent = True

    assert (await place.scraper.running(MONITORING, place.pod)).agent


@pytest.mark.parametrize(
    ("version", "flags", "agent"),
    [
        ("2.42.0", {"enable-feature": "agent,exemplar-storage"}, True),
        ("2.42.0", {"enable-feature": ""}, False),
        ("3.8.1", {"agent": "false", "enable-feature": "agent"}, False),
        ("3.8.1", {"agent": "true"}, True),
    ],
)
def test_each_version_has_its_own_word_for_agent_mode(
    version: str, flags: dict[str, str], agent: bool
) -> None:
    answers = (
        {"yaml": "global: {}"},
        flags,
        {"startTime": "2026-01-27T16:00:00Z", "reloadConfigSuccess": True},
        {"version": version},
    )
    said = ({"status": "success", "data": data} for data in answers)

    assert read_running(*said).agent is agent


async def test_targets_say_whether_they_answer(place: Place) -> None:
    (up,) = await place.scraper.targets(MONITORING, place.pod)
    place.world.cluster.deployment("rocketchat-rocketchat").scraped = False
    (down,) = await place.scraper.targets(MONITORING, place.pod)

    assert (up.job, up.health, up.error) == ("kubernetes-services", "up", "")
    assert down.health == "down"
    assert "connection refused" in down.error


async def test_a_server_has_series_without_external_labels_and_an_agent_has_none(
    place: Place,
) -> None:
    (series,) = await place.scraper.query(MONITORING, place.pod, INFO)
    place.world.monitoring.agent = True

    assert series.labels["namespace"] == "rocketchat"
    assert "tenant_id" not in series.labels
    with pytest.raises(Conflict, match="unavailable with Prometheus Agent"):
        await place.scraper.query(MONITORING, place.pod, INFO)


async def test_a_pod_that_is_gone_is_missing_and_one_that_is_not_ready_unavailable(
    place: Place,
) -> None:
    with pytest.raises(Missing):
        await place.scraper.running(MONITORING, "prometheus-agent-gone")
    name = place.pod
    kept = place.world.cluster.objects.get("pods", MONITORING, name)
    kept["status"]["containerStatuses"][0]["ready"] = False
    with pytest.raises(Unavailable):
        await place.scraper.targets(MONITORING, name)


async def test_the_right_to_ask_a_pod_can_be_missing(place: Place) -> None:
    place.world.cluster.api.forbidden.add((MONITORING, "pods/proxy"))

    with pytest.raises(Denied):
        await place.scraper.running(MONITORING, place.pod)


async def test_a_wrong_token_is_denied_through_grafana_and_directly() -> None:
    for grafana in (True, False):
        async with AsyncExitStack() as stack:
            world = make_world()
            stack.push_async_callback(world.close)
            hub = await over_http(stack, world, grafana=grafana, token="wrong")
            with pytest.raises(Denied, match="401"):
                await hub.query(INFO)
