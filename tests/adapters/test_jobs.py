"""The jobs port: one contract, kept by the simulated world and by the real adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.kubernetes_read_jobs import job_from, read_job
from adapters.sim.world import Fault
from bot.errors import Conflict, Invalid, Missing, Unavailable, UnknownOutcome
from bot.ports.jobs import Outcome
from tests.adapters.kubernetes_place import BOTH, Place
from tests.adapters.kubernetes_place import place as opened

NAMESPACE = "monitoring"
CLEANUP = "aks-stale-pod-cleanup"
PRUNE = "k3s-image-prune"


@pytest.fixture(params=BOTH)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(request.param, tmp_path) as made:
        yield made


async def jobs(place: Place) -> list[str]:
    return [job.name async for job in place.jobs.jobs(NAMESPACE)]


async def finished(place: Place, name: str) -> None:
    kept = place.world.cluster.objects
    await place.until(
        lambda: bool(kept.get("jobs", NAMESPACE, name)["status"].get("conditions")), 300
    )


async def test_cron_jobs_say_when_they_run(place: Place) -> None:
    found = [cron_job async for cron_job in place.jobs.cron_jobs()]

    assert [cron_job.name for cron_job in found] == [CLEANUP, PRUNE]
    cleanup, prune = found
    assert (cleanup.schedule, cleanup.zone, cleanup.keeps) == ("0 9 * * *", "UTC", (3, 2))
    assert (prune.schedule, prune.zone, prune.keeps) == ("0 3 * * 0", None, (1, 1))
    assert (prune.concurrency, prune.suspended, prune.deadline) == ("Forbid", False, None)
    assert [c async for c in place.jobs.cron_jobs("rocketchat")] == []
    assert await place.jobs.cron_job(NAMESPACE, PRUNE) == prune


async def test_a_job_by_hand_belongs_to_its_cron_job_and_ends(place: Place) -> None:
    cron_job = await place.jobs.cron_job(NAMESPACE, CLEANUP)
    made = await place.jobs.start(NAMESPACE, CLEANUP, "manual-cleanup-1")

    assert made.owner is not None
    assert (made.owner.kind, made.owner.uid) == ("CronJob", cron_job.uid)
    assert (made.manual, made.scheduled, made.outcome) == (True, None, Outcome.RUNNING)
    await finished(place, made.name)
    ended = await place.jobs.job(NAMESPACE, made.name)
    assert ended.outcome is Outcome.SUCCEEDED
    assert ended.took is not None
    assert timedelta(seconds=15) < ended.took < timedelta(seconds=40)
    after = await place.jobs.cron_job(NAMESPACE, CLEANUP)
    assert after.last_success == ended.ended
    assert after.last_schedule is None
    assert "done" in await place.jobs.logs(NAMESPACE, made.name)


async def test_a_job_that_fails_ends_without_a_completion_time(place: Place) -> None:
    place.world.cluster.controllers.jobs.failing.add(PRUNE)
    await place.jobs.start(NAMESPACE, PRUNE, "manual-prune-1")
    await finished(place, "manual-prune-1")
    ended = await place.jobs.job(NAMESPACE, "manual-prune-1")

    assert (ended.outcome, ended.reason) == (Outcome.FAILED, "BackoffLimitExceeded")
    assert ended.ended is not None
    assert ended.failures == 1
    assert (await place.jobs.cron_job(NAMESPACE, PRUNE)).last_success is None


async def test_a_dry_run_is_judged_and_kept_nowhere(place: Place) -> None:
    made = await place.jobs.start(NAMESPACE, PRUNE, "manual-prune-1", dry=True)

    assert made.name == "manual-prune-1"
    assert await jobs(place) == []


async def test_a_name_is_used_once(place: Place) -> None:
    await place.jobs.start(NAMESPACE, PRUNE, "manual-prune-1")

    with pytest.raises(Conflict, match="already exists"):
        await place.jobs.start(NAMESPACE, PRUNE, "manual-prune-1")
    with pytest.raises(Invalid):
        await place.jobs.start(NAMESPACE, PRUNE, "x" * 64)


async def test_what_is_not_there_is_missing(place: Place) -> None:
    with pytest.raises(Missing):
        await place.jobs.start(NAMESPACE, "no-such", "manual-1")
    with pytest.raises(Missing):
        await place.jobs.cron_job(NAMESPACE, "no-such")
    with pytest.raises(Missing):
        await place.jobs.job(NAMESPACE, "no-such")
    with pytest.raises(Missing):
        await place.jobs.logs(NAMESPACE, "no-such")
    with pytest.raises(Missing):
        await place.jobs.delete(NAMESPACE, "no-such", "a uid")


async def test_a_lost_answer_to_a_start_is_unknown_and_the_job_is_there(place: Place) -> None:
    place.world.fail("kubernetes.create", Fault.REPLY_LOST)
    with pytest.raises(UnknownOutcome):
        await place.jobs.start(NAMESPACE, PRUNE, "manual-prune-1")

    assert await jobs(place) == ["manual-prune-1"]


async def test_a_deleted_job_takes_its_pods_along(place: Place) -> None:
    job = await place.jobs.start(NAMESPACE, PRUNE, "manual-prune-1")
    with pytest.raises(Conflict):
        await place.jobs.delete(NAMESPACE, job.name, "another uid")
    await place.jobs.delete(NAMESPACE, job.name, job.uid)

    assert await jobs(place) == []
    assert not [p async for p in place.pods.pods(NAMESPACE) if p.name.startswith("manual-")]


async def test_what_is_due_is_started_and_only_so_many_are_kept(place: Place) -> None:
    cluster = place.world.cluster
    prune = cluster.objects.get("cronjobs", NAMESPACE, PRUNE)
    prune["spec"]["schedule"] = "*/2 * * * *"
    place.world.begin(cluster.controllers.jobs.schedule())
    await place.until(lambda: bool(prune["status"].get("lastSuccessfulTime")), 400)
    first = await jobs(place)
    await place.until(lambda: prune["status"]["lastScheduleTime"][14:16] != "02", 400)
    await place.until(
        lambda: [j["metadata"]["name"] for j in cluster.objects.select("jobs")] != first, 400
    )
    found = [job async for job in place.jobs.jobs(NAMESPACE)]

    assert len(first) == 1
    assert len(found) <= 2
    assert all(job.scheduled and not job.manual for job in found)
    cron_job = await place.jobs.cron_job(NAMESPACE, PRUNE)
    assert cron_job.last_schedule is not None
    assert cron_job.last_schedule.second == 0


async def test_a_suspended_one_is_not_started(place: Place) -> None:
    cluster = place.world.cluster
    for name in (PRUNE, CLEANUP):
        spec = cluster.objects.get("cronjobs", NAMESPACE, name)["spec"]
        spec |= {"schedule": "* * * * *", "suspend": True}
    place.world.begin(cluster.controllers.jobs.schedule())
    await place.world.pause(200)

    assert await jobs(place) == []
    assert (await place.jobs.cron_job(NAMESPACE, PRUNE)).suspended


def test_the_job_made_by_hand_is_the_one_kubectl_sends() -> None:
    """As recorded from kubectl 1.32, `create job one --from=cronjob/nightly`."""
    template = {"metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}}, "spec": {"x": 1}}
    cron_job = {
        "metadata": {"name": "nightly", "namespace": "ns", "uid": "u", "labels": {"own": "x"}},
        "spec": {"schedule": "0 0 * * *", "jobTemplate": template},
    }

    assert job_from(cron_job, "one") == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": "one",
            "namespace": "ns",
            "annotations": {"cronjob.kubernetes.io/instantiate": "manual", "c": "d"},
            "labels": {"a": "b"},
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": "nightly",
                    "uid": "u",
                    "controller": True,
                }
            ],
        },
        "spec": {"x": 1},
    }


def test_a_success_after_failed_pods_is_a_success() -> None:
    condition = {"type": "Complete", "status": "True"}
    status = {"failed": 2, "succeeded": 1, "conditions": [condition]}
    job = read_job({"metadata": {"name": "j", "uid": "u"}, "spec": {}, "status": status})

    assert (job.outcome, job.failures) == (Outcome.SUCCEEDED, 2)


def test_what_is_no_job_is_said_to_be_none() -> None:
    with pytest.raises(Unavailable, match="a Job without"):
        read_job({"metadata": {}})
