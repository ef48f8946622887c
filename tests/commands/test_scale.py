"""`!scale`, from what is said in #ops to what the world has become."""

from __future__ import annotations

import asyncio

import pytest
import yaml

pytestmark = pytest.mark.looptime


def replicas(room, key):  # type: ignore[no-untyped-def]
    values = yaml.safe_load(room.world.remote.read("values.yaml"))
    return values["microservices"][key]["replicas"]


async def test_scaling_up_is_committed_synced_and_verified(room):  # type: ignore[no-untyped-def]
    began = asyncio.get_running_loop().time()
    record = await room.approved("!scale ddpStreamer 3")

    assert record.state == "succeeded"
    assert replicas(room, "ddpStreamer") == 3
    assert room.world.cluster.deployment("rocketchat-ddp-streamer").ready == 3
    assert "3 of 3 ready" in room.card(record)
    assert f"!undo {record.code}" in room.card(record)
    assert asyncio.get_running_loop().time() - began < 120
