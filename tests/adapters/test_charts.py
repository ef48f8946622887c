"""The port of chart repositories, in the simulated world and over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from adapters.charts import HttpCharts
from adapters.registry import Endpoint
from adapters.sim.charts import SimCharts
from adapters.sim.published import CHARTS
from adapters.sim.servers import charts as repositories
from adapters.sim.world import Fault, World
from bot.errors import AdapterError, Denied, Limited, Missing, Unavailable
from bot.ports.charts import Charts, ChartVersion

ROCKETCHAT = "https://rocketchat.github.io/helm-charts"
JENKINS = "https://charts.jenkins.io"
ALWAYS = 9


@pytest.fixture(params=["sim", "http"])
async def charts(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Charts]:
    if request.param == "sim":
        yield SimCharts(world)
        return
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(TestServer(repositories.app(world)))
        hosts = {host: Endpoint(str(served.make_url(host))) for host in repositories.hosts(world)}
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield HttpCharts(session, hosts)


async def test_every_version_of_a_chart_is_listed_with_what_it_installs(charts: Charts) -> None:
    found = await charts.versions(ROCKETCHAT, "rocketchat")

    assert found == list(CHARTS[ROCKETCHAT]["rocketchat"])
    assert ChartVersion("7.0.1", "8.6.1") in found


async def test_each_chart_of_a_repository_has_its_own_versions(charts: Charts) -> None:
    assert await charts.versions(ROCKETCHAT, "monitoring") == [ChartVersion("1.4.0")]


async def test_a_repository_without_a_path_and_one_with_a_slash_are_found(charts: Charts) -> None:
    assert ChartVersion("5.8.110") in await charts.versions(JENKINS, "jenkins")


async def test_a_chart_nobody_published_is_missing(charts: Charts) -> None:
    with pytest.raises(Missing, match="no chart moon"):
        await charts.versions(ROCKETCHAT, "moon")


async def test_a_repository_that_is_none_is_missing(world: World, charts: Charts) -> None:
    del world.charts[JENKINS]

    with pytest.raises(Missing, match="no index of charts"):
        await charts.versions(JENKINS, "jenkins")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAVAILABLE, Unavailable),
        (Fault.HTML, Unavailable),
        (Fault.REPLY_LOST, Unavailable),
        (Fault.LIMITED, Limited),
        (Fault.DENIED, Denied),
    ],
)
async def test_a_repository_that_does_not_answer_says_why(
    world: World, charts: Charts, fault: Fault, error: type[AdapterError]
) -> None:
    world.fail("charts.get", fault, times=ALWAYS)

    with pytest.raises(error):
        await charts.versions(ROCKETCHAT, "rocketchat")
