"""`!app sync` and `!app terminate`, from what is said to what the world has become."""

from __future__ import annotations

import pytest

from adapters.sim.world import Fault
from bot.ports.argocd import Phase
from bot.ports.store import State
from tests.commands.room import Room

OPS = "aks-rocketchat-ops"
JOB = ("batch", "CronJob", "monitoring", "stale-pods")
OLD = ("", "Service", "monitoring", "otel")


@pytest.fixture(autouse=True)
def by_hand(room: Room) -> None:
    """Nothing syncs by itself, or there would be nothing left to do."""
    room.world.argo[OPS].spec["spec"]["syncPolicy"]["automated"]["enabled"] = False


def push(room: Room) -> str:
    path = "ops/manifests/stale-pods.yaml"
    content = room.world.remote.read(path).replace(b'"0 9 * * *"', b'"30 16 * * *"')
    return room.world.remote.push(path, content, "fix: Run after the start")


def dropped(room: Room, kind: str = "Service", name: str = "otel") -> None:
    """Something runs that git does not ask for any more."""
    made = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}
    room.world.argo[OPS].live["", kind, "monitoring", name] = made


def schedule(room: Room) -> str:
    return str(room.world.argo[OPS].live[JOB]["spec"]["schedule"])


async def test_a_sync_brings_what_git_asks_for(room: Room) -> None:
    commit = push(room)
    said = await room.say("!app sync ops")
    record = await room.waiting(said)
    plan = room.thread(said)[0]
    room.react(record)
    record = await room.ended(said)

    assert f"Sync {OPS} to {commit[:7]}" in plan
    assert "~ change CronJob monitoring/stale-pods: spec.schedule" in plan
    assert record.state is State.SUCCEEDED
    assert schedule(room) == "30 16 * * *"
    assert "applied" in room.card(record)
    (run,) = room.world.argo[OPS].runs
    assert (run.by, run.prune, run.operation) == ("houston", False, record.id)


async def test_while_it_runs_the_card_says_which_wave_it_is_in(room: Room) -> None:
    push(room)
    room.world.argo[OPS].refresh()
    target = room.world.argo[OPS].target()
    target[JOB]["metadata"]["annotations"] = {"argocd.argoproj.io/sync-wave": "1"}
    room.world.argo[OPS].sync_seconds = 120
    said = await room.say("!app sync ops")
    room.react(await room.waiting(said))
    record = await room.until(said, State.RUNNING)
    await room.when(lambda: "wave" in room.card(record))
    running = room.card(record)
    record = await room.ended(said)

    assert "Sync, wave 0 of 0, 1: 5 of 5 objects applied; one or more tasks" in running
    assert record.state is State.SUCCEEDED
    assert "wave" not in room.card(record)


async def test_without_prune_nothing_is_deleted_and_the_card_says_so(room: Room) -> None:
    push(room)
    dropped(room)
    record = await room.approved("!app sync ops")

    assert record.state is State.SUCCEEDED
    assert OLD in room.world.argo[OPS].live
    assert "1 dropped by git are left" in room.card(record)


async def test_prune_lists_what_is_deleted_and_needs_two(room: Room) -> None:
    dropped(room)
    said = await room.say("!app sync ops --prune")
    record = await room.waiting(said)
    plan = room.thread(said)[0]
    room.react(record, by="uBo")
    await room.quiet(60)

    assert "− delete Service monitoring/otel" in plan
    assert "delete 1 object" in plan
    assert OLD in room.world.argo[OPS].live

    room.react(record, by="uDee")
    record = await room.ended(said)
    assert record.state is State.SUCCEEDED
    assert OLD not in room.world.argo[OPS].live
    assert "1 deleted" in room.card(record)


async def test_something_else_to_delete_voids_the_votes(room: Room) -> None:
    dropped(room)
    said = await room.say("!app sync ops --prune")
    record = await room.waiting(said)
    room.react(record, by="uBo")
    await room.quiet(10)
    dropped(room, name="loki")
    room.react(record, by="uDee")
    await room.quiet(60)

    assert any("votes are void" in text for text in room.thread(said))
    assert room.world.argo[OPS].runs == []


