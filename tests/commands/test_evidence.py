"""`!evidence`: what was kept of a pod before it was touched."""

from __future__ import annotations

import json

from adapters.sim import troubles
from tests.commands.room import Room

RELEASE = "rocketchat"
SECRET = "hunter2hunter2"


async def test_state_events_logs_and_manifest_are_kept_before_the_pod_goes(room: Room) -> None:
    trouble = troubles.crash_loop(f"cannot reach mongodb://rocketchat:{SECRET}@mongodb-0/db")
    room.world.cluster.controllers.afflict(RELEASE, "rocketchat-presence", trouble)
    del room.world.cluster.controllers.troubles[(RELEASE, "rocketchat-presence")]
    record = await room.approved("!restart presence")
    kept = await room.store.documents.all("evidence")
    ((key, body),) = kept.items()
    parts = body["parts"]
    assert isinstance(parts, dict)

    assert record.state == "succeeded", room.card(record)
    assert key.startswith(f"{record.id}/{RELEASE}/rocketchat-presence-")
    assert "CrashLoopBackOff" in str(parts["state"])
    assert "BackOff x4" in str(parts["events"])
    assert "mongodb://[redacted]@mongodb-0/db" in str(parts["previous log presence-service"])
    assert "rocketchat-mongodb-external" in str(parts["manifest"])
    assert SECRET not in json.dumps(kept)


async def test_it_is_shown_as_files_by_the_operation_s_code(room: Room) -> None:
    record = await room.approved("!restart presence")
    said = await room.say(f"!evidence {record.code}")
    answer = await room.answer(said)
    await room.quiet(30)

    assert "1 pods as they were before Restart rocketchat-presence" in answer
    files = [name for m in room.world.chat.messages("ops") for name in m.files]
    assert any(name.startswith("rocketchat-presence-") for name in files)


async def test_literal_values_of_variables_are_not_kept(room: Room) -> None:
    cluster = room.world.cluster
    pod = next(
        pod
        for pod in cluster.objects.select("pods", "monitoring")
        if pod["metadata"]["name"].startswith("prometheus-agent")
    )
    pod["spec"]["containers"][0]["env"] = [{"name": "HARMLESS", "value": SECRET}]
    applied = {"kubectl.kubernetes.io/last-applied-configuration": SECRET, "kept": "yes"}
    pod["metadata"]["annotations"] = applied
    cluster.objects.put(pod)
    record = await room.approved("!restart prometheus-agent")
    kept = json.dumps(await room.store.documents.all("evidence"))

    assert record.state == "succeeded"
    assert SECRET not in kept
    assert "HARMLESS" in kept
    assert "kept: 'yes'" in kept


async def test_a_part_that_cannot_be_had_does_not_lose_the_others(room: Room) -> None:
    room.world.cluster.api.forbidden.add((RELEASE, "pods/log"))
    record = await room.approved("!restart presence")
    (body,) = (await room.store.documents.all("evidence")).values()

    assert record.state == "succeeded", room.card(record)
    assert "pods/log is forbidden" in json.dumps(body)
    assert "Running" in json.dumps(body)


async def test_an_operation_without_evidence_says_so(room: Room) -> None:
    record = await room.approved("!scale presence 2")

    assert "kept no evidence" in await room.ask(f"!evidence {record.code}")
    assert "No operation has the code" in await room.ask("!evidence ZZZZ")
