"""What happens at random in a day ends with it."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.soak.pacing import paced


@pytest.mark.looptime
@pytest.mark.parametrize("seed", range(50))
async def test_it_ends_when_its_time_is_over(seed: int) -> None:
    # The clock counts microseconds, in floats: what is left at the end can be less than it tells.
    dice, loop = random.Random(seed), asyncio.get_running_loop()  # noqa: S311  # not a secret
    await asyncio.sleep(dice.uniform(0, 100_000))
    begun, seconds = loop.time(), dice.randrange(600, 20_000)

    left = []
    async for rest in paced(dice, (120.0, 600.0), seconds):
        left.append(rest)
        assert len(left) <= seconds / 120 + 1, f"it goes on with {rest} s left"

    assert loop.time() - begun == pytest.approx(seconds)
    assert left == sorted(left, reverse=True)
