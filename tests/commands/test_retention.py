"""A running Houston forgets by itself, and keeps what its settings say."""

from __future__ import annotations

import pytest

from adapters.sim.world import World
from tests.commands.room import Room, opened, settings

pytestmark = pytest.mark.looptime
FIRST_LOOK = 11 * 60
"""Seconds after the start."""


@pytest.mark.parametrize(("kept", "left"), [("PT1M", 0), ("P365D", 1)])
async def test_operations_are_kept_as_long_as_the_settings_say(
    world: World, kept: str, left: int
) -> None:
    configured = settings(retention={"operations": kept})
    async with opened(world, configured) as room:
        await finished(room)
        await room.quiet(FIRST_LOOK)

        assert len(await room.store.operations.recent(5)) == left
        assert len(room.journal.runs) == left
        assert await room.store.audit.read(0, 5)


async def finished(room: Room) -> None:
    """An operation that has ended."""
    await room.ended(await room.say("!scale nothing 2"))
