"""The pods port: one contract, kept by the simulated world and by the real adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.pods import PodsApi
from adapters.sim import troubles
from adapters.sim.world import Fault
from bot.errors import (
    Busy,
    Conflict,
    Denied,
    Invalid,
    Limited,
    Missing,
    Unavailable,
    UnknownOutcome,
)
from bot.ports.pods import Activity, Phase, Pod, Reference
from tests.adapters.kubernetes_place import BOTH, Place, connected
from tests.adapters.kubernetes_place import place as opened

RELEASE = "rocketchat"


@pytest.fixture(params=BOTH)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(request.param, tmp_path) as made:
        yield made


async def names(place: Place, namespace: str | None = RELEASE, **asked: object) -> list[str]:
    return [pod.name async for pod in place.pods.pods(namespace, **asked)]  # type: ignore[arg-type]


async def of(place: Place, workload: str, namespace: str = RELEASE) -> Pod:
    async for pod in place.pods.pods(namespace):
        if pod.name.startswith(workload):
            return pod
    raise AssertionError(f"no pod of {workload}")


async def going(place: Place, pod: Pod) -> bool:
    """Whether that very pod is ending, or has ended."""
    try:
        now = await place.pods.pod(pod.namespace, pod.name)
    except Missing:
        return True
    return now.deleted is not None or now.uid != pod.uid


async def test_the_pods_of_a_namespace_come_by_name(place: Place) -> None:
    found = await names(place)

    assert "mongodb-0" in found
    assert found == sorted(found)
    assert await names(place, "nowhere") == []
    everywhere = {pod.namespace async for pod in place.pods.pods()}
    assert {"rocketchat", "monitoring"} <= everywhere


async def test_a_pod_tells_what_describe_would(place: Place) -> None:
    pod = await place.pods.pod(RELEASE, "mongodb-0")

    assert (pod.phase, pod.status, pod.ready) == (Phase.RUNNING, "Running", True)
    assert pod.owner is not None
    assert (pod.owner.kind, pod.owner.name) == ("StatefulSet", "mongodb")
    assert [container.name for container in pod.containers] == ["mongod", "mongodb-agent"]
    assert pod.containers[0].activity is Activity.RUNNING
    assert pod.containers[0].image_id.endswith("0" * 64)
    assert Reference("PersistentVolumeClaim", "data-volume-mongodb-0") in pod.references
    assert pod.node


async def test_references_and_probes_of_the_release_are_known(place: Place) -> None:
    pod = await of(place, "rocketchat-rocketchat")

    assert pod.references == (Reference("Secret", "rocketchat-mongodb-external"),)
    assert pod.containers[0].probes == ("liveness http-get :3000/livez",)


async def test_labels_phase_and_node_select(place: Place) -> None:
    labels = {"app.kubernetes.io/name": "rocketchat-presence"}

    assert len(await names(place, labels=labels)) == 1
    assert await names(place, phase=Phase.PENDING) == []
    assert len(await names(place, phase=Phase.RUNNING)) == len(await names(place))
    assert await names(place, node="another") == []


async def test_a_crash_loop_is_told_with_its_last_end(place: Place) -> None:
    trouble = troubles.crash_loop("boom", code=137, reason="OOMKilled", restarts=9)
    place.world.cluster.controllers.afflict(RELEASE, "rocketchat-account", trouble)
    pod = await of(place, "rocketchat-account")

    assert (pod.status, pod.ready, pod.restarts) == ("CrashLoopBackOff", False, 9)
    last = pod.containers[0].last
    assert last is not None
    assert (last.reason, last.exit_code) == ("OOMKilled", 137)


async def test_an_eviction_by_the_kubelet_has_its_reason(place: Place) -> None:
    place.world.cluster.controllers.afflict(RELEASE, "rocketchat-account", troubles.evicted())
    pod = await of(place, "rocketchat-account")

    assert (pod.phase, pod.status, pod.reason) == (Phase.FAILED, "Evicted", "Evicted")
    assert "ephemeral-storage" in pod.message


async def test_events_about_one_pod_are_found_by_its_uid(place: Place) -> None:
    trouble = troubles.failed_mount("configmap", "missing-one", "scripts")
    place.world.cluster.controllers.afflict(RELEASE, "mongodb", trouble)
    pod = await place.pods.pod(RELEASE, "mongodb-0")
    found = [event async for event in place.pods.events(RELEASE, uid=pod.uid)]

    assert [event.reason for event in found] == ["FailedMount"]
    assert found[0].warning
    assert (found[0].kind, found[0].name, found[0].count) == ("Pod", "mongodb-0", 4)
    assert 'configmap "missing-one" not found' in found[0].message
    assert [event async for event in place.pods.events(RELEASE, name="other")] == []
    assert [event async for event in place.pods.events("monitoring", uid=pod.uid)] == []


async def test_logs_are_cut_by_lines_time_and_bytes(place: Place) -> None:
    pod = await of(place, "rocketchat-presence")
    write, now = place.world.cluster.logs.write, place.world.clock.now()
    container = pod.containers[0].name
    write(now - timedelta(minutes=30), RELEASE, pod.name, container, "old")
    write(now - timedelta(minutes=1), RELEASE, pod.name, container, "new one\nnew two")

    assert await place.pods.logs(RELEASE, pod.name) == "old\nnew one\nnew two\n"
    assert await place.pods.logs(RELEASE, pod.name, tail=1) == "new two\n"
    assert await place.pods.logs(RELEASE, pod.name, tail=0) == ""
    since = await place.pods.logs(RELEASE, pod.name, since=timedelta(minutes=10))
    assert since == "new one\nnew two\n"
    assert await place.pods.logs(RELEASE, pod.name, limit=5) == "old\nn"


async def test_logs_that_cannot_be_had_say_why(place: Place) -> None:
    with pytest.raises(Invalid, match="a container name must be specified"):
        await place.pods.logs(RELEASE, "mongodb-0")
    with pytest.raises(Invalid, match="previous terminated container"):
        await place.pods.logs(RELEASE, "mongodb-0", container="mongod", previous=True)
    with pytest.raises(Missing):
        await place.pods.logs(RELEASE, "nobody-0")
    pulling = troubles.image_pull("not found")
    place.world.cluster.controllers.afflict(RELEASE, "rocketchat-presence", pulling)
    pod = await of(place, "rocketchat-presence")
    with pytest.raises(Invalid, match="waiting to start"):
        await place.pods.logs(RELEASE, pod.name)


async def test_the_previous_instance_has_its_own_log(place: Place) -> None:
    trouble = troubles.crash_loop("Error: cannot reach the database")
    place.world.cluster.controllers.afflict(RELEASE, "rocketchat-account", trouble)
    pod = await of(place, "rocketchat-account")

    assert "cannot reach" in await place.pods.logs(RELEASE, pod.name, previous=True)


async def test_a_pod_that_ends_says_so(place: Place) -> None:
    kept = place.world.cluster.objects.get("pods", RELEASE, "mongodb-0")
    kept["metadata"]["deletionTimestamp"] = "2026-11-24T15:00:00Z"
    pod = await place.pods.pod(RELEASE, "mongodb-0")

    assert pod.status == "Terminating"
    assert pod.deleted is not None


async def test_a_pod_that_is_not_there_is_missing(place: Place) -> None:
    with pytest.raises(Missing, match="nobody"):
        await place.pods.pod(RELEASE, "nobody")
    with pytest.raises(Missing):
        await place.pods.delete(RELEASE, "nobody", "a uid")
    with pytest.raises(Missing):
        await place.pods.evict(RELEASE, "nobody", "a uid")


async def test_a_deleted_pod_is_made_again_and_becomes_ready(place: Place) -> None:
    before = await place.pods.pod(RELEASE, "mongodb-0")
    await place.pods.delete(RELEASE, before.name, before.uid)
    cluster = place.world.cluster
    await place.until(
        lambda: (
            (pod := cluster.objects.find("pods", RELEASE, "mongodb-0")) is not None
            and pod["metadata"]["uid"] != before.uid
            and pod["status"]["phase"] == "Running"
        )
    )
    after = await place.pods.pod(RELEASE, "mongodb-0")

    assert after.ready
    assert after.created > before.created


async def test_a_deleted_pod_of_the_release_is_replaced_under_another_name(place: Place) -> None:
    before = await of(place, "rocketchat-presence")
    await place.pods.delete(RELEASE, before.name, before.uid)
    live = place.world.cluster.deployment("rocketchat-presence")
    await place.until(lambda: live.ready == 1 and live.pods[0].name != before.name)

    assert (await of(place, "rocketchat-presence")).created > before.created


async def test_only_the_pod_that_was_looked_at_is_deleted(place: Place) -> None:
    with pytest.raises(Conflict, match="UID"):
        await place.pods.delete(RELEASE, "mongodb-0", "another uid")

    assert (await place.pods.pod(RELEASE, "mongodb-0")).deleted is None


async def test_a_disruption_budget_is_respected_by_evictions_only(place: Place) -> None:
    budget = place.world.cluster.objects.get("poddisruptionbudgets", RELEASE, "rocketchat-nats")
    budget["spec"] = {"minAvailable": 1, "selector": budget["spec"]["selector"]}
    pod = await place.pods.pod(RELEASE, "rocketchat-nats-0")

    with pytest.raises(Busy, match="disruption budget"):
        await place.pods.evict(RELEASE, pod.name, pod.uid)
    await place.pods.delete(RELEASE, pod.name, pod.uid)


async def test_an_eviction_that_is_allowed_replaces_the_pod(place: Place) -> None:
    pod = await place.pods.pod(RELEASE, "rocketchat-nats-0")
    await place.pods.evict(RELEASE, pod.name, pod.uid)

    assert await going(place, pod)


async def test_a_lost_answer_to_a_deletion_deletes_nothing_else(place: Place) -> None:
    pod = await place.pods.pod(RELEASE, "mongodb-0")
    place.world.fail("kubernetes.delete", Fault.REPLY_LOST)
    # aiohttp itself sends a deletion again when a kept connection breaks; the uid makes that safe.
    with suppress(UnknownOutcome, Conflict, Missing):
        await place.pods.delete(RELEASE, pod.name, pod.uid)

    assert await going(place, pod)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAVAILABLE, Unavailable),
        (Fault.HTML, Unavailable),
        (Fault.REPLY_LOST, Unavailable),
        (Fault.DENIED, Denied),
        (Fault.LIMITED, Limited),
    ],
)
async def test_faults_are_named(place: Place, fault: Fault, error: type[Exception]) -> None:
    place.world.fail("kubernetes.get", fault)
    with pytest.raises(error):
        await place.pods.pod(RELEASE, "mongodb-0")
    place.world.fail("kubernetes.logs", fault)
    with pytest.raises(error):
        await place.pods.logs(RELEASE, "mongodb-0", container="mongod")


async def test_a_missing_right_is_denied_and_names_the_resource(place: Place) -> None:
    place.world.cluster.api.forbidden.add(("monitoring", "pods"))

    with pytest.raises(Denied, match="pods is forbidden"):
        await names(place, "monitoring")
    assert "mongodb-0" in await names(place)


async def test_pages_that_expire_on_the_way_lose_and_repeat_nothing(place: Place) -> None:
    objects = place.world.cluster.objects
    one = objects.get("pods", RELEASE, "mongodb-0")
    for number in range(600):
        metadata = {"name": f"many-{number:03}", "namespace": RELEASE, "labels": {}}
        objects.put({**one, "metadata": metadata})
    found: list[str] = []
    async for pod in place.pods.pods(RELEASE):
        found.append(pod.name)
        if len(found) == 200:
            objects.compact()

    assert found == sorted(set(found))
    assert len([name for name in found if name.startswith("many-")]) == 600


async def test_a_refused_token_is_denied(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(opened("http", tmp_path))
        client = await connected(stack, tmp_path, made.url, "another token")

        with pytest.raises(Denied, match="401"):
            await PodsApi(client).pod(RELEASE, "mongodb-0")
