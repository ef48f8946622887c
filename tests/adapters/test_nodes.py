"""The nodes port: one contract, kept by the simulated world and by the real adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.kubernetes_read import read_quantity
from adapters.sim import troubles
from adapters.sim.world import Fault
from bot.errors import Denied, Unavailable
from bot.ports.nodes import Amount
from tests.adapters.kubernetes_place import BOTH, Place
from tests.adapters.kubernetes_place import place as opened


@pytest.fixture(params=BOTH)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(request.param, tmp_path) as made:
        yield made


async def test_nodes_say_what_they_can_give_and_how_they_are(place: Place) -> None:
    first, second = await place.nodes.nodes()

    assert first.name < second.name
    assert (first.ready, first.pressures, first.cordoned) == (True, (), False)
    assert first.allocatable == Amount(3860, 12 * 2**30, 119703055367, 30)
    assert first.version == "v1.32.4"


async def test_pressure_taints_and_silence_are_seen(place: Place) -> None:
    kept = place.world.cluster.objects
    name = (await place.nodes.nodes())[0].name
    node = kept.get("nodes", "", name)
    taint = {"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}
    node["spec"] = {"taints": [taint], "unschedulable": True}
    for condition in node["status"]["conditions"]:
        if condition["type"] == "DiskPressure":
            condition["status"] = "True"
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown"}
    kept.put(node)
    found = (await place.nodes.nodes())[0]

    assert found.pressures == ("DiskPressure",)
    assert (found.ready, found.cordoned) == (False, True)
    assert found.taints == ("node.kubernetes.io/disk-pressure:NoSchedule",)
    ready = found.condition("Ready")
    assert ready is not None
    assert ready.reason == "NodeStatusUnknown"


async def test_requests_are_summed_over_pods_that_have_not_ended(place: Place) -> None:
    before = await place.nodes.requests()
    (name,) = before
    place.world.cluster.controllers.afflict("rocketchat", "rocketchat-account", troubles.evicted())
    after = await place.nodes.requests()

    assert before[name].pods == after[name].pods + 1
    assert before[name].cpu - after[name].cpu == 100
    assert before[name].memory - after[name].memory == 128 * 2**20


async def test_faults_are_named(place: Place) -> None:
    place.world.fail("kubernetes.get", Fault.UNAVAILABLE)
    with pytest.raises(Unavailable):
        await place.nodes.nodes()
    place.world.cluster.api.forbidden.add(("", "nodes"))
    with pytest.raises(Denied, match="nodes is forbidden"):
        await place.nodes.nodes()


@pytest.mark.parametrize(
    ("text", "number"),
    [("250m", "0.25"), ("2", "2"), ("1.5", "1.5"), ("12Gi", str(12 * 2**30)), ("1e3", "1000"),
     ("100k", "100000"), (None, "0")],
)  # fmt: skip
def test_quantities_are_read_as_kubernetes_writes_them(text: str | None, number: str) -> None:
    assert str(read_quantity(text).normalize() + 0) == str((read_quantity(number)).normalize() + 0)


@pytest.mark.parametrize("text", ["much", "12Qi", "1 Gi"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quantity"):
        read_quantity(text)
