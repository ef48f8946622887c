"""`!report daily`: how everything stands, in one message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.scenarios_secrets import URI
from adapters.sim.world import Fault, World
from tests.commands.room import Room


async def test_every_part_has_its_line(room: Room) -> None:
    text = await room.ask("!report daily")

    for part in ("power", "cost", "applications", "pods", "nodes", "jobs", "secrets", "labels",
                 "temporary", "operations", "on call"):  # fmt: skip
        assert f" {part}: " in text, text
    assert "aks-fernhill is running, 2 nodes, stops Tue 24 Nov 23:00 GMT" in text
    assert "on call: Ana Ferreira, Bo Lindqvist, Dee Okafor" in text
    assert "The audit trail ends at " in text
    assert "On for 168.0 h in the last 7 days, 72.5 h by the schedule; 95.5 h besides" in text


async def test_an_expired_value_in_the_key_vault_is_reported(room: Room) -> None:
    world = room.world
    world.custody.expires = {URI: world.clock.now() - timedelta(days=2)}
    text = await room.ask("!report daily")

    assert f"✘ {URI} in the Key Vault expired 2 d 0 h ago vault/{URI}" in text
    assert "? vault" not in text


async def test_what_is_wrong_is_said_first_and_folded_the_next_day(room: Room) -> None:
    first = await room.ask("!report daily")
    assert "to look at" in first.split("\n", maxsplit=1)[0]
    await room.quiet(60)
    second = await room.ask("!report daily")

    assert "none new" in second.split("\n", maxsplit=1)[0]
    assert "known, unchanged since Tue 24 Nov" in second


async def test_a_part_that_cannot_be_seen_leaves_the_others_standing(room: Room) -> None:
    room.world.fail("cost.query", Fault.UNAVAILABLE, times=20)
    text = await room.ask("!report daily")

    assert "? cost: " in text
    assert "✔ pods: " in text


async def test_a_part_not_seen_resolves_nothing(room: Room) -> None:
    await room.ask("!report daily")
    room.world.fail("kubernetes.get", Fault.UNAVAILABLE, times=100)
    blind = await room.ask("!report daily")

    assert "? jobs: " in blind
    assert ": over, after" not in blind


async def test_while_the_cluster_sleeps_only_what_does_not_sleep_is_read(room: Room) -> None:
    room.world.power.off()
    room.world.chat.set_up(True)
    text = await room.ask("!report daily")

    assert "aks-fernhill is stopped, 2 nodes, starts Wed 25 Nov 08:30 GMT" in text
    assert "pods: " not in text


@pytest.mark.parametrize("world", [SCENARIOS["service_crashing"]], indirect=True)
async def test_a_broken_world_is_named(world: World, room: Room) -> None:
    del world
    await room.quiet(600)
    text = await room.ask("!report daily")

    assert "✘ pods: " in text
