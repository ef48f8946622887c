"""The guide is checked every night by itself: each claim that stops holding is said once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from adapters.sim.scenarios import healthy
from adapters.sim.world import Fault, World
from bot.clock import LoopClock
from bot.settings import Settings
from tests.commands.room import START, Room, settings

GUIDE = "OPERATIONS.md"
NIGHT = 40 * 60
DAY = timedelta(days=1)


class Nights(LoopClock):
    """A clock on which a day passes at once."""

    def __init__(self) -> None:
        super().__init__(START)
        self._passed = timedelta()

    def now(self) -> datetime:
        return super().now() + self._passed

    def pass_by(self, days: int = 1) -> None:
        self._passed += days * DAY


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(Nights())
    made.runbooks.ties.clear()  # nothing stops the cluster
    yield made
    await made.close()


@pytest.fixture
def room_settings() -> Settings:
    """With the check half an hour after the beginning."""
    return settings(guide={"nightly": "15:30"}, azure=None)


async def night(room: Room) -> None:
    """Until the look of the next night is over."""
    clock = room.world.clock
    assert isinstance(clock, Nights)
    if clock.now() - START > timedelta(minutes=30):
        clock.pass_by()
    await room.quiet(NIGHT)


def told(room: Room) -> list[str]:
    """What was said unasked, oldest first."""
    messages = room.world.chat.messages("ops")
    return [m.text for m in messages if m.author.id == "uHouston" and m.thread is None]


def rewritten(room: Room, old: str, new: str) -> None:
    text = room.world.remote.read(GUIDE).decode()
    assert old in text
    room.world.remote.push(GUIDE, text.replace(old, new).encode(), "docs: Rewrite")


async def test_what_does_not_hold_is_said_in_the_first_night_and_not_in_the_second(
    room: Room,
) -> None:
    rewritten(room, "push to the `master` branch", "push to the `trunk` branch")
    await room.quiet(25 * 60)
    assert told(room) == []
    await night(room)
    (first,) = told(room)
    assert "claims found not to hold" in first
    assert "push to trunk" in first.replace("\\", "")
    await night(room)

    assert len(told(room)) == 1
    assert "guide/branch-" in await room.ask("!findings")


async def test_a_claim_that_stops_holding_later_is_said_alone_and_its_end_too(room: Room) -> None:
    await night(room)
    rewritten(room, "push to the `master` branch", "push to the `trunk` branch")
    await night(room)
    rewritten(room, "push to the `trunk` branch", "push to the `master` branch")
    await night(room)
    _, second, third = told(room)

    assert "1 claim found not to hold" in second
    assert "push to trunk" in second.replace("\\", "")
    assert "known, unchanged" in second
    assert "1 claim corrected" in third


async def test_a_restart_in_the_night_says_nothing_twice(room: Room) -> None:
    await night(room)
    before = told(room)
    await room.restart()
    await room.quiet(NIGHT)

    assert told(room) == before


async def test_what_cannot_be_seen_one_night_is_neither_new_nor_corrected(room: Room) -> None:
    await night(room)
    before = told(room)
    room.world.fail("argocd.list", Fault.UNAVAILABLE, times=60)
    room.world.fail("kubernetes.get", Fault.UNAVAILABLE, times=60)
    await night(room)

    assert len(before) == 1
    assert told(room) == before
    rewritten(room, "push to the `master` branch", "push to the `trunk` branch")
    await night(room)
    assert "1 claim found not to hold" in told(room)[-1]


async def test_a_repository_without_a_guide_is_left_in_peace(room: Room) -> None:
    room.world.remote.remove(GUIDE, "docs: Nobody reads it")
    await night(room)

    assert told(room) == []


async def test_git_that_is_away_is_tried_again_the_same_night(room: Room) -> None:
    await room.quiet(25 * 60)
    room.world.fail("git.fetch", Fault.UNAVAILABLE, times=3)
    await room.quiet(NIGHT)

    assert len(told(room)) == 1


async def test_the_first_start_waits_for_the_night(room: Room) -> None:
    await room.quiet(60)

    assert told(room) == []


class TestStopped:
    """A cluster that is off when the night comes."""

    @pytest.fixture
    def room_settings(self) -> Settings:
        return settings(guide={"nightly": "15:30"})

    async def test_its_start_is_waited_for(self, room: Room) -> None:
        await room.quiet(25 * 60)
        room.world.power.off()
        await room.quiet(20 * 60)
        assert told(room) == []
        room.world.power.on()
        await room.quiet(20 * 60)

        assert any("found not to hold" in text for text in told(room))
