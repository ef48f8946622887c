"""The Grafana port: one contract, kept by the simulated world and by the real adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import pytest

from adapters.grafana import HttpGrafana
from adapters.grafana_read import SYSTEM, read_rule, write_rule
from adapters.http import JsonClient
from adapters.sim.grafana import SimGrafana
from adapters.sim.panels import METRICS, TRACES
from adapters.sim.servers import grafana as server
from adapters.sim.servers.loopback import serve
from adapters.sim.world import Fault, World
from bot.errors import Conflict, Denied, Invalid, Missing, Moved, Unavailable, UnknownOutcome
from bot.ports.grafana import AlertRule, Dashboard, DataSource, Grafana
from tests.adapters.kubernetes_place import make_world

TOKEN = "opens Grafana"
BOARD = Dashboard("jobs", "", 0, {"uid": "jobs", "title": "Jobs", "panels": [{"id": 1}]})
RULE = AlertRule(
    uid="late",
    title="It is late",
    folder="upkeep",
    group="jobs",
    source=METRICS,
    expression='time() - last{job="a"}',
    above=90000,
    lasts=timedelta(minutes=20),
    summary="It has not run",
    labels={"severity": "warning"},
)


@dataclass
class Place:
    """The port, and the world behind it."""

    world: World
    grafana: Grafana


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        world = make_world()
        stack.push_async_callback(world.close)
        over = SimGrafana(world) if request.param == "sim" else await over_http(stack, world)
        yield Place(world, over)


async def over_http(stack: AsyncExitStack, world: World, token: str = TOKEN) -> HttpGrafana:
    url = await serve(stack, server.app(world, TOKEN))
    session = await stack.enter_async_context(aiohttp.ClientSession())
    headers = {"Authorization": f"Bearer {token}"}
    return HttpGrafana(JsonClient(session, url, system=SYSTEM, headers=headers), url)


async def test_data_sources_come_by_name(place: Place) -> None:
    assert await place.grafana.data_sources() == [
        DataSource("loki", "Logs", "loki"),
        DataSource(METRICS, "Mimir", "prometheus", default=True),
        DataSource(TRACES, "Tempo", "tempo"),
    ]


async def test_a_dashboard_is_made_and_read_as_it_was_written(place: Place) -> None:
    with pytest.raises(Missing):
        await place.grafana.dashboard("jobs")
    await place.grafana.save(BOARD, "first")
    found = await place.grafana.dashboard("jobs")

    assert found == replace(BOARD, version=1, address=found.address)
    assert found.address.endswith("/d/jobs/jobs")


async def test_a_dashboard_is_written_over_the_version_that_was_read_and_no_other(
    place: Place,
) -> None:
    await place.grafana.save(BOARD, "first")
    known = await place.grafana.dashboard("jobs")
    await place.grafana.save(replace(known, content={**known.content, "title": "J"}), "second")

    assert (await place.grafana.dashboard("jobs")).content["title"] == "J"
    for late in (known, BOARD):
        with pytest.raises(Moved):
            await place.grafana.save(late, "third")
    assert (await place.grafana.dashboard("jobs")).version == 2


async def test_a_dashboard_goes_into_its_folder_and_stays_there(place: Place) -> None:
    inside = replace(BOARD, folder="upkeep")
    with pytest.raises(Missing):
        await place.grafana.save(inside, "first")
    await place.grafana.make_folder("upkeep", "Upkeep")
    await place.grafana.save(inside, "first")

    assert (await place.grafana.dashboard("jobs")).folder == "upkeep"


async def test_a_provisioned_dashboard_is_refused(place: Place) -> None:
    place.world.panels.provisioned = {"jobs"}

    with pytest.raises(Invalid, match="provisioned"):
        await place.grafana.save(BOARD, "first")


async def test_a_folder_is_made_once(place: Place) -> None:
    with pytest.raises(Missing):
        await place.grafana.folder("upkeep")
    await place.grafana.make_folder("upkeep", "Upkeep")

    assert await place.grafana.folder("upkeep") == "Upkeep"
    with pytest.raises(Conflict):
        await place.grafana.make_folder("upkeep", "Upkeep")


async def test_a_rule_is_made_changed_and_read_as_it_was_written(place: Place) -> None:
    await place.grafana.make_folder("upkeep", "Upkeep")
    with pytest.raises(Missing):
        await place.grafana.rule("late")
    await place.grafana.put_rule(RULE)
    assert await place.grafana.rule("late") == RULE
    higher = replace(RULE, above=259200, lasts=timedelta(seconds=90))
    await place.grafana.put_rule(higher)

    assert await place.grafana.rule("late") == higher
    assert len(place.world.panels.rules) == 1
    assert place.world.panels.rules["late"]["noDataState"] == "OK"


async def test_a_rule_without_its_folder_is_missing(place: Place) -> None:
    with pytest.raises(Missing):
        await place.grafana.put_rule(RULE)


async def test_the_version_is_said(place: Place) -> None:
    assert await place.grafana.version() == "12.3.1, 3 data sources"


@pytest.mark.parametrize(
    "right", ["datasources:read", "dashboards:read", "folders:read", "alert.provisioning:read"]
)
async def test_a_right_that_is_missing_is_named(place: Place, right: str) -> None:
    place.world.panels.lacking = {right}
    calls = (
        place.grafana.data_sources(),
        place.grafana.dashboard("jobs"),
        place.grafana.folder("upkeep"),
        place.grafana.rule("late"),
    )
    said = []
    for call in calls:
        try:
            await call
        except Denied as error:
            said.append(error.message)
        except Missing:
            continue

    assert len(said) == 1
    assert right in said[0]


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_grafana_being_away_is_unavailable(place: Place, fault: Fault) -> None:
    place.world.fail("grafana.get", fault, times=9)

    with pytest.raises(Unavailable):
        await place.grafana.data_sources()


async def test_a_lost_answer_to_a_change_is_of_unknown_outcome(place: Place) -> None:
    place.world.fail("grafana.change", Fault.REPLY_LOST)

    with pytest.raises(UnknownOutcome):
        await place.grafana.save(BOARD, "first")
    assert (await place.grafana.dashboard("jobs")).version == 1


async def test_a_wrong_token_is_denied() -> None:
    async with AsyncExitStack() as stack:
        world = make_world()
        stack.push_async_callback(world.close)
        with pytest.raises(Denied, match="401"):
            await (await over_http(stack, world, "wrong")).version()


def test_a_rule_somebody_else_made_in_another_form_can_be_read() -> None:
    written = {**write_rule(RULE), "data": [], "for": "1h30m", "annotations": None}
    found = read_rule(written)

    assert (found.expression, found.above, found.lasts) == ("", 0.0, timedelta(hours=1.5))
