"""`!secrets propagate`: exactly the pods that are behind begin anew."""

from __future__ import annotations

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.scenarios_secrets import NAME
from tests.commands.room import Room

CHANGED = pytest.mark.parametrize("world", [SCENARIOS["secret_changed"]], indirect=True)


def pods(room: Room) -> set[str]:
    found = room.world.cluster.objects.select("pods", "rocketchat")
    return {pod["metadata"]["name"] for pod in found}


@CHANGED
async def test_exactly_the_pods_that_are_behind_begin_anew(room: Room) -> None:
    before = pods(room)
    record = await room.approved(f"!secrets propagate {NAME}")
    stayed = before & pods(room)

    assert record.state == "succeeded"
    assert {name.rsplit("-", 1)[0] for name in stayed} >= {"mongodb", "rocketchat-nats"}
    assert not [name for name in stayed if name.startswith("rocketchat-presence")]
    assert "1 of 1 ready, 0 behind" in room.card(record)
    assert (await room.ask("!secrets")).startswith("✔ 5 secrets are well")


@CHANGED
async def test_only_the_pod_that_is_behind_is_replaced_among_its_like(room: Room) -> None:
    presence = room.world.cluster.deployment("rocketchat-presence")
    await room.approved("!scale presence 2")
    old, new = sorted(presence.pods, key=lambda pod: pod.created)
    await room.approved(f"!secrets propagate {NAME}", by="uBo", voter="uAna")
    names = {pod.name for pod in presence.pods}

    assert new.name in names
    assert old.name not in names
    assert len(names) == 2


async def test_nobody_is_behind_is_an_answer(room: Room) -> None:
    answer = await room.ask(f"!secrets propagate {NAME}")

    assert f"Every pod runs rocketchat/{NAME} as it is now" in answer


@CHANGED
async def test_the_plan_names_every_workload(room: Room) -> None:
    said = await room.say(f"!secrets propagate rocketchat/{NAME}")
    record = await room.waiting(said)

    assert "rocketchat-presence (1)" in record.title
    assert "rocketchat-rocketchat (1)" in record.title
    assert "nats" not in record.title


@CHANGED
async def test_who_is_not_in_the_roster_may_not_restart(room: Room) -> None:
    answer = await room.ask(f"!secrets propagate {NAME}", by="uVic")

    assert "needs the role operator" in answer


async def test_a_pod_nothing_would_make_again_is_not_touched(room: Room) -> None:
    objects = room.world.cluster.objects
    pod = next(
        found
        for found in objects.select("pods", "monitoring")
        if found["metadata"]["name"].startswith("prometheus-agent")
    )
    pod["metadata"]["ownerReferences"] = []
    objects.put(pod)
    external = objects.get("externalsecrets", "monitoring", "observability-credentials")
    room.world.cluster.secrets.vault["rocketchat-observability-credentials-username"] = "other"
    room.world.cluster.secrets.sync(external)
    answer = await room.ask("!secrets propagate observability-credentials")

    assert "it belongs to no workload" in answer
