"""`!jobs`: when each CronJob runs, how its runs went, and what they said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sim.world import Fault
from tests.commands.room import Room

CLEANUP = "aks-stale-pod-cleanup"
PRUNE = "k3s-image-prune"
MONITORING = "monitoring"
SECRET = "hunter2hunter2"


async def test_every_cron_job_says_when_in_words_and_what_is_next(room: Room) -> None:
    answer = await room.ask("!jobs")

    assert "2 CronJobs" in answer.splitlines()[0]
    assert f"{CLEANUP} in monitoring · every day at 09:00 UTC" in answer
    assert f"{PRUNE} in monitoring · every Sunday at 03:00 UTC" in answer
    assert "next Wed 25 Nov" in answer
    assert "no run is kept" in answer
    assert "never succeeded" in answer


async def test_a_finished_run_shows_its_length_and_its_success(room: Room) -> None:
    record = await room.approved(f"!jobs run {CLEANUP}")
    answer = await room.ask("!jobs")

    assert record.state == "succeeded"
    assert "succeeded in 20 s" in answer
    assert "begun by hand" in answer
    assert "last success" in answer
    assert "usually takes 20 s" in answer


async def test_failures_in_a_row_come_first_and_are_counted(room: Room) -> None:
    room.world.cluster.controllers.jobs.failing = {CLEANUP}
    cron_job = room.world.cluster.objects.get("cronjobs", MONITORING, CLEANUP)
    cron_job["spec"]["schedule"] = "*/5 * * * *"
    await room.quiet(timedelta(minutes=22).total_seconds())
    answer = await room.ask("!jobs")

    assert f"need attention: {CLEANUP}" in answer
    assert "failed in a row" in answer
    assert "failing" in answer
    assert answer.index(CLEANUP) < answer.index(f"{PRUNE} in")


async def test_a_suspended_one_says_so(room: Room) -> None:
    room.world.cluster.objects.get("cronjobs", MONITORING, PRUNE)["spec"]["suspend"] = True
    answer = await room.ask("!jobs")

    assert f"⏸ {PRUNE} in monitoring · every Sunday at 03:00 UTC · suspended" in answer


async def test_many_cron_jobs_are_a_file(room: Room) -> None:
    objects = room.world.cluster.objects
    first = objects.get("cronjobs", MONITORING, PRUNE)
    for number in range(20):
        metadata = {"name": f"copy-{number:02}", "namespace": MONITORING}
        objects.put({**first, "metadata": metadata, "status": {}})
    said = await room.say("!jobs")
    answer = await room.answer(said)
    await room.quiet(5)
    files = [file for m in room.world.chat.messages("ops") for file in m.files]

    assert "12 more are in the file" in answer
    assert files == ["jobs.txt"]


async def test_the_newest_jobs_log_is_shown_redacted(room: Room) -> None:
    runner = room.world.cluster.controllers.jobs
    runner.output[CLEANUP] = f"deleted 3 pods\nMONGO_URL=mongodb://rc:{SECRET}@mongodb-0/db\ndone"
    record = await room.approved(f"!jobs run {CLEANUP}")
    answer = await room.ask(f"!jobs logs {CLEANUP}")

    assert record.state == "succeeded"
    assert "succeeded after 20 s" in answer
    assert "deleted 3 pods" in answer
    assert SECRET not in answer
    assert SECRET not in room.card(record)


async def test_a_job_is_found_by_its_own_name_too(room: Room) -> None:
    record = await room.approved(f"!jobs run {CLEANUP}")
    (job,) = room.world.cluster.objects.select("jobs", MONITORING)
    answer = await room.ask(f"!jobs logs {job['metadata']['name']}")

    assert record.state == "succeeded"
    assert f"{CLEANUP}: done" in answer


async def test_one_that_never_ran_has_no_log(room: Room) -> None:
    answer = await room.ask(f"!jobs logs {PRUNE}")

    assert f"{PRUNE} has no Job" in answer
    assert f"!jobs run {PRUNE}" in answer


async def test_a_log_whose_pod_is_gone_says_so(room: Room) -> None:
    await room.approved(f"!jobs run {CLEANUP}")
    objects = room.world.cluster.objects
    for pod in objects.select("pods", MONITORING):
        if any(ref["kind"] == "Job" for ref in pod["metadata"].get("ownerReferences") or ()):
            objects.remove("pods", MONITORING, pod["metadata"]["name"])
    answer = await room.ask(f"!jobs logs {CLEANUP}")

    assert "has no log any more" in answer


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!jobs logs", "NAME is missing"),
        ("!jobs logs image-prune", "is no CronJob"),
        ("!jobs logs k3s-image-prun", "Did you mean k3s-image-prune"),
        ("!jobs all", "no command"),
    ],
)
async def test_words_that_do_not_fit_say_what_would(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)


async def test_a_namespace_without_the_right_costs_its_own_line_only(room: Room) -> None:
    room.world.cluster.api.forbidden = {("external-secrets", "cronjobs")}
    answer = await room.ask("!jobs")

    assert "2 CronJobs" in answer.splitlines()[0]
    assert "not seen: external-secrets" in answer


async def test_a_cluster_that_does_not_answer_is_named(room: Room) -> None:
    room.world.fail("kubernetes.get", Fault.UNAVAILABLE, times=50)

    assert "Kubernetes" in await room.ask("!jobs")
