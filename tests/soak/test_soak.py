"""Twenty-four simulated hours with faults at random: memory flat, no task or socket leaked.

The day is lived in process, and an hour of it over loopback with the real adapters; `make soak`
lives the whole of it there too.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tracemalloc
from pathlib import Path

import pytest

from adapters.sim.scenarios import healthy
from bot.clock import LoopClock
from houston.testing.configured import settings
from houston.testing.harness import MemoryStore, opened
from tests.faults.skipping import run
from tests.faults.stage import staged
from tests.soak.day import CHANGED, START, Day, Pace
from tests.soak.gateways import Gateways
from tests.soak.scales import Weight, leaked, sockets, weigh

WHOLE = Pace(hours=(6, 24), schedules=5)
PART = Pace(hours=(0.5, 1.25), people=(30, 150), faults=(20, 150), schedules=1)
"""In an hour of CI happens as much as in several of the day."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        seeds = metafunc.config.getoption("--soak-seeds")
        metafunc.parametrize("seed", [int(each) for each in seeds.split(",")])


def judge(day: Day[Weight]) -> None:
    """Fails with all that was wrong."""
    warm, end = day.looks
    sys.stdout.write(  # `-rP` shows it
        f"{day.commands} commands, {dict(day.states)}; {dict(day.met)}\n"
        f"sockets {warm.sockets}, {end.sockets}; tasks {warm.tasks}, {end.tasks}\n"
        f"traced {sum(warm.memory.values()):,}, {sum(end.memory.values()):,} bytes\n"
        f"resident {warm.resident:,}, {end.resident:,} bytes\n"
    )
    wrong = [*day.wrong, *leaked(warm, end)]
    if wrong:  # a traceback would print all that the day held
        pytest.fail("\n".join(wrong), pytrace=False)


@pytest.mark.slow
@pytest.mark.looptime(start=0, noop_cycles=1)
async def test_a_day_with_faults_at_random_loses_repeats_and_leaks_nothing(seed: int) -> None:
    world, day = healthy(LoopClock(START)), Day[Weight](seed, WHOLE)
    async with opened(world, settings(**CHANGED)) as room:
        await day.live(room, lambda: weigh(room.app))
    await world.close()

    judge(day)
    assert len(day.states) > 2, "a day on which every operation ends alike proves little"
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_hours_over_loopback_leak_no_socket_and_no_memory(
    tmp_path: Path, seed: int, pytestconfig: pytest.Config
) -> None:
    day = Day[Weight](seed, WHOLE if pytestconfig.getoption("--soak-whole") else PART)

    async def nothing(step: str) -> None:
        del step

    async def live() -> None:
        store = MemoryStore()
        before = sockets(), asyncio.all_tasks()
        async with staged(tmp_path, nothing, store=store, begins=START, changed=CHANGED) as stage:
            gateways = Gateways(stage, random.Random(seed))  # noqa: S311  # can be lived again
            await day.live(stage, lambda: weigh(stage.app), ((gateways.fail, 30),))
            day.met.update(gateways.met)
        await store.forget()
        await asyncio.sleep(1)  # what is closed is gone
        assert (sockets(), asyncio.all_tasks()) == before

    tracemalloc.start()
    try:
        run(live())
    finally:
        tracemalloc.stop()
    judge(day)
