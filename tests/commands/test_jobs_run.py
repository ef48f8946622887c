"""`!jobs run` and `!prune images`: a CronJob's template, run now and followed."""

from __future__ import annotations

import asyncio

import pytest

from adapters.sim.world import Fault
from bot.ports.store import State
from tests.commands.room import Room

CLEANUP = "aks-stale-pod-cleanup"
PRUNE = "k3s-image-prune"
MONITORING = "monitoring"


def jobs(room: Room) -> list[str]:
    found = room.world.cluster.objects.select("jobs", MONITORING)
    return [job["metadata"]["name"] for job in found]


async def test_a_run_is_exactly_what_kubectl_would_create(room: Room) -> None:
    said = await room.say(f"!jobs run {CLEANUP}")
    record = await room.waiting(said)
    assert jobs(room) == []

    room.react(record)
    record = await room.ended(said)
    (job,) = room.world.cluster.objects.select("jobs", MONITORING)
    cron_job = room.world.cluster.objects.get("cronjobs", MONITORING, CLEANUP)
    metadata = job["metadata"]

    assert record.state is State.SUCCEEDED, room.card(record)
    assert metadata["name"].startswith(f"manual-{CLEANUP}-")
    assert metadata["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}
    assert metadata["ownerReferences"] == [
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": CLEANUP,
            "uid": cron_job["metadata"]["uid"],
            "controller": True,
        }
    ]
    assert job["spec"] == cron_job["spec"]["jobTemplate"]["spec"]


async def test_the_card_follows_it_and_ends_with_its_log(room: Room) -> None:
    room.world.cluster.controllers.jobs.output[CLEANUP] = "looking\ndeleted 3 pods"
    record = await room.approved(f"!jobs run {CLEANUP}")

    assert "succeeded in 20 s" in room.card(record)
    assert "deleted 3 pods" in room.card(record)


async def test_a_job_that_fails_is_reported_with_reason_and_log(room: Room) -> None:
    runner = room.world.cluster.controllers.jobs
    runner.failing, runner.output[CLEANUP] = {CLEANUP}, "error: forbidden"
    record = await room.approved(f"!jobs run {CLEANUP}")

    assert record.state is State.FAILED
    assert "BackoffLimitExceeded" in room.card(record)
    assert "error: forbidden" in room.card(record)


async def test_a_job_under_way_is_not_doubled(room: Room) -> None:
    room.world.cluster.controllers.jobs.seconds = 600
    said = await room.say(f"!jobs run {CLEANUP}")
    record = await room.waiting(said)
    room.react(record)
    await room.until(said, State.RUNNING)
    await room.quiet(10)
    answer = await room.ask(f"!jobs run {CLEANUP}", by="uBo")

    assert len(jobs(room)) == 1
    assert "is taken" in answer or "two at once" in answer


async def test_a_job_somebody_else_began_stops_the_plan(room: Room) -> None:
    cluster = room.world.cluster
    cluster.controllers.jobs.seconds = 600
    cron_job = cluster.objects.get("cronjobs", MONITORING, CLEANUP)
    cron_job["spec"]["schedule"] = "* * * * *"
    await room.quiet(120)
    answer = await room.ask(f"!jobs run {CLEANUP}")

    assert "not now" in answer.splitlines()[0]
    assert "two at once could harm each other" in answer
    assert not any(name.startswith("manual-") for name in jobs(room))


async def test_a_suspended_one_can_be_run_by_hand(room: Room) -> None:
    room.world.cluster.objects.get("cronjobs", MONITORING, CLEANUP)["spec"]["suspend"] = True
    record = await room.approved(f"!jobs run {CLEANUP}")

    assert record.state is State.SUCCEEDED


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("kubernetes.create", Fault.UNAVAILABLE),
        ("kubernetes.create", Fault.REPLY_LOST),
        ("kubernetes.get", Fault.UNAVAILABLE),
        ("kubernetes.get", Fault.LIMITED),
    ],
)
async def test_a_passing_fault_is_survived_and_one_job_runs(
    room: Room, call: str, fault: Fault
) -> None:
    said = await room.say(f"!jobs run {CLEANUP}")
    record = await room.waiting(said)
    asked = room.world.calls.count("kubernetes.create")
    room.react(record)
    # The last look before the start tries it once more without keeping anything.
    while room.world.calls.count("kubernetes.create") == asked:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0.002)
    await asyncio.sleep(room.world.latency)
    room.world.fail(call, fault)
    record = await room.ended(said)

    assert record.state is State.SUCCEEDED, room.card(record)
    assert len(jobs(room)) == 1


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.REPLY_LOST])
async def test_a_trial_nobody_answered_is_made_again_and_voids_nothing(
    room: Room, fault: Fault
) -> None:
    said = await room.say(f"!jobs run {CLEANUP}")
    record = await room.waiting(said)
    room.world.fail("kubernetes.create", fault)
    room.react(record)
    record = await room.ended(said)

    assert record.state is State.SUCCEEDED, room.card(record)
    assert len(jobs(room)) == 1


async def test_what_the_cluster_would_not_take_is_not_planned(room: Room) -> None:
    room.world.cluster.api.forbidden = {(MONITORING, "jobs")}
    answer = await room.ask(f"!jobs run {CLEANUP}")

    assert "403" in answer or "forbidden" in answer
    assert jobs(room) == []


async def test_a_cron_job_replaced_meanwhile_voids_the_votes(room: Room) -> None:
    said = await room.say(f"!jobs run {CLEANUP}")
    record = await room.waiting(said)
    objects = room.world.cluster.objects
    old = objects.remove("cronjobs", MONITORING, CLEANUP)
    metadata = {"name": CLEANUP, "namespace": MONITORING}
    objects.put({**old, "metadata": metadata})
    room.react(record)
    await room.quiet(60)

    assert jobs(room) == []
    assert any("votes are void" in text for text in room.thread(said))


async def test_prune_images_runs_the_weekly_job_now(room: Room) -> None:
    record = await room.approved("!prune images")

    assert record.state is State.SUCCEEDED
    assert record.line == f"!jobs run {PRUNE}"
    assert [name for name in jobs(room) if name.startswith(f"manual-{PRUNE}-")]


async def test_prune_images_finds_another_name_and_says_when_there_is_none(room: Room) -> None:
    objects = room.world.cluster.objects
    old = objects.remove("cronjobs", MONITORING, PRUNE)
    missing = await room.ask("!prune images")
    objects.put({**old, "metadata": {"name": "aks-image-prune", "namespace": MONITORING}})
    found = await room.ask("!prune images")

    assert f"There is no CronJob {PRUNE}" in missing
    assert "maintenance.image_prune" in missing
    assert "Run aks-image-prune in monitoring now" in found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!jobs run", "NAME is missing"),
        ("!jobs run gone", "is no CronJob"),
        (f"!jobs run {CLEANUP} twice", "one word too many"),
        ("!prune", "needs one more word"),
        ("!prune volumes", "no command"),
    ],
)
async def test_words_that_do_not_fit_run_nothing(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert jobs(room) == []


@pytest.mark.parametrize("line", [f"!jobs run {CLEANUP}", "!prune images"])
async def test_a_viewer_may_run_nothing(room: Room, line: str) -> None:
    assert "needs the role operator" in await room.ask(line, by="uVic")
    assert jobs(room) == []
