"""The resources port: one contract, kept by the simulated world and by the real adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from adapters.resources import ResourcesApi
from adapters.sim import troubles
from adapters.sim.world import Fault
from bot.errors import Invalid, Missing, Unavailable, UnknownOutcome
from bot.ports.kubernetes import RolloutState
from bot.ports.resources import Kind
from tests.adapters.kubernetes_place import BOTH, Place, connected
from tests.adapters.kubernetes_place import place as opened
from tests.adapters.wire import Answer, Wire

RELEASE = "rocketchat"
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture(params=BOTH)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(request.param, tmp_path) as made:
        yield made


async def test_a_config_map_is_there_or_not(place: Place) -> None:
    assert await place.resources.config_map("monitoring", "prometheus-agent-config")
    assert not await place.resources.config_map("monitoring", "no-such")


async def test_claims_say_their_size_and_whether_they_are_bound(place: Place) -> None:
    found = {claim.name: claim for claim in await place.resources.claims(RELEASE)}
    data = found["data-volume-mongodb-0"]

    assert (data.phase, data.capacity, data.storage_class) == ("Bound", "50Gi", "managed-premium")
    assert data.volume.startswith("pvc-")


async def test_stateful_sets_are_judged_as_kubectl_does(place: Place) -> None:
    before = {found.name: found for found in await place.resources.stateful_sets(RELEASE)}
    assert before["mongodb"].state is RolloutState.DONE
    trouble = troubles.failed_mount("configmap", "gone", "scripts")
    place.world.cluster.controllers.afflict(RELEASE, "mongodb", trouble)
    after = {found.name: found for found in await place.resources.stateful_sets(RELEASE)}

    assert (after["mongodb"].state, after["mongodb"].text) == (
        RolloutState.WAITING,
        "0 of 1 ready",
    )
    assert after["rocketchat-nats"].ready == 1


async def test_services_name_their_ports(place: Place) -> None:
    found = {service.name: service for service in await place.resources.services(RELEASE)}

    assert found["rocketchat-rocketchat"].ports == {"http": 80, "metrics": 9100}
    assert found["rocketchat-rocketchat"].annotations["prometheus.io/port"] == "9100"
    assert found["mongodb-svc"].selector == {"app": "mongodb-svc"}


async def test_mongodb_says_its_phase_and_the_secrets_it_needs(place: Place) -> None:
    (found,) = await place.resources.mongodb(RELEASE)

    assert (found.name, found.phase, found.members, found.wanted_members) == (
        "mongodb", "Running", 1, 1,
    )  # fmt: skip
    assert found.secrets == {
        "mongodb-admin-password": "password",
        "mongodb-rocketchat-password": "password",
        "metrics-endpoint-password": "password",
    }
    trouble = troubles.crash_loop("no space left on device")
    place.world.cluster.controllers.afflict(RELEASE, "mongodb", trouble)
    (found,) = await place.resources.mongodb(RELEASE)
    assert (found.phase, found.members) == ("Pending", 0)
    assert await place.resources.mongodb("monitoring") == []


async def test_a_cluster_without_the_operator_has_no_mongodb(tmp_path: Path) -> None:
    absent = {"kind": "Status", "message": "could not find the requested resource", "code": 404}
    async with Wire(Answer(404, absent)) as wire, AsyncExitStack() as stack:
        client = await connected(stack, tmp_path, wire.url)

        assert await ResourcesApi(client).mongodb(RELEASE) == []


async def test_a_manifest_is_yaml_without_what_only_the_server_uses(place: Place) -> None:
    text = await place.resources.manifest(Kind.POD, RELEASE, "mongodb-0")
    found = yaml.safe_load(text)

    assert (found["kind"], found["metadata"]["name"]) == ("Pod", "mongodb-0")
    assert "managedFields" not in text
    with pytest.raises(Missing):
        await place.resources.manifest(Kind.POD, RELEASE, "nobody")
    es = await place.resources.manifest(Kind.EXTERNAL_SECRET, RELEASE, "mongodb-admin-password")
    assert "remoteRef" in es


async def test_an_annotation_is_set_and_nothing_else(place: Place) -> None:
    kept = place.world.cluster.objects
    before = kept.get("externalsecrets", RELEASE, "mongodb-admin-password")["spec"]
    await place.resources.annotate(
        Kind.EXTERNAL_SECRET, RELEASE, "mongodb-admin-password", {"note/a.b": "1"}
    )
    after = kept.get("externalsecrets", RELEASE, "mongodb-admin-password")

    assert after["metadata"]["annotations"] == {"note/a.b": "1"}
    assert after["spec"] == before
    with pytest.raises(Missing):
        await place.resources.annotate(Kind.POD, RELEASE, "nobody", {"a": "b"})


async def test_a_restart_replaces_the_pods_of_a_stateful_set(place: Place) -> None:
    before = await place.pods.pod(RELEASE, "rocketchat-nats-0")
    await place.resources.restart(Kind.STATEFUL_SET, RELEASE, "rocketchat-nats", NOW)
    kept = place.world.cluster.objects
    await place.until(
        lambda: (
            (pod := kept.find("pods", RELEASE, "rocketchat-nats-0")) is not None
            and pod["metadata"]["uid"] != before.uid
            and pod["status"]["phase"] == "Running"
        )
    )


async def test_a_restart_of_a_release_deployment_is_a_rollout_once_a_date(place: Place) -> None:
    live = place.world.cluster.deployment("rocketchat-presence")
    before, generation = live.pods[0].name, live.generation
    await place.resources.restart(Kind.DEPLOYMENT, RELEASE, live.name, NOW)
    await place.resources.restart(Kind.DEPLOYMENT, RELEASE, live.name, NOW)

    assert live.generation == generation + 1
    assert (await place.kubernetes.rollout(RELEASE, live.name)).state is RolloutState.WAITING
    await place.until(lambda: live.done and live.pods[0].name != before)
    assert (await place.kubernetes.rollout(RELEASE, live.name)).state is RolloutState.DONE


async def test_what_has_no_pods_cannot_be_restarted(place: Place) -> None:
    with pytest.raises(Invalid, match="cannot be restarted"):
        await place.resources.restart(Kind.CRON_JOB, "monitoring", "k3s-image-prune", NOW)
    with pytest.raises(Missing):
        await place.resources.restart(Kind.DEPLOYMENT, RELEASE, "no-such", NOW)


async def test_faults_are_named(place: Place) -> None:
    place.world.fail("kubernetes.patch", Fault.REPLY_LOST)
    with pytest.raises(UnknownOutcome):
        await place.resources.restart(Kind.STATEFUL_SET, RELEASE, "mongodb", NOW)
    place.world.fail("kubernetes.get", Fault.HTML)
    with pytest.raises(Unavailable):
        await place.resources.claims(RELEASE)