async def test_a_protected_object_is_never_pruned(room: Room) -> None:
    dropped(room, "Secret", "rocketchat-rocketchat")
    answer = await room.ask("!app sync ops --prune")

    assert "secret/rocketchat-rocketchat is protected" in answer
    assert room.world.argo[OPS].runs == []


async def test_a_deletion_nobody_agreed_to_fails_the_operation(room: Room) -> None:
    push(room)
    dropped(room)
    said = await room.say("!app sync ops --prune")
    record = await room.waiting(said)
    room.react(record, by="uBo")
    room.react(record, by="uDee")
    await room.until(said, State.RUNNING)
    dropped(room, name="loki")
    record = await room.ended(said)

    assert record.state is State.FAILED
    assert "not in the plan: Service monitoring/loki" in room.card(record)


async def test_a_refused_object_is_named_in_the_report(room: Room) -> None:
    push(room)
    room.world.argo[OPS].refusals[JOB] = "spec.schedule: Invalid value"
    record = await room.approved("!app sync ops")

    assert record.state is State.FAILED
    assert "CronJob monitoring/stale-pods: spec.schedule: Invalid value" in room.card(record)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.REPLY_LOST, Fault.HTML, Fault.LIMITED])
@pytest.mark.parametrize("call", ["argocd.sync", "argocd.get", "argocd.resources"])
async def test_a_passing_fault_is_survived_and_nothing_happens_twice(
    room: Room, call: str, fault: Fault
) -> None:
    push(room)
    said = await room.say("!app sync ops")
    record = await room.waiting(said)
    room.world.fail(call, fault, times=2)
    room.react(record)
    record = await room.ended(said)

    assert record.state is State.SUCCEEDED, room.card(record)
    assert len(room.world.argo[OPS].runs) == 1


async def test_a_right_that_is_missing_ends_it_with_the_way_out(room: Room) -> None:
    push(room)
    room.world.argo.rights.remove("sync")
    record = await room.approved("!app sync ops")

    assert record.state is State.FAILED
    assert "the account houston lacks applications, sync" in room.card(record)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!app sync", "NAME is missing"),
        ("!app sync gone", "is no application"),
        ("!app sync ops --force", "is no option"),
        ("!app sync ops", "Nothing to sync"),
        ("!app sync ops --prune", "Nothing to sync"),
        ("!app terminate ops", f"No sync of {OPS} is running"),
    ],
)
async def test_what_cannot_be_done_changes_nothing(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert room.world.argo[OPS].runs == []


async def test_only_dropped_objects_are_left_to_prune(room: Room) -> None:
    dropped(room)
    answer = await room.ask("!app sync ops")

    assert "differs from git only by 1 object git has dropped" in answer
    assert f"!app sync {OPS} --prune" in answer


async def test_a_repository_that_cannot_be_read_stops_the_plan(room: Room) -> None:
    path = "ops/kustomization.yaml"
    content = room.world.remote.read(path).replace(b"tracegen.yaml", b"gone.yaml")
    room.world.remote.push(path, content, "fix: Break it")
    answer = await room.ask("!app sync ops --prune")

    assert "cannot compare it: ComparisonError" in answer
    assert room.world.argo[OPS].runs == []


async def test_a_sync_that_hangs_can_be_stopped(room: Room) -> None:
    room.world.argo[OPS].sync_seconds = 3000
    room.world.argo[OPS].ask_sync("", by="cleo")
    record = await room.approved("!app terminate ops")

    assert record.state is State.SUCCEEDED
    (run,) = room.world.argo[OPS].runs
    assert (run.phase, run.message) == (Phase.FAILED, "Operation terminated")


async def test_a_sync_that_ends_before_the_vote_leaves_nothing_to_stop(room: Room) -> None:
    room.world.argo[OPS].sync_seconds = 60
    room.world.argo[OPS].ask_sync("", by="cleo")
    said = await room.say("!app terminate ops")
    record = await room.waiting(said)
    await room.quiet(90)
    room.react(record)
    await room.ended(said)

    assert [run.phase for run in room.world.argo[OPS].runs] == [Phase.SUCCEEDED]


async def test_a_viewer_may_not_sync(room: Room) -> None:
    push(room)

    assert "needs the role operator" in await room.ask("!app sync ops", by="uVic")
