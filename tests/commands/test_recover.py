"""`!mongo recover`: the guide's incident, from what is said in #ops to a stack that is well."""

from __future__ import annotations

import pytest

from adapters.sim import troubles
from adapters.sim.scenarios_pods import SCRIPTS, cleaned_up, mongo_missing_configmap
from adapters.sim.world import Fault
from bot.ports.store import Record
from tests.commands.room import Room

RELEASE = "rocketchat"
MANIFEST = "ops/manifests/rocketchat-mongodb.yaml"
incident = pytest.mark.parametrize("world", [mongo_missing_configmap], indirect=True)


async def recovered(room: Room) -> Record:
    said = await room.say("!mongo recover")
    record = await room.waiting(said)
    room.react(record)
    room.react(record, by="uDee")
    return await room.ended(said)


@incident
async def test_the_incident_ends_verified(room: Room) -> None:
    cluster = room.world.cluster
    before = cluster.objects.get("pods", RELEASE, "mongodb-0")["metadata"]["uid"]
    assert "is missing" in await room.ask("!diagnose mongodb")
    record = await recovered(room)

    assert record.state == "succeeded", room.card(record)
    assert cluster.objects.kept("configmaps", RELEASE, SCRIPTS) is not None
    assert cluster.objects.get("pods", RELEASE, "mongodb-0")["metadata"]["uid"] != before
    assert all(deployment.ready for deployment in cluster.deployments.values())
    assert "all ready" in room.card(record)
    assert "Nothing is wrong" in await room.ask("!diagnose")


@incident
async def test_git_gets_the_old_bytes_back_in_one_commit(room: Room) -> None:
    remote = room.world.remote
    before = remote.commits()
    old = remote.read(MANIFEST, before[1])
    record = await recovered(room)

    assert record.state == "succeeded", room.card(record)
    assert remote.commits()[1:] == before
    assert remote.read(MANIFEST) == old
    assert b"\r\n" in old
    assert b"- manifests/rocketchat-mongodb.yaml" in remote.read("ops/kustomization.yaml")
    (commit,) = await room.git.between(before[0], remote.head())
    assert commit.author.name == "Ana Ferreira"
    assert f"Operation-Id: {record.id}" in commit.message


@incident
async def test_the_plan_shows_what_comes_back_and_from_where(room: Room) -> None:
    said = await room.say("!mongo recover")
    record = await room.waiting(said)
    plan = next(m.text for m in room.world.chat.messages("ops") if m.id == record.approval)

    assert "MongoDB" in plan
    assert "Remove manifests nobody lists" in plan
    assert "+kind: ConfigMap" in plan
    assert "2 on-call" in plan


@incident
async def test_only_services_that_crash_loop_are_restarted(room: Room) -> None:
    monolith = room.world.cluster.deployment("rocketchat-rocketchat").pods[0].name
    record = await recovered(room)

    assert record.state == "succeeded"
    assert room.world.cluster.deployment("rocketchat-rocketchat").pods[0].name == monolith
    kept = await room.store.documents.all("evidence")
    assert {str(body["pod"]).rsplit("-", 2)[0] for body in kept.values()} >= {
        "rocketchat-account",
        "rocketchat-presence",
    }


@incident
async def test_a_configmap_that_came_back_by_itself_is_not_restored_again(room: Room) -> None:
    cluster = room.world.cluster
    metadata = {"name": SCRIPTS, "namespace": RELEASE}
    cluster.objects.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    before = room.world.remote.commits()
    record = await recovered(room)

    assert record.state == "succeeded", room.card(record)
    assert room.world.remote.commits() == before


@incident
@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("git.push", Fault.REPLY_LOST),
        ("argocd.sync", Fault.UNAVAILABLE),
        ("kubernetes.delete", Fault.REPLY_LOST),
        ("kubernetes.get", Fault.UNAVAILABLE),
    ],
)
async def test_a_passing_fault_is_survived_and_nothing_happens_twice(
    room: Room, call: str, fault: Fault
) -> None:
    before = room.world.remote.commits()
    said = await room.say("!mongo recover")
    record = await room.waiting(said)
    room.world.fail(call, fault, times=2)
    room.react(record)
    room.react(record, by="uDee")
    record = await room.ended(said)

    assert record.state == "succeeded", room.card(record)
    assert len(room.world.remote.commits()) == len(before) + 1


async def test_the_guide_s_own_names_are_recovered_too(room: Room) -> None:
    cluster = room.world.cluster
    cluster.mongodb = ""
    old = cluster.objects.remove("statefulsets", RELEASE, "mongodb")
    cluster.objects.remove("pods", RELEASE, "mongodb-0")
    metadata = {"name": "rocketchat-mongodb", "namespace": RELEASE}
    metadata["creationTimestamp"] = old["metadata"]["creationTimestamp"]
    cluster.controllers.settle({**old, "metadata": metadata})
    cleaned_up(room.world.remote)
    scripts = troubles.failed_mount(
        "configmap", SCRIPTS, "custom-init-scripts",
        cured=lambda: cluster.objects.kept("configmaps", RELEASE, SCRIPTS) is not None,
    )  # fmt: skip
    cluster.controllers.afflict(RELEASE, "rocketchat-mongodb", scripts)
    record = await recovered(room)

    assert record.state == "succeeded", room.card(record)
    assert "Delete rocketchat-mongodb-0" in room.card(record)
    assert "none crash-loops" in room.card(record)


async def test_a_database_that_runs_needs_no_recovery(room: Room) -> None:
    assert "there is nothing to recover" in await room.ask("!mongo recover")


async def test_a_database_that_is_down_for_another_reason_is_left_alone(room: Room) -> None:
    trouble = troubles.crash_loop("no space left on device")
    room.world.cluster.controllers.afflict(RELEASE, "mongodb", trouble)
    answer = await room.ask("!mongo recover")

    assert "is down for another reason: ends again and again" in answer
    assert "!diagnose mongodb" in answer


async def test_without_a_database_it_does_not_apply(room: Room) -> None:
    room.world.cluster.objects.remove("statefulsets", RELEASE, "mongodb")

    assert "There is no StatefulSet mongodb or rocketchat-mongodb" in await room.ask(
        "!mongo recover"
    )


@incident
async def test_a_manifest_git_never_had_is_said(room: Room) -> None:
    room.world.remote = type(room.world.remote).in_memory({"values.yaml": b"a: 1"}, {})

    assert "was never on this branch" in await room.ask("!mongo recover")


async def test_who_is_not_in_the_roster_may_not_recover(room: Room) -> None:
    assert "needs the role operator" in await room.ask("!mongo recover", by="uVic")
