"""The registry port: images and releases, in the simulated world and over their own protocols."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from adapters.http import JsonClient
from adapters.registry import Endpoint, RegistryV2
from adapters.releases import HttpReleases
from adapters.sim.published import IMAGES
from adapters.sim.registry import HOSTS, SimRegistry, digest_of
from adapters.sim.releases import SimReleases
from adapters.sim.servers import registry as images
from adapters.sim.servers import releases as published
from adapters.sim.world import Fault, World
from bot.errors import AdapterError, Denied, Limited, Missing, Unavailable
from bot.ports.registry import Registry, Release, Releases

MONOLITH = "registry.rocket.chat/rocketchat/rocket.chat"
PRESENCE = "rocketchat/presence-service"
BOTH = pytest.mark.parametrize("image", [MONOLITH, PRESENCE])
ALWAYS = 9


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture(params=["sim", "http"])
async def registry(request: pytest.FixtureRequest, world: World, stack: AsyncExitStack) -> Registry:
    if request.param == "sim":
        return SimRegistry(world)
    endpoints = {}
    for host in HOSTS:
        served = await stack.enter_async_context(TestServer(images.app(world, host)))
        endpoints[host] = Endpoint(str(served.make_url("")))
    session = await stack.enter_async_context(aiohttp.ClientSession())
    return RegistryV2(session, endpoints)


@pytest.fixture(params=["sim", "http"])
async def releases(request: pytest.FixtureRequest, world: World, stack: AsyncExitStack) -> Releases:
    if request.param == "sim":
        return SimReleases(world)
    served = await stack.enter_async_context(TestServer(published.app(world)))
    session = await stack.enter_async_context(aiohttp.ClientSession())
    limit = timedelta(seconds=10)
    url = str(served.make_url(""))
    return HttpReleases(JsonClient(session, url, system="Rocket.Chat releases", timeout=limit))


@BOTH
async def test_an_image_that_exists_has_a_digest(registry: Registry, image: str) -> None:
    assert await registry.digest(image, "7.13.2") == digest_of(image, "7.13.2")
    assert await registry.digest(image, "7.12.2") == digest_of(image, "7.12.2")


@BOTH
async def test_a_tag_nobody_published_is_none(world: World, registry: Registry, image: str) -> None:
    world.cluster.removed_tags = {(image, "7.13.2")}

    assert await registry.digest(image, "7.13.2") is None
    assert await registry.digest(image, "7.99.0") is None


@BOTH
async def test_an_image_that_is_private_is_denied_and_not_missing(
    world: World, registry: Registry, image: str
) -> None:
    world.cluster.private_images = {image}

    with pytest.raises(Denied, match="not visible"):
        await registry.digest(image, "7.13.2")


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_a_registry_that_is_away_is_unavailable_and_not_missing(
    world: World, registry: Registry, fault: Fault
) -> None:
    world.fail("registry.head", fault, times=ALWAYS)

    with pytest.raises(Unavailable):
        await registry.digest(MONOLITH, "7.13.2")


async def test_a_registry_that_is_asked_too_often_says_when(
    world: World, registry: Registry
) -> None:
    world.fail("registry.head", Fault.LIMITED)

    with pytest.raises(Limited) as limited:
        await registry.digest(MONOLITH, "7.13.2")
    assert limited.value.retry_after == timedelta(seconds=5)


async def test_a_registry_that_refuses_is_denied(world: World, registry: Registry) -> None:
    world.fail("registry.head", Fault.DENIED)

    with pytest.raises(Denied):
        await registry.digest(MONOLITH, "7.13.2")


async def test_every_tag_of_an_image_is_listed_over_all_pages(
    world: World, registry: Registry
) -> None:
    found = await registry.tags("alpine")

    assert sorted(found) == sorted(IMAGES["alpine"])
    assert len(found) == len(set(found)) > 8
    assert sorted(await registry.tags(MONOLITH)) == sorted(world.cluster.releases)


async def test_a_tag_that_was_removed_is_not_listed(world: World, registry: Registry) -> None:
    world.cluster.removed_tags = {("alpine", "3.20")}

    assert "3.20" not in await registry.tags("alpine")


async def test_an_image_nobody_published_is_missing(registry: Registry) -> None:
    with pytest.raises(Missing, match="no image"):
        await registry.tags("ghcr.io/nobody/nothing")


async def test_tags_of_an_image_that_is_private_are_denied(
    world: World, registry: Registry
) -> None:
    world.cluster.private_images = {PRESENCE}

    with pytest.raises(Denied, match="not visible"):
        await registry.tags(PRESENCE)


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
async def test_tags_that_cannot_be_had_say_why(
    world: World, registry: Registry, fault: Fault, error: type[AdapterError]
) -> None:
    world.fail("registry.tags", fault, times=ALWAYS)

    with pytest.raises(error):
        await registry.tags("alpine")


async def test_every_host_says_whether_it_is_there(world: World, registry: Registry) -> None:
    well = await registry.reachable()
    world.fail("registry.ping", Fault.UNAVAILABLE)
    ill = await registry.reachable()

    assert well == dict.fromkeys(HOSTS, "ok")
    assert sum(text != "ok" for text in ill.values()) == 1
    assert any("503" in text for text in ill.values())


async def test_a_release_names_its_mongodb_versions(releases: Releases) -> None:
    assert await releases.release("8.2.0") == Release("8.2.0", ("7.0", "8.0", "8.2"))


async def test_the_newest_release_is_latest(world: World, releases: Releases) -> None:
    world.cluster.releases["10.0.0"] = ("9.0",)

    assert await releases.release("latest") == Release("10.0.0", ("9.0",))


async def test_a_version_that_was_never_released_is_none(releases: Releases) -> None:
    assert await releases.release("7.99.0") is None
    assert await releases.release("../latest") is None


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_release_information_that_is_away_is_unavailable(
    world: World, releases: Releases, fault: Fault
) -> None:
    world.fail("releases.get", fault, times=ALWAYS)

    with pytest.raises(Unavailable):
        await releases.release("7.13.2")
