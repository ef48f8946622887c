"""The Argo CD port: one contract, kept by the simulated world and over Argo CD's own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from adapters.argocd import HttpArgoCD
from adapters.http import JsonClient
from adapters.sim.argocd import REFRESH_LIMIT, SimArgoCD
from adapters.sim.servers import argocd as server
from adapters.sim.world import Fault, World
from bot.errors import Busy, Conflict, Denied, Limited, Missing, Unavailable, UnknownOutcome
from bot.ports.argocd import ArgoCD, Health, Phase, Sync
from tests.adapters.argocd_place import until

SPEED = 200.0
APP = "aks-rocketchat-helm"
TOKEN = "opens-argocd"
ALWAYS = 9


@pytest.fixture(params=["sim", "http"])
async def argocd(request: pytest.FixtureRequest, world: World) -> AsyncIterator[ArgoCD]:
    if request.param == "sim":
        yield SimArgoCD(world)
        return
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield await over_http(stack, session, world)


async def over_http(
    stack: AsyncExitStack, session: aiohttp.ClientSession, world: World, token: str = TOKEN
) -> HttpArgoCD:
    served = TestServer(server.app(world, TOKEN))
    await stack.enter_async_context(served)
    bearer = {"Authorization": f"Bearer {token}"}
    client = JsonClient(
        session, str(served.make_url("")), system="Argo CD", headers=bearer,
        timeout=timedelta(seconds=10),
    )  # fmt: skip
    limit = timedelta(seconds=REFRESH_LIMIT / SPEED)
    return HttpArgoCD(client, refresh_limit=limit)


def change(world: World) -> str:
    """Somebody pushes another version."""
    values = world.remote.read("values.yaml").replace(b'tag: "7.12.2"', b'tag: "7.13.2"')
    return world.remote.push("values.yaml", values, "chore: 7.13.2")


async def test_an_application_is_read_with_both_its_sources(world: World, argocd: ArgoCD) -> None:
    found = await argocd.application(APP)
    chart, git = found.sources

    assert (found.name, found.sync, found.health) == (APP, Sync.SYNCED, Health.HEALTHY)
    assert (found.automated, found.busy, found.run, found.conditions) == (True, False, None, ())
    assert (chart.chart, chart.revision) == ("rocketchat", world.cluster.chart)
    assert git == found.git
    assert (git.chart, git.target_revision, git.revision) == ("", "master", world.remote.head())
    assert found.resource_version


async def test_an_application_nobody_automated_says_so(world: World, argocd: ArgoCD) -> None:
    world.cluster.automated = False

    assert not (await argocd.application(APP)).automated


async def test_an_application_that_is_not_there_is_missing(argocd: ArgoCD) -> None:
    with pytest.raises(Missing):
        await argocd.application("aks-gone")
    with pytest.raises(Missing):
        await argocd.refresh("aks-gone")
    with pytest.raises(Missing):
        await argocd.sync("aks-gone", "op-1")


async def test_an_application_deleted_meanwhile_is_missing(world: World, argocd: ArgoCD) -> None:
    await argocd.application(APP)
    world.cluster.application = "another"

    with pytest.raises(Missing):
        await argocd.application(APP)


async def test_a_push_is_seen_after_a_refresh_and_not_before(world: World, argocd: ArgoCD) -> None:
    world.cluster.automated = False
    old = world.remote.head()
    change(world)
    before = await argocd.application(APP)
    after = await argocd.refresh(APP)

    assert (before.sync, after.sync) == (Sync.SYNCED, Sync.OUT_OF_SYNC)
    assert after.git is not None
    assert after.git.revision == old


async def test_a_refresh_that_takes_too_long_is_not_waited_for_and_still_happens(
    world: World, argocd: ArgoCD
) -> None:
    world.cluster.automated = False
    change(world)
    world.fail("argocd.refresh", Fault.SLOW)
    begun = world.clock.now()
    found = await argocd.refresh(APP)

    assert world.clock.now() - begun < timedelta(seconds=60)
    assert found.sync is Sync.SYNCED
    await until(world, lambda: world.cluster.sync is Sync.OUT_OF_SYNC)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.LIMITED])
async def test_a_refresh_that_fails_gives_the_application_as_it_is(
    world: World, argocd: ArgoCD, fault: Fault
) -> None:
    world.fail("argocd.refresh", fault)

    assert (await argocd.refresh(APP)).name == APP


async def test_a_refresh_houston_may_not_ask_for_is_denied(world: World, argocd: ArgoCD) -> None:
    world.fail("argocd.refresh", Fault.DENIED)

    with pytest.raises(Denied):
        await argocd.refresh(APP)


async def test_a_sync_runs_under_its_operation_until_it_has_succeeded(
    world: World, argocd: ArgoCD
) -> None:
    world.cluster.automated = False
    commit = change(world)
    await argocd.refresh(APP)
    await argocd.sync(APP, "op-1")
    running = await argocd.application(APP)
    await until(world, lambda: not world.cluster.busy)
    done = await argocd.application(APP)

    assert running.busy
    assert running.run is not None
    assert (running.run.phase, running.run.operation) == (Phase.RUNNING, "op-1")
    assert done.run is not None
    assert (done.run.phase, done.run.finished) == (Phase.SUCCEEDED, True)
    assert (done.run.operation, done.run.revisions[-1]) == ("op-1", commit)
    assert done.run.started is not None
    assert done.run.started.tzinfo is not None
    assert done.sync is Sync.SYNCED
    assert done.git is not None
    assert done.git.revision == commit


async def test_the_same_operation_twice_is_one_sync(world: World, argocd: ArgoCD) -> None:
    await argocd.sync(APP, "op-1")
    await argocd.sync(APP, "op-1")
    await until(world, lambda: not world.cluster.busy)
    await argocd.sync(APP, "op-1")

    assert [sync.operation for sync in world.cluster.syncs] == ["op-1"]


async def test_a_sync_during_another_is_busy(world: World, argocd: ArgoCD) -> None:
    world.cluster.sync_failures = 20
    world.cluster.ask_sync("")

    with pytest.raises(Busy):
        await argocd.sync(APP, "op-1")
    assert [sync.operation for sync in world.cluster.syncs] == [""]


async def test_a_closed_window_is_a_conflict_and_nothing_busy(world: World, argocd: ArgoCD) -> None:
    world.cluster.window_closed = True

    with pytest.raises(Conflict, match="sync window") as caught:
        await argocd.sync(APP, "op-1")
    assert not isinstance(caught.value, Busy)
    assert world.cluster.syncs == []


async def test_a_sync_is_not_finished_between_its_retries(world: World, argocd: ArgoCD) -> None:
    world.cluster.sync_failures = 1
    await argocd.sync(APP, "op-1")
    await until(world, lambda: "Retrying" in world.cluster.syncs[0].message)
    between = (await argocd.application(APP)).run
    await until(world, lambda: not world.cluster.busy)
    ended = (await argocd.application(APP)).run

    assert between is not None
    assert (between.phase, between.finished) == (Phase.RUNNING, False)
    assert ended is not None
    assert (ended.phase, ended.finished) == (Phase.FAILED, True)
    assert "admission webhook" in ended.message


async def test_a_sync_whose_answer_is_lost_is_looked_up(world: World, argocd: ArgoCD) -> None:
    world.fail("argocd.sync", Fault.REPLY_LOST)
    await argocd.sync(APP, "op-1")

    assert [sync.operation for sync in world.cluster.syncs] == ["op-1"]


async def test_a_lost_answer_nobody_can_look_up_is_unknown(world: World, argocd: ArgoCD) -> None:
    world.fail("argocd.sync", Fault.REPLY_LOST)
    asked = asyncio.create_task(argocd.sync(APP, "op-1"))
    while "argocd.sync" not in world.calls:  # noqa: ASYNC110  # the world tells nobody
        await asyncio.sleep(0)
    world.fail("argocd.get", Fault.UNAVAILABLE, times=ALWAYS)

    with pytest.raises(UnknownOutcome):
        await asked
    assert [sync.operation for sync in world.cluster.syncs] == ["op-1"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAVAILABLE, Unavailable),
        (Fault.HTML, Unavailable),
        (Fault.DENIED, Denied),
        (Fault.LIMITED, Limited),
    ],
)
async def test_a_sync_that_is_not_accepted_is_none(
    world: World, argocd: ArgoCD, fault: Fault, error: type[Exception]
) -> None:
    world.fail("argocd.sync", fault)

    with pytest.raises(error):
        await argocd.sync(APP, "op-1")
    assert world.cluster.syncs == []
    assert world.calls.count("argocd.sync") == 1


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_a_server_that_is_away_is_unavailable(
    world: World, argocd: ArgoCD, fault: Fault
) -> None:
    calls: dict[str, Callable[[], Any]] = {
        "argocd.get": lambda: argocd.application(APP),
        "argocd.version": argocd.version,
    }
    for name, call in calls.items():
        world.fail(name, fault, times=ALWAYS)
        with pytest.raises(Unavailable):
            await call()


async def test_a_token_that_is_refused_is_denied(world: World, argocd: ArgoCD) -> None:
    world.fail("argocd.get", Fault.DENIED)

    with pytest.raises(Denied, match="401"):
        await argocd.application(APP)


async def test_the_version_is_the_servers_own_word(argocd: ArgoCD) -> None:
    assert (await argocd.version()).startswith("v3.1.9+")


async def test_a_wrong_token_never_shows_and_the_version_needs_none(world: World) -> None:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        argocd = await over_http(stack, session, world, token="hunter2hunter2")
        with pytest.raises(Denied, match="expired, revoked or wrong") as caught:
            await argocd.application(APP)
        assert await argocd.version()

    assert "hunter2" not in str(caught.value) + caught.value.hint + repr(caught.value.__cause__)
