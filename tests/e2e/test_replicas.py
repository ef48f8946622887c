"""Two real processes on one PostgreSQL: whoever leads is killed, freezes or is upgraded, and the
other finishes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.sim.published import RELEASES
from bot.lab import Lab
from tests.adapters.byhand import by_hand
from tests.e2e.crashes import KILLED, Process, Story, houston, listening, replies

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STEP = "operation_outputs"
"""The engine's table with what each step returned."""
OLDER, NEWER = "0.1.0", "0.2.0"
BETWEEN = 3
"""Records of the journal from one stop of a rolling upgrade to the next."""
LEASE = 4
"""Seconds; longer than a start holds up the event loop on a busy machine."""


@pytest.fixture(autouse=True)
def releases(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a newer one for each upgrade."""
    for patch in range(3, 60):
        monkeypatch.setitem(RELEASES, f"7.13.{patch}", RELEASES["7.13.2"])


@pytest.fixture
async def replicas(running: Lab, tmp_path: Path, database: str) -> AsyncIterator[list[Process]]:
    """The first leads, the second stands by."""
    running.world.cluster.automated = False  # so that there is one sync, and it is Houston's
    running.config["store"] = {"url": database, "lease": LEASE}
    async with AsyncExitStack() as stack:
        made = [
            await stack.enter_async_context(houston(running, tmp_path, name))
            for name in ("first", "second")
        ]
        await made[0].start()
        await listening(running)
        await made[1].start()
        yield made


async def upgraded(running: Lab, leader: Process, standby: Process, count: int, when: str) -> bool:
    """Upgrade once, the leader killed at that record; it comes back as the one who stands by.
    False when the upgrade was over before."""
    await listening(running)
    patch = int(running.world.chat.version.rsplit(".", 1)[-1]) + 1
    fresh = running.world.chat.version == "7.12.2"
    story = Story(running, f"!upgrade 7.13.{0 if fresh else patch}")
    await leader.kill(count, when, STEP)
    ending = asyncio.create_task(story.finished())
    dying = asyncio.create_task(leader.ended())
    await asyncio.wait({ending, dying}, return_when=asyncio.FIRST_COMPLETED)
    killed = dying.done()
    await ending
    once(running, story, f"killed {when} record {count}")
    if killed:
        assert await dying == KILLED
        await leader.start()
    else:
        await leader.stop()
        assert await dying in {0, KILLED}
    return killed


def once(running: Lab, story: Story, where: str) -> None:
    """As a story is, and with exactly one sync."""
    story.once(where)
    assert story.syncs() == 1, where


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_a_step_of_an_upgrade_another_replica_finishes_it_once(
    running: Lab, replicas: list[Process], when: str
) -> None:
    leader, standby = replicas
    count = crashes = 0
    killed = True
    while killed:
        count += 1
        killed = await upgraded(running, leader, standby, count, when)
        crashes += killed
        if killed:
            leader, standby = standby, leader

    assert crashes > 10


@pytest.mark.parametrize("count", [3, 6])
async def test_two_that_both_believe_to_lead_do_nothing_twice(
    running: Lab, replicas: list[Process], database: str, count: int
) -> None:
    """The leader freezes inside of a write; it wakes the moment another has taken over."""
    leader, standby = replicas
    before = term(database)
    story = Story(running, "!upgrade 7.13.2")
    await leader.kill(count, "freeze", STEP)
    ending = asyncio.create_task(story.finished())
    async with asyncio.timeout(60):
        while term(database) == before:
            assert not ending.done(), "it was over before the leader froze"
            await asyncio.sleep(0.02)
    await leader.thaw()
    await ending
    once(running, story, f"frozen at record {count}")

    await standby.stop()
    assert await standby.ended() == 0
    await listening(running)
    assert term(database) == before + 2, "the one that was frozen leads again"
    await leader.stop()
    assert await leader.ended() == 0


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  # chat tells nobody
        await asyncio.sleep(0.02)


def term(database: str) -> int:
    """How often the lead has changed hands."""
    rows = by_hand(database, "select number from houston_term")
    return int(rows[0][0])


@pytest.fixture
async def versions(
    running: Lab, tmp_path: Path, database: str
) -> AsyncIterator[tuple[Process, Process]]:
    """An older Houston leads, a newer one stands by."""
    running.world.cluster.automated = False
    running.config["store"] = {"url": database, "lease": LEASE}
    async with (
        houston(running, tmp_path, "older") as older,
        houston(running, tmp_path, "newer") as newer,
    ):
        await older.start(OLDER)
        await listening(running)
        await newer.start(NEWER)
        yield older, newer


async def test_stopped_in_the_middle_by_a_rolling_upgrade_the_newer_version_finishes_it_once(
    running: Lab, versions: tuple[Process, Process]
) -> None:
    older, newer = versions
    count, stopped = 2, True
    while stopped:
        story = Story(running, f"!upgrade 7.13.{count}")
        await older.kill(count, "stop", STEP)
        ending = asyncio.create_task(story.finished())
        dying = asyncio.create_task(older.ended())
        await asyncio.wait({ending, dying}, return_when=asyncio.FIRST_COMPLETED)
        stopped = dying.done()
        await ending
        once(running, story, f"stopped at record {count}")
        await (newer if stopped else older).stop()
        assert (await dying, await newer.ended() if stopped else 0) == (0, 0)
        if stopped:
            count += BETWEEN
            await older.start(OLDER)
            await listening(running)
            await newer.start(NEWER)

    assert count > 10


async def test_what_a_newer_version_began_waits_for_it_while_an_older_one_leads(
    running: Lab, versions: tuple[Process, Process]
) -> None:
    older, newer = versions
    await older.stop()
    assert await older.ended() == 0
    await listening(running)
    await older.start(OLDER)
    story = Story(running, "!upgrade 7.13.2")
    await newer.kill(6, "after", STEP)
    ending = asyncio.create_task(story.finished())
    assert await newer.ended() == KILLED
    async with asyncio.timeout(60):
        await until(lambda: any("not touched" in one.text for one in replies(running, story.said)))
    await listening(running)
    await newer.start(NEWER)
    assert not ending.done()
    await older.stop()
    assert await older.ended() == 0
    await ending
    once(running, story, "left by the older, finished by the newer")
