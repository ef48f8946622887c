"""The Kubernetes port: one contract, kept by the simulated world and over the real protocol."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from adapters.kubernetes import KubernetesApi
from adapters.kubernetes_client import KubernetesClient
from adapters.sim.kubernetes import SimKubernetes
from adapters.sim.scenarios import healthy
from adapters.sim.servers import kubernetes as server
from adapters.sim.servers.loopback import serve
from adapters.sim.servers.tls import certificate
from adapters.sim.workloads import MONOLITH
from adapters.sim.world import Fault, World
from bot.clock import LoopClock
from bot.errors import Denied, Limited, Missing, Unavailable
from bot.ports.kubernetes import Kubernetes, RolloutState

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SPEED = 100.0
SPACE = "rocketchat"
PRESENCE = "rocketchat-presence"
TOKEN = "opens-kubernetes"
KUBECTL = shutil.which("kubectl")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(LoopClock(START, SPEED), speed=SPEED)
    yield made
    await made.close()


@asynccontextmanager
async def connected(kubeconfig: Path, world: World, token: str) -> AsyncIterator[Kubernetes]:
    """The real adapter over a server of its own, by the kubeconfig a person would have."""
    async with TestServer(server.app(world, TOKEN)) as served:
        server.write_kubeconfig(kubeconfig, str(served.make_url("")), token)
        client = await KubernetesClient.connect(kubeconfig=kubeconfig, context="lab")
        try:
            yield KubernetesApi(client)
        finally:
            await client.close()


@pytest.fixture(params=["sim", "http"])
async def kubernetes(
    request: pytest.FixtureRequest, world: World, tmp_path: Path
) -> AsyncIterator[Kubernetes]:
    if request.param == "sim":
        yield SimKubernetes(world)
        return
    async with connected(tmp_path / "kubeconfig", world, TOKEN) as made:
        yield made


def deploy(world: World, tag: str) -> None:
    """A push that Argo CD brings to the cluster."""
    values = world.remote.read("values.yaml").replace(b'tag: "7.12.2"', f'tag: "{tag}"'.encode())
    world.remote.push("values.yaml", values, f"chore: {tag}")
    world.cluster.refresh()


async def until(world: World, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await world.pause(0.2)


async def test_a_deployment_that_rests_is_rolled_out(kubernetes: Kubernetes) -> None:
    found = await kubernetes.rollout(SPACE, PRESENCE)

    assert (found.namespace, found.name, found.state) == (SPACE, PRESENCE, RolloutState.DONE)
    assert found.images == ("rocketchat/presence-service:7.12.2",)
    assert (found.wanted, found.updated, found.available) == (1, 1, 1)
    assert found.resource_version


async def test_every_deployment_is_listed_by_name(world: World, kubernetes: Kubernetes) -> None:
    found = await kubernetes.rollouts(SPACE)

    expected = sorted([*world.cluster.deployments, "rocketchat-nats-box"])
    assert [rollout.name for rollout in found] == expected
    assert len(found) == 6
    assert await kubernetes.rollouts("nowhere") == []


async def test_what_is_not_there_is_missing(kubernetes: Kubernetes) -> None:
    for namespace, name in ((SPACE, "rocketchat-gone"), ("nowhere", PRESENCE)):
        with pytest.raises(Missing):
            await kubernetes.rollout(namespace, name)


async def test_a_rollout_waits_for_each_of_its_stages_and_ends(
    world: World, kubernetes: Kubernetes
) -> None:
    # Slow enough that each stage is seen over a socket, on a busy machine too.
    world.speed, world.cluster.rollout_seconds = 4, 4.0
    world.cluster.deadline_seconds = 9999.0
    live = world.cluster.deployment(PRESENCE)
    deploy(world, "7.13.2")
    seen: dict[str, RolloutState] = {}
    async with asyncio.timeout(20):
        while "rolled out" not in seen or live.image.endswith("7.12.2"):
            found = await kubernetes.rollout(SPACE, PRESENCE)
            if found.images[0].endswith("7.13.2"):
                seen[found.text] = found.state
            await world.pause(0.2)

    assert seen.pop("rolled out") is RolloutState.DONE
    assert set(seen.values()) == {RolloutState.WAITING}
    assert "waiting for the change to be seen" in seen
    assert "0 of 1 available" in seen


async def test_a_rollout_past_its_deadline_has_failed(world: World, kubernetes: Kubernetes) -> None:
    world.cluster.unpullable = {"rocketchat/presence-service:7.13.2"}
    deploy(world, "7.13.2")
    await until(world, lambda: world.cluster.deployment(PRESENCE).failed)
    found = await kubernetes.rollout(SPACE, PRESENCE)

    assert found.state is RolloutState.FAILED
    assert "deadline" in found.text


async def test_the_version_is_the_servers_own_word(kubernetes: Kubernetes) -> None:
    assert await kubernetes.version() == "v1.32.4"


@pytest.mark.parametrize(
    ("verb", "resource", "group", "may"),
    [
        ("list", "deployments", "apps", True),
        ("get", "pods", "", True),
        ("delete", "deployments", "apps", False),
        ("get", "secrets", "", False),
    ],
)
async def test_what_houston_may_do_can_be_asked(
    kubernetes: Kubernetes, verb: str, resource: str, group: str, may: bool
) -> None:
    assert await kubernetes.allowed(SPACE, verb, resource, group) is may


CALLS: dict[str, tuple[str, Callable[[Kubernetes], Any]]] = {
    "rollout": ("kubernetes.get", lambda k: k.rollout(SPACE, PRESENCE)),
    "rollouts": ("kubernetes.get", lambda k: k.rollouts(SPACE)),
    "version": ("kubernetes.version", lambda k: k.version()),
    "allowed": ("kubernetes.review", lambda k: k.allowed(SPACE, "get", "pods")),
}
FAULTS = {
    Fault.UNAVAILABLE: Unavailable,
    Fault.HTML: Unavailable,
    Fault.REPLY_LOST: Unavailable,
    Fault.LIMITED: Limited,
    Fault.DENIED: Denied,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_has_its_error(
    world: World, kubernetes: Kubernetes, fault: Fault
) -> None:
    for name, call in CALLS.values():
        world.fail(name, fault)
        with pytest.raises(FAULTS[fault]) as caught:
            await call(kubernetes)
        assert type(caught.value) is FAULTS[fault]


async def test_a_wrong_token_never_shows(world: World, tmp_path: Path) -> None:
    async with connected(tmp_path / "kubeconfig", world, "hunter2hunter2") as made:
        with pytest.raises(Denied) as caught:
            await made.rollout(SPACE, PRESENCE)

    assert "hunter2" not in str(caught.value) + repr(caught.value.__cause__)


@asynccontextmanager
async def encrypted(directory: Path, world: World) -> AsyncIterator[Path]:
    """A kubeconfig for a server of its own that speaks TLS: kubectl sends a token to no other."""
    tls, trusted = certificate(directory)
    async with AsyncExitStack() as stack:
        kubeconfig = directory / "encrypted"
        url = await serve(stack, server.app(world, TOKEN), tls=tls)
        server.write_kubeconfig(kubeconfig, url, TOKEN, trusted)
        yield kubeconfig


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")
async def test_kubectl_sees_what_the_port_sees(world: World, tmp_path: Path) -> None:
    world.cluster.unpullable = {"rocketchat/presence-service:7.13.2"}

    async def kubectl(*words: str) -> str:
        made = await asyncio.create_subprocess_exec(
            "kubectl", "--kubeconfig", str(kubeconfig), "--cache-dir", str(tmp_path), *words,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await made.communicate()
        assert made.returncode == 0
        return said.decode()

    async with (
        connected(tmp_path / "direct", world, TOKEN) as made,
        encrypted(tmp_path, world) as kubeconfig,
    ):
        deploy(world, "7.13.2")
        await until(world, lambda: world.cluster.deployment(PRESENCE).failed)
        await until(world, lambda: world.cluster.deployment(MONOLITH).done)
        names = await kubectl("get", "deployments", "-o", "name")
        shown = "{range .items[*]}{.metadata.name} {.spec.containers[*].image}{'\\n'}{end}"
        lines = (await kubectl("get", "pods", "-o", f"jsonpath={shown}")).splitlines()
        rollouts = await made.rollouts(SPACE)
        pods = [pod for live in world.cluster.deployments.values() for pod in live.pods]
    known = {pod.name for pod in pods}
    lines = [line for line in lines if line.partition(" ")[0] in known]

    assert {name.partition("/")[2] for name in names.split()} == {r.name for r in rollouts}
    assert sorted(lines) == sorted(f"{pod.name} {pod.image}" for pod in pods)
    assert len(lines) == 6
