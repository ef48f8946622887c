"""`!nodes`, from what is said in #ops to what is answered."""

from __future__ import annotations

from adapters.sim.podmaker import NODE
from adapters.sim.world import Fault
from tests.commands.room import Room


async def test_nodes_that_are_well_show_what_is_asked_of_them(room: Room) -> None:
    answer = await room.ask("!nodes")

    assert "2 nodes, all well" in answer
    assert NODE in answer
    assert "12.0 GiB" in answer
    assert "(0 %)" in answer


async def test_pressure_and_silence_come_first(room: Room) -> None:
    kept = room.world.cluster.objects
    node = kept.get("nodes", "", NODE)
    for condition in node["status"]["conditions"]:
        if condition["type"] == "DiskPressure":
            condition |= {"status": "True", "message": "kubelet has disk pressure"}
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "message": "Kubelet stopped posting node status."}
    kept.put(node)
    answer = await room.ask("!nodes")

    assert "1 of 2 nodes are not well" in answer
    assert "is under DiskPressure: kubelet has disk pressure" in answer
    assert "is not ready: Kubelet stopped posting" in answer
    assert "NotReady,DiskPressure" in answer


async def test_pods_that_cannot_be_seen_cost_their_column_only(room: Room) -> None:
    room.world.cluster.api.forbidden.add(("", "pods"))
    answer = await room.ask("!nodes")

    assert "What pods ask for could not be looked at" in answer
    assert "2 nodes, all well" in answer


async def test_a_cluster_that_is_away_is_said(room: Room) -> None:
    room.world.fail("kubernetes.get", Fault.UNAVAILABLE, times=9)

    assert "Kubernetes: 503" in await room.ask("!nodes")
