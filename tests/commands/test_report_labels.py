"""`!report labels`: what the dashboard filters by, expected against found."""

from __future__ import annotations

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.world import Fault
from tests.commands.room import LABELS, Room


async def test_every_label_stands_in_a_table_with_what_was_found(room: Room) -> None:
    text = await room.ask("!report labels")

    assert text.startswith(f"✔ All {len(LABELS)} labels are on ")
    for label in LABELS:
        assert f"✔  {label}" in text


@pytest.mark.parametrize("world", [SCENARIOS["hub_loses_labels"]], indirect=True)
async def test_lost_labels_are_named_with_the_first_broken_link_and_since_when(room: Room) -> None:
    text = await room.ask("!report labels")
    assert text.startswith("⚠ The labels are lost: series at the hub")
    assert "✘  " in text
    assert "(none)" in text

    await room.quiet(3600)
    again = await room.ask("!report labels")
    assert "Lost since Tue 24 Nov 15:00 GMT, 1 h 00 min" in again
    assert "1 known, unchanged since" in again


async def test_a_hub_that_is_away_is_said(room: Room) -> None:
    room.world.fail("metrics.get", Fault.UNAVAILABLE, times=50)
    text = await room.ask("!report labels")

    assert "not seen" in text
    assert "no series" in text
