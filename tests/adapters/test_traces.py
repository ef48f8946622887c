"""The traces port: one contract, kept by the simulated world and by the real adapter."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from adapters.http import JsonClient
from adapters.sim.panels import METRICS, TRACES
from adapters.sim.seed.shapes import MONITORING
from adapters.sim.servers import grafana as server
from adapters.sim.servers.loopback import serve
from adapters.sim.traces import SimTraces
from adapters.sim.world import Fault, World
from adapters.traces import GrafanaTraces
from adapters.traces_read import SYSTEM, read_traces
from bot.cards import plain
from bot.errors import Denied, Invalid, Missing, Unavailable
from bot.ports.jobs import Outcome
from bot.ports.traces import Traces
from tests.adapters.kubernetes_place import make_world

TOKEN = "opens Grafana"
QUERY = '{ resource.service.name = "rocket-chat" }'
HOUR = timedelta(hours=1)


@dataclass
class Place:
    """The port, and the world behind it."""

    world: World
    traces: Traces

    def generated(self) -> None:
        """A generator's pod has ended."""
        pod: dict[str, Any] = {
            "metadata": {"name": "run", "namespace": MONITORING, "uid": "u1"},
            "spec": {"containers": [{"name": "telemetrygen", "image": "x/telemetrygen:1"}]},
        }
        self.world.tracing.ended(pod, Outcome.SUCCEEDED)

    async def found(self, query: str = QUERY, ago: timedelta = HOUR) -> list[str]:
        now = self.world.clock.now()
        return [t.id for t in await self.traces.search(query, now - ago, now + HOUR, limit=5)]


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        world = make_world()
        stack.push_async_callback(world.close)
        over = SimTraces(world) if request.param == "sim" else await over_http(stack, world)
        yield Place(world, over)


async def over_http(
    stack: AsyncExitStack, world: World, datasource: str = TRACES, token: str = TOKEN
) -> GrafanaTraces:
    url = await serve(stack, server.app(world, TOKEN))
    session = await stack.enter_async_context(aiohttp.ClientSession())
    headers = {"Authorization": f"Bearer {token}"}
    client = JsonClient(session, url, system=SYSTEM, headers=headers)
    return GrafanaTraces(client, url, datasource=datasource)


async def test_what_was_sent_is_found_by_its_service_and_its_span(place: Place) -> None:
    assert await place.found() == []
    place.generated()
    now = place.world.clock.now()
    found = await place.traces.search(QUERY, now - HOUR, now + HOUR, limit=5)

    assert len(found) == 5
    assert (found[0].service, found[0].name) == ("rocket-chat", "lets-go")
    assert abs(found[0].started - now) < timedelta(minutes=10)
    both = '{ resource.service.name = "rocket-chat" && name = "lets-go" }'
    assert len(await place.found(both)) == 5
    assert await place.found('{ resource.service.name = "another" }') == []


async def test_only_this_time_is_searched(place: Place) -> None:
    place.generated()
    then = place.world.clock.now() - 3 * HOUR

    assert await place.traces.search(QUERY, then - HOUR, then) == []


async def test_a_query_that_is_none_is_invalid(place: Place) -> None:
    with pytest.raises(Invalid, match="parse error"):
        await place.found("service = rocket-chat")


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_a_hub_that_is_away_is_unavailable_and_not_empty(place: Place, fault: Fault) -> None:
    place.world.fail("traces.get", fault, times=9)

    with pytest.raises(Unavailable):
        await place.found()


async def test_the_right_to_query_can_be_missing(place: Place) -> None:
    place.world.panels.lacking = {"datasources:query"}

    with pytest.raises(Denied, match="datasources:query"):
        await place.found()


async def test_a_data_source_that_is_not_there_or_no_tempo_is_missing(place: Place) -> None:
    place.world.panels.sources = []

    with pytest.raises(Missing):
        await place.found()
    async with AsyncExitStack() as stack:
        world = make_world()
        stack.push_async_callback(world.close)
        now = world.clock.now()
        other = await over_http(stack, world, METRICS)
        with pytest.raises(Missing):
            await other.search(QUERY, now, now)


async def test_the_address_of_a_trace_is_grafana_s_and_survives_a_chat_s_formatting(
    place: Place,
) -> None:
    address = place.traces.address("abc123")
    panes = json.loads(parse_qs(urlsplit(address).query)["panes"][0])

    assert panes["one"]["datasource"] == TRACES
    assert panes["one"]["queries"][0]["query"] == "abc123"
    assert plain(address) == address


def test_an_answer_in_another_shape_is_unavailable() -> None:
    assert read_traces({}) == []
    nonsense: list[Any] = [[], {"traces": [{}]}, {"traces": [{"traceID": "a", "start": "b"}]}]
    for strange in nonsense:
        with pytest.raises(Unavailable):
            read_traces(strange)
