"""`!cleanup`: pods that have ended, exactly those that were listed, with evidence kept before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.sim import podmaker
from adapters.sim.world import Fault
from bot.ports.store import State
from bot.settings import Settings
from tests.commands.room import Room, settings

RELEASE = "rocketchat"
OLD = "2026-11-23T09:00:00Z"
SECRET = "hunter2hunter2"


@pytest.fixture
def room_settings() -> Settings:
    return settings(maintenance={"keep": ["*/precious-*"], "at_most": 3})


def ended(
    room: Room,
    name: str,
    *,
    phase: str = "Failed",
    namespace: str = RELEASE,
    owner: dict[str, Any] | None = None,
    at: str = OLD,
    **metadata: Any,
) -> None:
    """A pod of which nothing runs any more."""
    made: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "creationTimestamp": at, **metadata},
        "spec": {"containers": [{"name": "main", "image": "alpine:3.20"}]},
        "status": {
            "phase": phase,
            **({"reason": "Evicted"} if phase == "Failed" else {}),
            "containerStatuses": [
                {
                    "name": "main",
                    "image": "alpine:3.20",
                    "imageID": "",
                    "ready": False,
                    "restartCount": 0,
                    "state": {"terminated": podmaker.terminated("Completed", 0, at)},
                }
            ],
        },
    }
    if owner:
        made["metadata"]["ownerReferences"] = [podmaker.reference(owner)]
    room.world.cluster.objects.put(made)


def there(room: Room, name: str, namespace: str = RELEASE) -> bool:
    return room.world.cluster.objects.find("pods", namespace, name) is not None


async def test_a_preview_groups_by_namespace_and_reason_and_names_each(room: Room) -> None:
    ended(room, "lost-1")
    ended(room, "done-1", phase="Succeeded", namespace="monitoring")
    answer = await room.ask("!cleanup preview")

    assert "2 ended pods would be removed" in answer
    assert "1 in monitoring: Succeeded, Completed, owned by nobody: lost for good" in answer
    assert "1 in rocketchat: Failed, Evicted" in answer
    assert "lost-1" in answer
    assert "!cleanup run" in answer
    assert there(room, "lost-1")


async def test_nothing_that_has_ended_is_the_answer_too(room: Room) -> None:
    assert "No ended pod would be removed" in await room.ask("!cleanup preview")
    assert "Nothing to clean up" in await room.ask("!cleanup run")


async def test_exactly_the_listed_pods_go_with_evidence_before(room: Room) -> None:
    ended(room, "lost-1")
    ended(room, "lost-2")
    log = room.world.cluster.logs
    text = f"uri mongodb://rc:{SECRET}@mongodb-0/db"
    log.write(room.world.clock.now(), RELEASE, "lost-1", "main", text)
    said = await room.say("!cleanup run")
    record = await room.waiting(said)
    plan = room.thread(said)[0]
    room.react(record)
    record = await room.ended(said)
    kept = await room.store.documents.all("evidence")

    assert "Remove 2 ended pods" in plan
    assert "lost-1" in plan
    assert "lost-2" in plan
    assert record.state is State.SUCCEEDED, room.card(record)
    assert "2 deleted" in room.card(record)
    assert not there(room, "lost-1")
    assert not there(room, "lost-2")
    assert {key.rpartition("/")[2] for key in kept} == {"lost-1", "lost-2"}
    assert "mongodb://[redacted]@mongodb-0/db" in json.dumps(kept)
    assert SECRET not in json.dumps(kept)


async def test_what_runs_or_waits_is_never_touched(room: Room) -> None:
    ended(room, "lost-1")
    for phase in ("Running", "Pending", "Unknown"):
        ended(room, f"alive-{phase.lower()}", phase=phase)
    before = {p["metadata"]["name"] for p in room.world.cluster.objects.select("pods")}
    record = await room.approved("!cleanup run")
    after = {p["metadata"]["name"] for p in room.world.cluster.objects.select("pods")}

    assert record.state is State.SUCCEEDED
    assert before - after == {"lost-1"}


async def test_no_namespace_outside_of_the_configuration_is_looked_at(room: Room) -> None:
    ended(room, "elsewhere-1", namespace="kube-system")

    assert "No ended pod" in await room.ask("!cleanup preview")
    assert "Nothing to clean up" in await room.ask("!cleanup run --all")
    assert there(room, "elsewhere-1", "kube-system")


async def test_the_keep_list_an_annotation_and_youth_protect(room: Room) -> None:
    ended(room, "precious-1")
    ended(room, "asked-1", annotations={"houston/keep": "true"})
    ended(room, "young-1", at=room.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
    ended(room, "going-1", deletionTimestamp=OLD)
    ended(room, "mirror-1", annotations={"kubernetes.io/config.mirror": "x"})
    ended(room, "lost-1")
    answer = await room.ask("!cleanup preview")
    record = await room.approved("!cleanup run")

    assert "1 ended pod would be removed" in answer
    for why in (
        "1 stay: on the keep-list",
        "1 stay: annotated to be kept",
        "1 stay: ended just now",
        "1 stay: being deleted already",
        "1 stay: the kubelet's own",
    ):
        assert why in answer
    assert record.state is State.SUCCEEDED
    kept = ("precious-1", "asked-1", "young-1", "going-1", "mirror-1")
    assert all(there(room, name) for name in kept)


async def test_the_newest_pod_of_each_job_stays_for_its_log_unless_asked(room: Room) -> None:
    await room.approved("!jobs run aks-stale-pod-cleanup")
    (job,) = room.world.cluster.objects.select("jobs", "monitoring")
    ended(room, "retry-1", namespace="monitoring", owner=job)
    await room.quiet(3600)
    some = await room.ask("!cleanup preview")
    every = await room.ask("!cleanup preview --all")

    assert "1 ended pod would be removed" in some
    assert "1 stay: the newest of its Job, for its log" in some
    assert "2 ended pods would be removed" in every


async def test_pods_of_a_job_that_still_runs_stay(room: Room) -> None:
    room.world.cluster.controllers.jobs.seconds = 36000
    said = await room.say("!jobs run aks-stale-pod-cleanup")
    room.react(await room.waiting(said))
    await room.until(said, State.RUNNING)
    await room.quiet(10)
    (job,) = room.world.cluster.objects.select("jobs", "monitoring")
    ended(room, "retry-1", namespace="monitoring", owner=job)

    assert "1 stay: of a Job that still runs" in await room.ask("!cleanup preview --all")


async def test_only_so_many_go_at_once_the_oldest_first(room: Room) -> None:
    for number in range(5):
        ended(room, f"lost-{number}", at=f"2026-11-23T0{number}:00:00Z")
    answer = await room.ask("!cleanup preview")
    record = await room.approved("!cleanup run")

    assert "2 more wait for the next time: 3 at once" in answer
    assert record.state is State.SUCCEEDED
    assert [there(room, f"lost-{number}") for number in range(5)] == [False] * 3 + [True] * 2


async def test_another_pod_in_the_list_voids_the_votes(room: Room) -> None:
    ended(room, "lost-1")
    said = await room.say("!cleanup run")
    record = await room.waiting(said)
    ended(room, "lost-2")
    room.react(record)
    await room.quiet(60)

    assert any("votes are void" in text for text in room.thread(said))
    assert there(room, "lost-1")


async def test_a_pod_that_took_the_name_meanwhile_is_left_alone(room: Room) -> None:
    ended(room, "lost-1")
    ended(room, "lost-2")
    said = await room.say("!cleanup run")
    record = await room.waiting(said)
    room.world.fail("kubernetes.get", Fault.SLOW)
    room.react(record)
    await room.until(said, State.RUNNING)
    objects = room.world.cluster.objects
    objects.remove("pods", RELEASE, "lost-2")
    ended(room, "lost-2", phase="Running")
    record = await room.ended(said)

    assert there(room, "lost-2")
    assert not there(room, "lost-1")


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.REPLY_LOST, Fault.LIMITED])
async def test_a_passing_fault_is_survived(room: Room, fault: Fault) -> None:
    ended(room, "lost-1")
    ended(room, "lost-2")
    said = await room.say("!cleanup run")
    record = await room.waiting(said)
    room.world.fail("kubernetes.delete", fault)
    room.react(record)
    record = await room.ended(said)

    assert record.state is State.SUCCEEDED, room.card(record)
    assert not there(room, "lost-1")
    assert not there(room, "lost-2")


async def test_a_namespace_without_the_right_costs_its_own_line_only(room: Room) -> None:
    ended(room, "lost-1")
    room.world.cluster.api.forbidden = {("monitoring", "pods")}
    answer = await room.ask("!cleanup preview")

    assert "1 ended pod would be removed" in answer
    assert "not seen: monitoring" in answer


async def test_a_viewer_looks_and_removes_nothing(room: Room) -> None:
    ended(room, "lost-1")

    assert "1 ended pod would" in await room.ask("!cleanup preview", by="uVic")
    assert "needs the role operator" in await room.ask("!cleanup run", by="uVic")
    assert there(room, "lost-1")
