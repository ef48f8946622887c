"""A month of nightly stops and weekends, looked at once a working day: nothing false, each fault
told once and over once. What becomes of a slot in a restart or an outage: `test_schedule.py`."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.sim.automation import SimAutomation
from adapters.sim.jobs import SimJobs
from adapters.sim.world import World
from bot.configured import hosting, scope
from bot.findings import Findings, Judged
from bot.jobfindings import TOPIC, troubles
from bot.jobsurvey import Surveyor
from tests.commands.room import MemoryStore, settings

LONDON = ZoneInfo("Europe/London")
CLEANUP, PRUNE = "aks-stale-pod-cleanup", "k3s-image-prune"
FAILING = f"jobs/{CLEANUP}/failing"
STANDING = {f"jobs/{PRUNE}/late", f"jobs/{CLEANUP}/late", f"jobs/{CLEANUP}/alert"}
DAYS = 30


async def at(world: World, day: int, hour: int) -> None:
    """Let time pass until that hour, in London; day 0 is a Tuesday."""
    moment = datetime(2026, 11, 24, hour, tzinfo=LONDON) + timedelta(days=day)
    await asyncio.sleep((moment.astimezone(UTC) - world.clock.now()).total_seconds())


async def report(world: World, store: MemoryStore, day: int) -> Judged:
    """One report, by a Houston that has just been started."""
    known = settings()
    surveyor = Surveyor(
        jobs=SimJobs(world),
        automation=SimAutomation(world),
        hosting=hosting(known),
        scope=scope(known),
        rules=known.reports.job_rules,
        clock=world.clock,
    )
    found = troubles((await surveyor.survey()).found, world.clock.now(), LONDON)
    return await Findings(store.documents, world.clock).judge(TOPIC, found, f"day {day}")


@pytest.mark.timeout(300)
async def test_a_month_has_no_false_alarm_and_tells_each_fault_once(world: World) -> None:
    world.runbooks.schedule("16:00", "23:00")
    for name, due in ((CLEANUP, "2026-11-24T09:00:00Z"), (PRUNE, "2026-11-22T03:00:00Z")):
        found = world.cluster.objects.get("cronjobs", "monitoring", name)
        found["status"] = {"lastScheduleTime": due, "lastSuccessfulTime": "2026-11-24T15:00:00Z"}
    store = MemoryStore()
    await store.open()
    new: list[tuple[int, str]] = []
    over: list[tuple[int, str]] = []
    for day in range(DAYS):
        await at(world, day, 15)
        failing = 8 <= day < 13
        (world.cluster.controllers.jobs.failing.add if failing else
         world.cluster.controllers.jobs.failing.discard)(CLEANUP)  # fmt: skip
        await at(world, day, 18)
        if (day + 1) % 7 in {5, 6}:  # Saturday and Sunday: it sleeps
            continue
        judged = await report(world, store, day)
        new += [(day, each.trouble.id) for each in judged.new]
        over += [(day, each.trouble.id) for each in judged.resolved]
    await store.forget()

    assert {id for day, id in new if day == 0} == STANDING
    # Wednesday's failure is one, Thursday's the second in a row; Monday's run is well again.
    assert [each for each in new if each[1] not in STANDING] == [(9, FAILING)]
    assert over == [(13, FAILING)]
    assert Counter(id for _, id in new).most_common(1)[0][1] == 1
