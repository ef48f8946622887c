"""`!schedule fix`, from what is said in #ops to what the cluster runs."""

from __future__ import annotations

import pytest

from adapters.sim.world import Fault, World
from bot.scalar import read
from tests.commands.room import Room

PRUNE = "k3s-image-prune"
PATH = "ops/manifests/maintenance.yaml"
KUSTOMIZATION = "ops/kustomization.yaml"
MANIFEST = b"""\
# Images nobody uses any more.\r
apiVersion: batch/v1\r
kind: CronJob\r
metadata:\r
  name: k3s-image-prune\r
  namespace: monitoring\r
spec:\r
  schedule: "0 3 * * 0"  # every Sunday at 03:00 UTC\r
  concurrencyPolicy: Forbid\r
  jobTemplate:\r
    spec:\r
      template:\r
        spec:\r
          restartPolicy: OnFailure\r
          containers:\r
            - {name: prune, image: "alpine:3.20"}\r
---\r
apiVersion: batch/v1\r
kind: CronJob\r
metadata: {name: another, namespace: monitoring}\r
spec: {schedule: "0 3 * * 0", jobTemplate: {spec: {template: {spec: {containers: []}}}}}\r
"""


@pytest.fixture(autouse=True)
async def _maintenance(world: World) -> None:
    """The job stands in git, is deployed, and the cluster is on in the evening only."""
    world.runbooks.schedule("16:00", "23:00")
    world.remote.push(PATH, MANIFEST, "Declare the maintenance")
    listed = world.remote.read(KUSTOMIZATION).rstrip() + b"\n  - manifests/maintenance.yaml\n"
    world.remote.push(KUSTOMIZATION, listed, "Deploy it")


DEPLOYED = 300
"""Seconds after which Argo CD has seen that."""


def schedule(world: World) -> str:
    found = world.cluster.objects.get("cronjobs", "monitoring", PRUNE)
    return str(found["spec"]["schedule"])


async def test_it_moves_to_the_nearest_time_by_one_line(room: Room) -> None:
    await room.quiet(DEPLOYED)
    before = room.world.remote.read(PATH)
    record = await room.approved(f"!schedule fix {PRUNE}")

    assert record.state == "succeeded", room.card(record)
    assert schedule(room.world) == "25 21 * * 5"
    after = room.world.remote.read(PATH)
    pairs = zip(before.split(b"\n"), after.split(b"\n"), strict=True)
    assert [(a, b) for a, b in pairs if a != b] == [
        (
            b'  schedule: "0 3 * * 0"  # every Sunday at 03:00 UTC\r',
            b'  schedule: "25 21 * * 5"  # every Sunday at 03:00 UTC\r',
        )
    ]
    assert record.title == (
        "Run k3s-image-prune every Friday at 21:25 UTC instead of every Sunday at 03:00 UTC"
    )


async def test_it_moves_to_the_time_that_was_named_and_back(room: Room) -> None:
    await room.quiet(DEPLOYED)
    record = await room.approved(f'!schedule fix {PRUNE} "0 17 * * 3"')
    assert record.state == "succeeded", room.card(record)
    assert schedule(room.world) == "0 17 * * 3"

    undone = await room.approved(f"!undo {record.code}", by="uBo", voter="uDee")
    assert undone.state == "succeeded"
    assert schedule(room.world) == "0 3 * * 0"


async def test_the_plan_says_how_often_it_will_run(room: Room) -> None:
    await room.quiet(DEPLOYED)
    said = await room.say(f"!schedule fix {PRUNE}")
    await room.waiting(said)

    assert "52 of 52 times a year come while the cluster runs" in room.thread(said)[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!schedule fix", "NAME is missing"),
        ("!schedule fix nothing", "is no CronJob"),
        ("!schedule fix k3s-image-prun", "Did you mean"),
        (f'!schedule fix {PRUNE} "0 25 * * *"', "does not fit"),
        (f'!schedule fix {PRUNE} "0 3 * * 0"', "already"),
        (f"!schedule fix {PRUNE} 0 17 * * 3", "one word too many"),
        ("!schedule fix aks-stale-pod-cleanup", "No file on master declares"),
    ],
)
async def test_words_that_do_not_fit_change_nothing(room: Room, line: str, said: str) -> None:
    await room.quiet(DEPLOYED)
    head = room.world.remote.head()

    assert said in await room.ask(line)
    assert room.world.remote.head() == head
    assert schedule(room.world) == "0 3 * * 0"


async def test_who_is_no_operator_moves_nothing(room: Room) -> None:
    await room.quiet(DEPLOYED)
    assert "needs the role operator" in await room.ask(f"!schedule fix {PRUNE}", by="uVic")


async def test_a_job_that_fits_needs_no_fix(room: Room) -> None:
    await room.quiet(DEPLOYED)
    found = room.world.cluster.objects.get("cronjobs", "monitoring", PRUNE)
    found["spec"]["schedule"] = "0 17 * * 5"

    assert "always runs on time" in await room.ask(f"!schedule fix {PRUNE}")


async def test_another_schedule_in_the_cluster_than_in_git_raises_the_tier(room: Room) -> None:
    await room.quiet(DEPLOYED)
    found = room.world.cluster.objects.get("cronjobs", "monitoring", PRUNE)
    found["spec"]["schedule"] = "0 4 * * 0"
    said = await room.say(f"!schedule fix {PRUNE}")
    await room.waiting(said)

    assert "the cluster runs it at 0 4" in room.thread(said)[0].replace("\\", "")
    assert "high" in room.thread(said)[0]


@pytest.mark.parametrize("call", ["git.push", "argocd.sync"])
@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.REPLY_LOST])
async def test_a_passing_fault_is_survived(room: Room, call: str, fault: Fault) -> None:
    await room.quiet(DEPLOYED)
    said = await room.say(f"!schedule fix {PRUNE}")
    record = await room.waiting(said)
    commits = len(room.world.remote.commits())
    room.world.fail(call, fault, times=2)
    room.react(record)
    record = await room.ended(said)

    assert record.state == "succeeded", room.card(record)
    assert len(room.world.remote.commits()) == commits + 1
    assert read(room.world.remote.read(PATH), ("spec", "schedule"), {("metadata", "name"): PRUNE})
