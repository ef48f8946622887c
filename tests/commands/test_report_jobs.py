"""`!report jobs`: how each CronJob fares, against the hours the cluster is on."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.sim.world import Fault, World
from tests.commands.room import Room

QUARTER = 15 * 60.0
PRUNE, CLEANUP = "k3s-image-prune", "aks-stale-pod-cleanup"


def cron_job(world: World, name: str) -> dict[str, Any]:
    """The CronJob as the cluster keeps it: what is changed in it is changed in the cluster."""
    return world.cluster.objects.get("cronjobs", "monitoring", name)


@pytest.fixture(autouse=True)
async def _short_evenings(world: World) -> None:
    """The cluster runs from 16:00 to 23:00, Monday to Friday; yesterday both jobs ran."""
    world.runbooks.schedule("16:00", "23:00")
    for name, due in ((PRUNE, "2026-11-22T03:00:00Z"), (CLEANUP, "2026-11-23T09:00:00Z")):
        cron_job(world, name)["status"] = {
            "lastScheduleTime": due,
            "lastSuccessfulTime": "2026-11-23T16:00:40Z",
        }


async def test_it_finds_the_prune_and_the_cleanup_by_itself(room: Room) -> None:
    text = await room.ask("!report jobs")

    assert text.startswith("⚠ 2 of 2 CronJobs need attention")
    assert (
        "k3s-image-prune: every Sunday at 03:00 UTC never comes while the cluster runs: 52 of 52 "
        "times a year run, up to 37 h 00 min late; every Friday at "
        "21:25 UTC is the nearest time that works"
    ) in text
    assert (
        "aks-stale-pod-cleanup: every day at 09:00 UTC never comes while the cluster runs: 261 of "
        "365"
    ) in text
    assert "every Monday to Friday at 16:30 UTC is the nearest time that works" in text
    assert "more than 25 h since the last run fires until every Monday, 52 times a year" in text
    assert "Next: !schedule fix aks-stale-pod-cleanup · !schedule fix k3s-image-prune" in text


async def test_the_second_report_folds_what_the_first_one_showed(room: Room) -> None:
    await room.ask("!report jobs")
    await room.quiet(60)
    text = await room.ask("!report jobs")

    assert "nothing new" in text
    assert "3 known, unchanged since Tue 24 Nov 15:00 GMT" in text
    assert "never comes while" not in text


async def test_each_job_stands_with_its_schedule_in_words_and_its_next_run(room: Room) -> None:
    text = await room.ask("!report jobs")

    assert "✔ aks-stale-pod-cleanup every day at 09:00 UTC · late, as expected" in text
    assert (
        "last success 22 h 59 min ago · next Wed 25 Nov 16:00 GMT when the cluster starts" in text
    )


async def test_jobs_that_fit_the_hours_are_well(room: Room) -> None:
    for name, schedule, due in (
        (PRUNE, "25 21 * * 5", "2026-11-20T21:25:00Z"),
        (CLEANUP, "30 16 * * 1-5", "2026-11-23T16:30:00Z"),
    ):
        cron_job(room.world, name)["spec"]["schedule"] = schedule
        cron_job(room.world, name)["status"]["lastScheduleTime"] = due
    text = await room.ask("!report jobs")

    assert text.startswith("✔ All 2 CronJobs are well")
    assert "needs attention" not in text


async def test_an_expected_miss_is_no_alarm_and_a_real_one_is(room: Room) -> None:
    cron_job(room.world, CLEANUP)["status"] = {
        "lastScheduleTime": "2026-11-20T09:00:00Z",
        "lastSuccessfulTime": "2026-11-20T16:00:40Z",
    }
    text = await room.ask("!report jobs")
    assert "aks-stale-pod-cleanup should have run and did not; last success 3 d 22 h ago" in text

    # The same on Monday before the cluster starts: Friday's run was the last that could be.
    cron_job(room.world, CLEANUP)["status"] = {
        "lastScheduleTime": "2026-11-23T09:00:00Z",
        "lastSuccessfulTime": "2026-11-23T16:00:40Z",
    }
    assert "should have run and did not: over" not in text


async def test_failures_in_a_row_are_an_alarm_and_said_to_be_over_once(room: Room) -> None:
    cron_job(room.world, CLEANUP)["spec"]["schedule"] = "*/15 * * * *"
    room.world.cluster.controllers.jobs.failing.add(CLEANUP)
    await room.quiet(3 * QUARTER)
    text = await room.ask("!report jobs")
    assert "aks-stale-pod-cleanup failed 2 times in a row (BackoffLimitExceeded)" in text
    assert "jobs/aks-stale-pod-cleanup/failing" in text

    room.world.cluster.controllers.jobs.failing.clear()
    await room.quiet(QUARTER)
    healed = await room.ask("!report jobs")
    assert "failed 2 times in a row (BackoffLimitExceeded); last success" in healed
    assert "over, after 15 min" in healed
    assert "over, after" not in await room.ask("!report jobs")


async def test_a_hung_job_is_stale_though_it_was_started(room: Room) -> None:
    found = cron_job(room.world, CLEANUP)
    found["status"] = {
        "lastScheduleTime": "2026-11-23T09:00:00Z",
        "lastSuccessfulTime": "2026-11-20T16:00:40Z",
        "active": [{"kind": "Job", "name": "x"}],
    }
    text = await room.ask("!report jobs")

    assert "has not succeeded for more than 25 h 00 min; last success 3 d 22 h ago" in text


async def test_a_suspended_job_and_one_nobody_can_read_are_said(room: Room) -> None:
    cron_job(room.world, CLEANUP)["spec"]["suspend"] = True
    cron_job(room.world, PRUNE)["spec"]["schedule"] = "whenever"
    room.world.cluster.controllers.jobs.failing.clear()
    text = await room.ask("!report jobs")

    assert "aks-stale-pod-cleanup every day at 09:00 UTC · suspended" in text
    assert "k3s-image-prune has a schedule nobody can read: whenever" in text


async def test_many_jobs_stand_in_a_file(room: Room) -> None:
    objects = room.world.cluster.objects
    for number in range(20):
        made = {**cron_job(room.world, CLEANUP)}
        made["metadata"] = {**made["metadata"], "name": f"job-{number:02}", "uid": f"u{number}"}
        objects.put(made)
    said = await room.say("!report jobs")
    text = await room.answer(said)
    await room.quiet(10)

    assert "22 CronJobs" in text
    assert "10 more are in the file" in text
    assert ["cronjobs.txt"] in [
        [*m.files] for m in room.world.chat.messages("ops") if m.thread == said.id
    ]


async def test_hours_that_cannot_be_read_are_said(room: Room) -> None:
    room.world.fail("automation.schedules", Fault.UNAVAILABLE, times=5)
    text = await room.ask("!report jobs")

    assert "The cluster's hours are not known" in text


async def test_a_cluster_that_cannot_be_read_is_said(room: Room) -> None:
    room.world.fail("kubernetes.get", Fault.UNAVAILABLE, times=50)

    assert "503" in await room.ask("!report jobs")
