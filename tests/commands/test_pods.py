"""`!pods` and `!pod`, from what is said in #ops to what is answered."""

from __future__ import annotations

import pytest

from adapters.sim import troubles
from adapters.sim.world import Fault
from tests.commands.room import Room

RELEASE = "rocketchat"


async def test_a_namespace_that_is_well_says_so_and_lists_its_pods(room: Room) -> None:
    answer = await room.ask("!pods")

    assert "8 pods in rocketchat, all well" in answer
    assert "mongodb-0" in answer
    assert "2/2" in answer
    assert "8 Running" in answer


async def test_what_is_not_well_comes_first_with_its_reason(room: Room) -> None:
    trouble = troubles.crash_loop("boom", code=137, reason="OOMKilled")
    room.world.cluster.controllers.afflict(RELEASE, "rocketchat-account", trouble)
    answer = await room.ask("!pods")

    assert "1 of 8 pods in rocketchat are not well" in answer
    assert "CrashLoopBackOff, OOMKilled" in answer
    assert answer.index("rocketchat-account") < answer.index("mongodb-0")
    assert "!pod rocketchat-account" in answer


async def test_bad_leaves_the_well_ones_out(room: Room) -> None:
    room.world.cluster.controllers.afflict(RELEASE, "rocketchat-account", troubles.evicted())
    answer = await room.ask("!pods --bad")

    assert "Evicted" in answer
    assert "mongodb-0" not in answer


@pytest.mark.parametrize(
    ("where", "pod", "other"),
    [
        ("ddpStreamer", "rocketchat-ddp-streamer-", "mongodb-0"),
        ("mongodb", "mongodb-0", "rocketchat-ddp-streamer-"),
        ("monitoring", "prometheus-agent-", "mongodb-0"),
        ("rocketchat-nats-box", "rocketchat-nats-box-", "mongodb-0"),
    ],
)
async def test_a_service_or_a_namespace_narrows_it(
    room: Room, where: str, pod: str, other: str
) -> None:
    answer = await room.ask(f"!pods {where}")

    assert pod in answer
    assert other not in answer


async def test_all_namespaces_are_told_apart(room: Room) -> None:
    answer = await room.ask("!pods all")

    assert "NAMESPACE" in answer
    assert "prometheus-agent" in answer
    assert "mongodb-0" in answer


async def test_a_word_that_is_nothing_names_what_there_is(room: Room) -> None:
    answer = await room.ask("!pods nowhere")

    assert "is no service and no namespace with pods" in answer
    assert "account" in answer
    assert "monitoring" in answer


async def test_a_namespace_without_the_right_costs_its_line_only(room: Room) -> None:
    forbidden = room.world.cluster.api.forbidden
    forbidden.update({("", "pods"), ("monitoring", "pods")})
    answer = await room.ask("!pods all")

    assert "monitoring could not be looked at" in answer
    assert "mongodb-0" in answer


async def test_a_cluster_that_is_away_is_said(room: Room) -> None:
    room.world.fail("kubernetes.get", Fault.UNAVAILABLE, times=9)

    assert "Kubernetes: 503" in await room.ask("!pods")


async def test_a_pod_tells_its_state_image_node_and_references(room: Room) -> None:
    answer = await room.ask("!pod mongodb-0")

    assert "mongodb-0 is well" in answer
    assert "StatefulSet mongodb" in answer
    assert "aks-system-1-vmss000000" in answer
    assert "mongodb-community-server" in answer
    assert "PersistentVolumeClaim data-volume-mongodb-0" in answer


async def test_a_pod_that_ails_tells_its_last_end_and_events(room: Room) -> None:
    trouble = troubles.crash_loop("boom", code=137, reason="OOMKilled")
    room.world.cluster.controllers.afflict(RELEASE, "rocketchat-account", trouble)
    answer = await room.ask("!pod rocketchat-account")

    assert "CrashLoopBackOff" in answer
    assert "last ended OOMKilled with code 137 at Tue 24 Nov 15:0" in answer
    assert "BackOff ×4" in answer
    assert "probes: liveness http-get :3000/livez" in answer


async def test_a_missing_mount_shows_in_the_events(room: Room) -> None:
    trouble = troubles.failed_mount("configmap", "init-scripts", "scripts")
    room.world.cluster.controllers.afflict(RELEASE, "mongodb", trouble)

    assert 'configmap "init-scripts" not found' in await room.ask("!pod mongodb")


async def test_events_that_cannot_be_seen_cost_their_line_only(room: Room) -> None:
    room.world.cluster.api.forbidden.add((RELEASE, "events"))
    answer = await room.ask("!pod mongodb-0")

    assert "mongodb-0 is well" in answer
    assert "Its events could not be looked at" in answer


async def test_a_name_that_is_nearly_right_is_asked_back(room: Room) -> None:
    answer = await room.ask("!pod mongdb-0")

    assert "is no pod" in answer
    assert "mongodb-0" in answer


async def test_words_that_do_not_fit_are_told(room: Room) -> None:
    assert "NAME is missing" in await room.ask("!pod")
    assert "one word too many" in await room.ask("!pod a b")
    assert "is no option" in await room.ask("!pods --worse")
