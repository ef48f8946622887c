"""The simulated API server speaks the vendor's own protocol: watches, expiry, and to kubectl."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.sim import troubles
from adapters.sim.servers import kubernetes as server
from adapters.sim.servers.loopback import serve
from adapters.sim.servers.tls import certificate
from tests.adapters.kubernetes_place import TOKEN, Place
from tests.adapters.kubernetes_place import place as opened

RELEASE = "rocketchat"
KUBECTL = shutil.which("kubectl")
PODS = f"/api/v1/namespaces/{RELEASE}/pods"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened("http", tmp_path) as made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as made:
        yield made


async def listed(session: aiohttp.ClientSession, url: str, **query: str) -> dict[str, Any]:
    async with session.get(url, params=query) as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def told(
    session: aiohttp.ClientSession, url: str, most: int, **query: str
) -> list[dict[str, Any]]:
    """The first lines of a watch."""
    found: list[dict[str, Any]] = []
    asked = {"watch": "true", "timeoutSeconds": "5", **query}
    async with session.get(url, params=asked) as answer:
        async for line in answer.content:
            found.append(json.loads(line))
            if len(found) == most:
                break
    return found


async def test_a_watch_tells_what_happened_since_the_list(
    place: Place, session: aiohttp.ClientSession
) -> None:
    page = await listed(session, place.url + PODS)
    version = page["metadata"]["resourceVersion"]
    pod = await place.pods.pod(RELEASE, "rocketchat-nats-0")
    await place.pods.delete(RELEASE, pod.name, pod.uid)
    changes = await told(session, place.url + PODS, 3, resourceVersion=version)

    assert [change["type"] for change in changes] == ["MODIFIED", "DELETED", "ADDED"]
    assert {change["object"]["metadata"]["name"] for change in changes} == {pod.name}
    assert changes[0]["object"]["metadata"]["deletionTimestamp"]
    assert changes[2]["object"]["metadata"]["uid"] != pod.uid


async def test_a_watch_without_a_version_begins_with_what_there_is(
    place: Place, session: aiohttp.ClientSession
) -> None:
    page = await listed(session, place.url + PODS)
    changes = await told(session, place.url + PODS, len(page["items"]))

    assert {change["type"] for change in changes} == {"ADDED"}


async def test_a_bookmark_carries_a_version_and_nothing_else(
    place: Place, session: aiohttp.ClientSession
) -> None:
    page = await listed(session, place.url + PODS)
    version = page["metadata"]["resourceVersion"]
    (mark,) = await told(
        session, place.url + PODS, 1, resourceVersion=version, allowWatchBookmarks="true"
    )

    assert mark["type"] == "BOOKMARK"
    assert set(mark["object"]) == {"kind", "apiVersion", "metadata"}
    assert set(mark["object"]["metadata"]) == {"resourceVersion"}


async def test_a_version_that_was_compacted_has_expired(
    place: Place, session: aiohttp.ClientSession
) -> None:
    page = await listed(session, place.url + PODS)
    place.world.cluster.objects.compact()
    (change,) = await told(
        session, place.url + PODS, 1, resourceVersion=page["metadata"]["resourceVersion"]
    )

    assert change["type"] == "ERROR"
    assert (change["object"]["code"], change["object"]["reason"]) == (410, "Expired")


async def test_pages_say_how_many_are_left_and_expire(
    place: Place, session: aiohttp.ClientSession
) -> None:
    first = await listed(session, place.url + PODS, limit="3")
    token = first["metadata"]["continue"]
    place.world.cluster.objects.compact()
    expired = await listed(session, place.url + PODS, limit="3", **{"continue": token})

    assert first["metadata"]["remainingItemCount"] == 5
    assert (expired["code"], expired["reason"]) == (410, "Expired")
    assert expired["metadata"]["continue"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"fieldSelector": "metadata.name=mongodb-0"}, {"mongodb-0"}),
        ({"labelSelector": "app in (mongodb-svc,other)"}, {"mongodb-0"}),
        ({"labelSelector": "app"}, {"mongodb-0"}),
        ({"fieldSelector": "status.phase=Succeeded,status.phase=Failed"}, set()),
    ],
)
async def test_selectors_choose_as_the_api_does(
    place: Place, session: aiohttp.ClientSession, query: dict[str, str], names: set[str]
) -> None:
    page = await listed(session, place.url + PODS, **query)

    assert {item["metadata"]["name"] for item in page["items"]} == names


async def test_a_field_the_api_cannot_select_by_is_refused(
    place: Place, session: aiohttp.ClientSession
) -> None:
    found = await listed(session, place.url + PODS, fieldSelector="spec.image=x")

    assert (found["code"], found["reason"]) == (400, "BadRequest")
    assert "field label not supported" in found["message"]


async def test_a_custom_resource_takes_no_strategic_patch(
    place: Place, session: aiohttp.ClientSession
) -> None:
    url = f"{place.url}/apis/external-secrets.io/v1beta1/namespaces/{RELEASE}/externalsecrets/x"
    kind = {"Content-Type": "application/strategic-merge-patch+json"}
    async with session.patch(url, data=b"{}", headers=kind) as answer:
        assert answer.status == 415


async def test_what_is_not_json_is_refused_as_such(
    place: Place, session: aiohttp.ClientSession
) -> None:
    kind = {"Content-Type": "application/vnd.kubernetes.protobuf"}
    async with session.post(place.url + PODS, data=b"k8s\0", headers=kind) as answer:
        assert answer.status == 415


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")
async def test_kubectl_gets_describes_and_watches(place: Place, tmp_path: Path) -> None:
    trouble = troubles.failed_mount("configmap", "scripts-are-gone", "scripts")
    place.world.cluster.controllers.afflict(RELEASE, "mongodb", trouble)
    async with AsyncExitStack() as stack:
        tls, trusted = certificate(tmp_path)
        url = await serve(stack, server.app(place.world, TOKEN), tls=tls)
        config = tmp_path / "kubectl"
        server.write_kubeconfig(config, url, TOKEN, trusted)
        described = await kubectl(config, "describe", "pod", "mongodb-0")
        schedules = await kubectl(config, "get", "cronjobs", "-A", "-o", "name")
        watching = asyncio.create_task(
            kubectl(config, "get", "pods", "-w", "-o", "name", "--request-timeout=6s")
        )
        # The list, and the watch from its version: what happens from then on is told.
        asked = place.world.calls.count("kubernetes.get") + 2
        await place.until(lambda: place.world.calls.count("kubernetes.get") >= asked, 500)
        pod = await place.pods.pod(RELEASE, "rocketchat-nats-0")
        await place.pods.delete(RELEASE, pod.name, pod.uid)
        seen = await watching

    assert 'configmap "scripts-are-gone" not found' in described
    assert schedules.split() == [
        "cronjob.batch/aks-stale-pod-cleanup",
        "cronjob.batch/k3s-image-prune",
    ]
    assert seen.count("pod/rocketchat-nats-0") >= 3


async def kubectl(config: Path, *words: str) -> str:
    made = await asyncio.create_subprocess_exec(
        "kubectl", "--kubeconfig", str(config), "--cache-dir", str(config.parent), *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await made.communicate()
    return said.decode()
