"""The Automation port: one contract, kept by the simulated world and over Azure's protocol."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.sim.power import RUNNING, STOPPED
from adapters.sim.runbooks import START as START_NAME
from adapters.sim.runbooks import START_RUNBOOK, STOP, STOP_RUNBOOK, WEEKDAYS
from adapters.sim.world import Fault
from bot.errors import Conflict, Denied, Invalid, Missing, Unavailable, UnknownOutcome
from bot.ports.automation import JobState, Link
from tests.adapters.azures import Place
from tests.adapters.azures import place as made_place

LONDON = ZoneInfo("Europe/London")
MOVED = datetime(2026, 11, 25, 16, 0, tzinfo=LONDON)
JOB = str(uuid.uuid5(uuid.NAMESPACE_URL, "a job"))
ALWAYS = 9


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with made_place(request.param, tmp_path) as made:
        yield made


async def until(place: Place, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await place.world.pause(1.0)


async def test_schedules_are_read_whole_and_page_by_page(place: Place) -> None:
    start, stop = await place.automation.schedules()

    assert (start.name, stop.name) == (START_NAME, STOP)
    assert (stop.zone, stop.frequency, stop.interval) == ("Europe/London", "Week", 1)
    assert (stop.days, stop.enabled) == (WEEKDAYS, True)
    assert stop.next_run == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    assert start.next_run == datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
    assert (start.start.hour, start.start.minute) == (8, 30)
    assert start.changed == place.world.runbooks.timers[START_NAME].changed.replace(microsecond=0)


async def test_links_tell_which_runbook_a_schedule_runs(place: Place) -> None:
    start, stop = await place.automation.links()

    assert (start.runbook, start.schedule) == (START_RUNBOOK, START_NAME)
    assert (stop.runbook, stop.schedule) == (STOP_RUNBOOK, STOP)
    assert stop.id in place.world.runbooks.ties


async def test_the_nightly_schedule_really_stops_and_starts_the_cluster(place: Place) -> None:
    place.world.runbooks.schedule("15:20", "15:05")
    await until(place, lambda: place.world.power.state == STOPPED)
    assert not place.world.chat.up
    at = place.world.clock.now()
    assert timedelta(minutes=5) < at - datetime(2026, 11, 24, 15, tzinfo=UTC) < timedelta(minutes=9)

    await until(place, lambda: place.world.power.state == RUNNING)
    await until(place, lambda: place.world.chat.up)
    start, stop = await place.automation.jobs()
    assert [start.runbook, stop.runbook] == [START_RUNBOOK, STOP_RUNBOOK]
    assert stop.state is JobState.COMPLETED
    assert stop.ended
    assert stop.ended > stop.created


async def test_a_schedule_that_is_off_does_nothing(place: Place) -> None:
    place.world.runbooks.schedule("08:30", "15:05")
    off = await place.automation.enable(STOP, on=False)
    await place.world.pause(900)

    assert not off.enabled
    assert place.world.power.state == RUNNING
    assert (await place.automation.enable(STOP, on=True)).enabled


async def test_a_runbook_runs_once_for_an_id_with_its_schedules_parameters(place: Place) -> None:
    await place.automation.run(STOP_RUNBOOK, JOB)
    await place.automation.run(STOP_RUNBOOK, JOB)

    (job,) = await place.automation.jobs()
    assert (job.id, job.runbook, job.state) == (JOB, STOP_RUNBOOK, JobState.GOING_ON)
    assert place.world.runbooks.tasks[JOB].parameters == {
        "resourcegroupname": "rg-fernhill",
        "clustername": "aks-fernhill",
    }
    await until(place, lambda: place.world.power.state == STOPPED)
    await until(place, lambda: place.world.runbooks.tasks[JOB].status == "Completed")
    assert (await place.automation.job(JOB)).state is JobState.COMPLETED


async def test_a_job_that_failed_says_why(place: Place) -> None:
    place.world.power.off()
    await place.automation.run(STOP_RUNBOOK, JOB)
    await until(place, lambda: place.world.runbooks.tasks[JOB].status == "Failed")

    job = await place.automation.job(JOB)
    assert job.state is JobState.FAILED
    assert "stopping cannot be performed" in job.error


async def test_a_run_whose_answer_is_lost_is_one_run(place: Place) -> None:
    place.world.fail("automation.run", Fault.REPLY_LOST, times=2)
    for _ in range(3):
        with suppress(UnknownOutcome):
            await place.automation.run(STOP_RUNBOOK, JOB)

    assert len(place.world.runbooks.tasks) == 1


async def test_what_is_not_there_is_missing(place: Place) -> None:
    with pytest.raises(Missing):
        await place.automation.job(JOB)
    with pytest.raises(Missing, match="Clean-Up"):
        await place.automation.run("Clean-Up", JOB)
    with pytest.raises(Missing):
        await place.automation.move("nightly", MOVED, WEEKDAYS)
    with pytest.raises(Missing):
        await place.automation.enable("nightly", on=False)


async def test_a_schedule_is_moved_and_keeps_all_else(place: Place) -> None:
    runbooks = place.world.runbooks
    old = runbooks.timers[START_NAME]
    runbooks.timers[START_NAME] = replace(old, description="mornings", zone="GMT Standard Time")
    links = await place.automation.links()
    moved = await place.automation.move(START_NAME, MOVED, ("Monday", "Wednesday"))

    assert moved.relinked == ()
    assert moved.schedule.next_run == MOVED.astimezone(UTC)
    assert (moved.schedule.days, moved.schedule.enabled) == (("Monday", "Wednesday"), True)
    assert (moved.schedule.zone, moved.schedule.description) == ("GMT Standard Time", "mornings")
    assert await place.automation.links() == links


async def test_a_summer_time_is_kept_as_the_wall_shows_it(place: Place) -> None:
    july = datetime(2027, 7, 1, 16, 0, tzinfo=LONDON)
    moved = await place.automation.move(START_NAME, july, WEEKDAYS)

    assert moved.schedule.next_run == datetime(2027, 7, 1, 15, 0, tzinfo=UTC)
    assert moved.schedule.start.astimezone(LONDON).hour == 16


@pytest.mark.parametrize("turns_on", [True, False])
async def test_a_schedule_that_is_off_stays_off(place: Place, *, turns_on: bool) -> None:
    place.world.runbooks.turns_on = turns_on
    await place.automation.enable(START_NAME, on=False)
    moved = await place.automation.move(START_NAME, MOVED, WEEKDAYS)

    assert not moved.schedule.enabled
    assert moved.schedule.next_run == MOVED.astimezone(UTC)


async def test_links_lost_by_a_change_are_made_again(place: Place) -> None:
    place.world.runbooks.loses_links = True
    before = {tie.schedule: tie.parameters for tie in place.world.runbooks.ties.values()}
    moved = await place.automation.move(STOP, MOVED.replace(hour=22), WEEKDAYS)

    assert moved.relinked == (STOP_RUNBOOK,)
    links = await place.automation.links()
    assert [(link.runbook, link.schedule) for link in links] == [
        (START_RUNBOOK, START_NAME),
        (STOP_RUNBOOK, STOP),
    ]
    assert {t.schedule: t.parameters for t in place.world.runbooks.ties.values()} == before
    assert not any(isinstance(link, Link) and not link.id for link in links)


async def test_a_time_that_is_too_near_is_invalid(place: Place) -> None:
    near = place.world.clock.now().astimezone(LONDON) + timedelta(minutes=4)

    with pytest.raises(Invalid, match="at least"):
        await place.automation.move(START_NAME, near, WEEKDAYS)


async def test_a_change_that_meets_another_is_a_conflict(place: Place) -> None:
    """The vendor's own library takes this answer for a success."""
    place.world.runbooks.conflicts = 1
    with pytest.raises(Conflict):
        await place.automation.move(START_NAME, MOVED, WEEKDAYS)

    assert place.world.runbooks.timers[START_NAME].next_run(MOVED).hour != MOVED.hour


