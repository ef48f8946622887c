"""What is looked at before each later step, for every operation that has more than one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.world import Fault, World
from bot.flight import Flight, unpacked
from bot.ports.store import Record, State
from tests.commands.room import Room, opened, settings
from tests.commands.test_approval_gate import roster
from tests.commands.test_bound import CASES, OPERATIONS, Prepare, planned

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
    assert "trying again" not in card
    assert onward(card) in {record.line, f"!app sync {record.target}"}
    assert (f"!undo {record.code}" in card) is bool(flight_of(record).undo)


def onward(card: str) -> str:
    """The first command line below a card."""
    return card.splitlines()[-1].removeprefix("Next: ").split(" · ")[0]


def flight_of(record: Record) -> Flight:
    flight = unpacked(record)
    assert flight
    return flight


async def power(room: Room) -> None:
    room.world.power.provisioning = "Stopping"


async def frozen(room: Room) -> None:
    await room.say('!freeze "we look at it"', by="uBo")


async def other_rules(room: Room) -> None:
    people = roster(uCleo={"roles": ["operator", "approver"]})
    room.settings = settings(policy={**RULES, "people": people})
    await room.restart()


async def pushed(room: Room) -> None:
    await room.committed()
    room.world.remote.push("README.md", b"hello\n", "docs: Say hello")


STOPS: Mapping[Prepare, str] = {
    power: "`!cluster status` shows how it is now",
    frozen: "`!unfreeze` lifts it",
    other_rules: "`!policy` shows the rules",
    pushed: "Look at what came in between",
}


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.__name__)
async def test_what_was_stopped_in_the_middle_says_what_is_done_and_what_leads_on_and_back(
    world: World, stop: Prepare
) -> None:
    """What the card offers works: a rest that is planned and approved anew."""
    world.cluster.automated = False
    async with opened(world, settings(policy=RULES)) as room:
        record = await begun(room, "scale")
        await stop(room)
        record, _ = await ended(room, record)
        card = room.card(record)
        world.latency, world.power.provisioning = 0.0, "Succeeded"
        await room.ask("!unfreeze", by="uBo")
        undo = await room.ask(f"!undo {record.code}")
        rest = await room.approved(onward(card))
        await room.quiet(300)
        back = await room.approved(f"!undo {record.code}")

    assert record.state is State.FAILED
    assert STOPS[stop].replace("`", "") in card
    assert "Done before: Commit to master" in card
    assert f"✘ Sync {record.target}" in card
    assert "trying again" not in card
    lines = (f"!app sync {record.target}", f"!undo {record.code}", f"!why {record.code}")
    assert card.endswith("Next: " + " · ".join(lines))
    assert f"!app sync {record.target}" in undo.splitlines()[-1]
    assert (rest.state, back.state) == (State.SUCCEEDED, State.SUCCEEDED)


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
        await other_rules(room)
        record, done = await ended(room, record)
        card = room.card(record)

    assert record.state is State.FAILED
    assert "Stopped: the policy changed since this was approved" in card
    assert len(done) == 1
