"""What is looked at before each later step, for every operation that has more than one."""

from __future__ import annotations

import asyncio

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.world import Fault, World
from bot.ports.store import Record, State
from tests.commands.room import Room, opened, settings
from tests.commands.test_approval_gate import roster
from tests.commands.test_bound import CASES, OPERATIONS, planned

ONE = {tier: {"approvals": 1} for tier in ("low", "medium", "high", "critical")}
RULES = {"tiers": ONE, "people": roster()}
ITSELF = {name for name, one in OPERATIONS.items() if one.while_off}
"""They move the power, or what moves it."""
SINGLE = {"app sync", "app terminate"}
"""They have one step."""
WALK = [name for name in CASES if name not in ITSELF]
BEGINS = [pytest.param(name, SCENARIOS[CASES[name].world], id=name) for name in WALK]


async def begun(room: Room, name: str) -> Record:
    """It runs, and its first step is not over: every call takes its time."""
    record, _ = await planned(room, name)
    await room.when(lambda: room.seeded(record))
    room.world.latency = 1.0
    room.react(record)
    async with asyncio.timeout(600):
        while record.state is not State.RUNNING:
            await asyncio.sleep(0.05)
            record = await room.store.operations.get(record.id) or record
            assert not record.state.closed, room.card(record)
    return record


async def ended(room: Room, record: Record) -> tuple[Record, list[str]]:
    """How it ended, and which steps were done."""
    record = await room.ended(room.world.chat.archive.get(record.message_id).message)
    entries = await room.store.audit.of(record.id)
    return record, [str(one.detail["step"]) for one in entries if one.event == "step.done"]


@pytest.mark.parametrize(("name", "world"), BEGINS, indirect=["world"])
async def test_a_cluster_that_goes_down_in_between_stops_the_next_step(
    world: World, name: str
) -> None:
    async with opened(world, settings(policy=RULES)) as room:
        record = await begun(room, name)
        world.power.provisioning = "Stopping"
        record, done = await ended(room, record)
        card = room.card(record)

    assert len(done) == 1
    if name in SINGLE:
        assert record.state is State.SUCCEEDED
        return
    assert record.state is State.FAILED
    assert "Stopped: the cluster's power moved since this was approved" in card
    assert "running → stopping" in card


async def test_a_power_that_cannot_be_seen_stops_nothing_that_runs(world: World) -> None:
    async with opened(world, settings(policy=RULES)) as room:
        record = await begun(room, "scale")
        world.fail("azure.cluster", Fault.UNAVAILABLE, times=200)
        record, done = await ended(room, record)

    assert record.state is State.SUCCEEDED
    assert len(done) > 1


async def test_rules_that_changed_in_between_stop_the_next_step(world: World) -> None:
    async with opened(world, settings(policy=RULES)) as room:
        record = await begun(room, "scale")
        people = roster(uCleo={"roles": ["operator", "approver"]})
        room.settings = settings(policy={**RULES, "people": people})
        await room.restart()
        record, done = await ended(room, record)
        card = room.card(record)

    assert record.state is State.FAILED
    assert "Stopped: the policy changed since this was approved" in card
    assert len(done) == 1