async def test_moving_twice_is_moving_once(place: Place) -> None:
    place.world.fail("automation.move", Fault.REPLY_LOST, times=2)
    with pytest.raises(UnknownOutcome):
        await place.automation.move(START_NAME, MOVED, WEEKDAYS)
    changed = place.world.runbooks.timers[START_NAME].changed
    moved = await place.automation.move(START_NAME, MOVED, WEEKDAYS)

    assert place.world.runbooks.timers[START_NAME].changed == changed
    assert moved.schedule.next_run == MOVED.astimezone(UTC)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML])
async def test_an_account_that_is_away_is_unavailable(place: Place, fault: Fault) -> None:
    for call in ("schedules", "links", "jobs"):
        place.world.fail(f"automation.{call}", fault, times=ALWAYS)

    for asked in (place.automation.schedules, place.automation.links, place.automation.jobs):
        with pytest.raises(Unavailable):
            await asked()


async def test_an_identity_that_may_not_is_denied(place: Place) -> None:
    place.world.fail("automation.enable", Fault.DENIED)

    with pytest.raises(Denied):
        await place.automation.enable(STOP, on=False)
    assert place.world.runbooks.timers[STOP].enabled


async def test_one_run_is_left_out_by_a_later_begin(place: Place) -> None:
    known = {each.name: each for each in await place.automation.schedules()}
    first = known[STOP].next_run
    assert first is not None
    following = first + timedelta(days=1)
    moved = await place.automation.move(STOP, following, WEEKDAYS)

    assert moved.schedule.next_run == following
    assert moved.schedule.days == WEEKDAYS
