"""Over random votes, withdrawals, renames, edits, disconnects, expiry, faults and restarts no
operation starts without enough votes that stand, and none starts twice."""

from __future__ import annotations

import pytest

from adapters.sim.world import World
from tests.commands.room import opened, settings
from tests.commands.storm import Storm, let_moderate

SEEDS = range(1, 51)
STEPS = 210
"""With every seed more than ten thousand."""


async def weathered(world: World, seed: int, steps: int) -> Storm:
    async with opened(world, settings()) as room:
        let_moderate(room, "uVic")
        storm = Storm(room, seed)
        for _ in range(steps):
            await storm.step()
        await storm.end()
    return storm


@pytest.mark.parametrize("seed", [1000, 1002])
async def test_nothing_starts_without_votes_and_nothing_twice(world: World, seed: int) -> None:
    storm = await weathered(world, seed, 60)

    assert sum(storm.starts.values()) > 0, "a storm in which nothing ever starts proves nothing"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_starts_without_votes_and_nothing_twice_for_long(
    world: World, seed: int
) -> None:
    storm = await weathered(world, seed, STEPS)

    assert storm.steps == STEPS
    assert storm.seen, "a storm without a plan proves nothing"
