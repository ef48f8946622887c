"""`!diagnose`: for each symptom a world, in which the right cause is named first."""

from __future__ import annotations

import pytest

from adapters.sim import troubles
from adapters.sim.scenarios import SCENARIOS
from adapters.sim.scenarios_pods import POD_SCENARIOS, mongo_missing_configmap
from adapters.sim.world import Fault
from tests.commands.room import Room

RELEASE = "rocketchat"


FIRST = {
    "mongo_missing_configmap": (
        "ConfigMap rocketchat-mongodb-fix-clustermonitor-role-configmap is missing",
        "custom-init-scripts",
        "!mongo recover",
    ),
    "node_disk_pressure": ("runs out of disk (DiskPressure)", "evicted", "!nodes"),
    "volume_pending": ("PersistentVolumeClaim data-volume-mongodb-0 is Pending", "mongodb-0", "!"),
    "cluster_unreachable": ("The cluster does not answer", "503", "!"),
    "pods_evicted": ("evicted by its node", "low on resource", "!"),
    "image_forbidden": ("the registry refuses the image", "imagePullSecrets", "!pod"),
    "image_tag_missing": ("does not exist in its registry", "manifest unknown", "!pod"),
    "image_rate_limited": ("rate limit stops the pull", "pull with an account", "!pod"),
    "service_crashing": ("ends again and again (exit code 1)", "TypeError", "!logs"),
    "service_out_of_memory": ("more memory than its limit (OOMKilled)", "heap out", "!logs"),
    "secret_missing": ("Secret rocketchat-mongodb-external is missing", "rocketchat-account", "!"),
    "secret_key_missing": ("has no key mongo-uri", "rocketchat-account", "!pod"),
    "bus_down": ("rocketchat-nats-0 ends again and again", "no space left", "!logs"),
    "service_not_ready": ("runs and is not ready", "statuscode: 503", "!pod"),
}


@pytest.mark.parametrize(
    ("world", "expected"),
    [pytest.param(SCENARIOS[name], expected, id=name) for name, expected in FIRST.items()],
    indirect=["world"],
)
async def test_the_right_cause_comes_first_with_its_evidence(
    room: Room, expected: tuple[str, str, str]
) -> None:
    answer = await room.ask("!diagnose")
    title, evidence, following = expected

    assert title.lower() in answer.split("\n")[0].lower()
    assert evidence in answer
    assert following in answer.rpartition("Next: ")[2]


def test_every_scenario_of_the_cluster_has_its_cause() -> None:
    assert set(FIRST) == {name for name, made in SCENARIOS.items() if made in POD_SCENARIOS}


async def test_a_cluster_that_is_off_is_told_before_anything_on_it(room: Room) -> None:
    room.world.power.off()
    room.world.chat.set_up(True, "7.12.2")
    answer = await room.ask("!diagnose")

    assert "The cluster is stopped" in answer.split("\n")[0]


async def test_a_healthy_stack_says_so(room: Room) -> None:
    answer = await room.ask("!diagnose")

    assert "Nothing is wrong with the stack" in answer


@pytest.mark.parametrize("world", [mongo_missing_configmap], indirect=True)
async def test_a_dead_database_explains_the_services_that_crash(room: Room) -> None:
    answer = await room.ask("!diagnose")

    assert "explains: rocketchat-account" in answer
    assert "also:" not in answer


@pytest.mark.parametrize("world", [mongo_missing_configmap], indirect=True)
async def test_about_one_pod_it_names_the_root_and_not_the_symptom(room: Room) -> None:
    answer = await room.ask("!diagnose rocketchat-presence")

    assert "ConfigMap rocketchat-mongodb-fix" in answer.split("\n")[0]


async def test_a_fault_of_another_pod_is_not_told_for_this_one(room: Room) -> None:
    room.world.cluster.controllers.afflict(
        RELEASE, "rocketchat-presence", troubles.crash_loop("boom")
    )

    assert "Nothing is wrong with mongodb-0" in await room.ask("!diagnose mongodb-0")
    assert "ends again" in await room.ask("!diagnose rocketchat-presence")
    assert "Nothing is wrong with mongodb" in await room.ask("!diagnose mongodb")
    assert "Nothing is wrong with monitoring" in await room.ask("!diagnose monitoring")


async def test_two_roots_are_both_told(room: Room) -> None:
    afflict = room.world.cluster.controllers.afflict
    afflict("monitoring", "prometheus-agent", troubles.image_pull("403 Forbidden"))
    afflict(RELEASE, "mongodb", troubles.crash_loop("no space left on device"))
    answer = await room.ask("!diagnose")

    assert "mongodb-0 ends again" in answer.split("\n")[0]
    assert "also: The registry refuses" in answer


async def test_the_application_and_the_chat_follow_from_a_cause(room: Room) -> None:
    room.world.cluster.controllers.afflict(
        RELEASE, "rocketchat-presence", troubles.crash_loop("boom")
    )
    answer = await room.ask("!diagnose")

    assert "explains: Application aks-rocketchat-helm is Progressing" in answer


async def test_an_application_out_of_sync_stands_for_itself(room: Room) -> None:
    cluster = room.world.cluster
    cluster.automated = False
    values = room.world.remote.read("values.yaml").replace(b"7.12.2", b"7.13.2")
    room.world.remote.push("values.yaml", values, "chore: to 7.13.2")
    cluster.refresh()

    assert "is Healthy and OutOfSync" in await room.ask("!diagnose")


@pytest.mark.parametrize("world", [SCENARIOS["app_degraded"]], indirect=True)
async def test_another_application_that_is_degraded_is_named(room: Room) -> None:
    answer = await room.ask("!diagnose")

    assert "is Degraded" in answer.split("\n")[0]
    assert "!app aks-" in answer


@pytest.mark.parametrize("world", [SCENARIOS["node_disk_pressure"]], indirect=True)
async def test_what_no_node_takes_follows_from_the_node(room: Room) -> None:
    answer = await room.ask("!diagnose")

    assert "explains: rocketchat-authorization" in answer
    assert "no node takes it" in answer


async def test_what_cannot_be_seen_is_said_and_not_called_well(room: Room) -> None:
    room.world.cluster.api.forbidden.add(("monitoring", "pods"))
    room.world.fail("argocd.get", Fault.DENIED, times=3)
    answer = await room.ask("!diagnose")

    assert "Nothing seen that ails the stack" in answer
    assert "Pods in monitoring could not be looked at" in answer
    assert "Argo CD could not be looked at" in answer


async def test_secrets_in_logs_and_events_stay_out(room: Room) -> None:
    room.world.cluster.controllers.afflict(
        RELEASE,
        "rocketchat-presence",
        troubles.crash_loop("cannot reach mongodb://rocketchat:hunter2hunter2@mongodb-0/db"),
    )
    answer = await room.ask("!diagnose")

    assert "mongodb://[redacted]@mongodb-0/db" in answer
    assert "hunter2" not in answer


async def test_a_word_that_is_no_pod_is_asked_back(room: Room) -> None:
    assert "is no pod" in await room.ask("!diagnose moongodb-0")
