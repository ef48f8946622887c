"""Waits at random between what happens, for as long as it is to happen."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

_INSTANT = 1e-6
"""Seconds the loop's clock does not tell apart: to wait for less moves no simulated time, and would
go on for ever."""


async def paced(
    dice: random.Random, pauses: tuple[float, float], seconds: float
) -> AsyncIterator[float]:
    """Wait again and again until so much time has passed; after each wait, gives what is left.

    Args:
        pauses: the shortest and the longest wait, in seconds.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) >= _INSTANT:
        await asyncio.sleep(min(dice.uniform(*pauses), left))
        yield max(0.0, end - loop.time())
