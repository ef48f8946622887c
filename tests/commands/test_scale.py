"""`!scale`, from what is said in #ops to what the world has become."""

from __future__ import annotations

import asyncio

import pytest
import yaml

from adapters.sim.world import Fault
from tests.commands.room import Room


def replicas(room: Room, key: str) -> int:
    values = yaml.safe_load(room.world.remote.read("values.yaml"))
    return int(values["microservices"][key]["replicas"])


async def test_scaling_up_is_committed_synced_and_verified(room: Room) -> None:
    began = asyncio.get_running_loop().time()
    record = await room.approved("!scale ddpStreamer 3")

    assert record.state == "succeeded"
    assert replicas(room, "ddpStreamer") == 3
    assert room.world.cluster.deployment("rocketchat-ddp-streamer").ready == 3
    assert "3 of 3 ready" in room.card(record)
    assert f"!undo {record.code}" in room.card(record)
    assert asyncio.get_running_loop().time() - began < 120


async def test_exactly_one_line_changes_and_the_commit_says_who_asked(room: Room) -> None:
    before = room.world.remote.read("values.yaml")
    record = await room.approved("!scale presence 2")
    after = room.world.remote.read("values.yaml")

    changed = [
        (a, b) for a, b in zip(before.split(b"\n"), after.split(b"\n"), strict=True) if a != b
    ]
    assert changed == [
        (b"    replicas: 1  # who is online\r", b"    replicas: 2  # who is online\r")
    ]
    assert room.world.remote.mode("values.yaml") == 0o100755
    commit = (await room.git.between(room.first_commit, room.world.remote.head()))[0]
    assert commit.author.name == "Ana Ferreira"
    assert commit.message == (f"chore: Scale presence from 1 to 2\n\nOperation-Id: {record.id}\n")


async def test_the_monolith_is_a_service_like_the_others(room: Room) -> None:
    record = await room.approved("!scale rocketchat 2")

    assert record.state == "succeeded"
    assert yaml.safe_load(room.world.remote.read("values.yaml"))["replicaCount"] == 2
    assert room.world.cluster.deployment("rocketchat-rocketchat").ready == 2


async def test_scaling_to_zero_waits_for_two_colleagues(room: Room) -> None:
    said = await room.say("!scale ddpStreamer 0")
    record = await room.waiting(said)
    room.react(record, by="uBo")
    await room.quiet(60)
    assert replicas(room, "ddpStreamer") == 1

    room.react(record, by="uDee")
    assert (await room.ended(said)).state == "succeeded"
    assert replicas(room, "ddpStreamer") == 0


async def test_undo_brings_the_old_number_back(room: Room) -> None:
    record = await room.approved("!scale account 2")
    undone = await room.approved(f"!undo {record.code}", by="uBo", voter="uDee")

    assert undone.state == "succeeded"
    assert undone.line == "!scale account 1"
    assert replicas(room, "account") == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!scale", "SERVICE is missing"),
        ("!scale ddpStreamer", "N is missing"),
        ("!scale ddpStreamer two", "must be a whole number"),
        ("!scale ddpStreamer -1", "from 0 to 10"),
        ("!scale ddpStreamer 11", "from 0 to 10"),
        ("!scale ddpStreamer 2.5", "must be a whole number"),
        ("!scale ddpStreamer ２", "must be a whole number"),
        ("!scale ddpStreamer 99999999999999999999", "from 0 to 10"),
        ("!scale ddpStreamer 2 3", "one word too many"),
        ("!scale streamHub 2", "is no service"),
        ("!scale ddpStremer 2", "Did you mean ddpStreamer"),
        ("!scale enabled 2", "is no service"),
        ("!scale image.tag 2", "is no service"),
        ("!scale ../values 2", "is no service"),
        ("!scale ddpStreamer 2 --force", "is no option"),
        ("!scale ddpStreamer 1", "already 1"),
        ('!scale "ddpStreamer 2', "never closed"),
    ],
)
async def test_words_that_do_not_fit_change_nothing(room: Room, line: str, said: str) -> None:
    answer = await room.ask(line)

    assert said in answer
    assert room.world.remote.commits() == [room.first_commit]
    assert room.world.cluster.syncs == []


async def test_the_service_is_found_whatever_its_case(room: Room) -> None:
    assert (await room.approved("!SCALE DDPSTREAMER 2")).state == "succeeded"
    assert replicas(room, "ddpStreamer") == 2


async def test_who_is_not_in_the_roster_may_not_scale(room: Room) -> None:
    answer = await room.ask("!scale presence 2", by="uVic")

    assert "needs the role operator" in answer
    assert room.world.remote.commits() == [room.first_commit]


async def test_an_unsettled_application_stops_the_plan(room: Room) -> None:
    room.world.cluster.ask_sync("")
    said = await room.say("!scale presence 2")

    assert "is being synced now" in await room.answer(said)
    assert (await room.ended(said)).state == "refused"
    assert room.world.remote.commits() == [room.first_commit]


async def test_an_application_that_is_not_healthy_stops_the_plan(room: Room) -> None:
    room.world.cluster.deployment("rocketchat-account").failed = True
    said = await room.say("!scale presence 2")

    assert "Degraded" in await room.answer(said)
    assert (await room.ended(said)).state == "refused"


async def test_a_branch_ahead_of_what_runs_stops_the_plan(room: Room) -> None:
    room.world.remote.push("README.md", b"hello\n", "docs: Say hello")
    answer = await room.ask("!scale presence 2")

    assert "is not deployed yet" in answer
    assert len(room.world.remote.commits()) == 2


async def test_a_foreign_branch_is_refused(room: Room) -> None:
    room.world.cluster.follows = "main"
    answer = await room.ask("!scale presence 2")

    assert "Argo CD follows main, not master" in answer
    assert room.world.remote.commits() == [room.first_commit]


@pytest.mark.parametrize("call", ["git.push", "argocd.sync", "git.fetch", "argocd.get"])
@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.REPLY_LOST, Fault.LIMITED, Fault.HTML])
async def test_a_passing_fault_is_survived_and_nothing_happens_twice(
    room: Room, call: str, fault: Fault
) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.world.fail(call, fault, times=2)
    room.react(record)
    record = await room.ended(said)

    assert record.state == "succeeded", room.card(record)
    assert len(room.world.remote.commits()) == 2
    assert len(room.world.cluster.syncs) == 1


@pytest.mark.parametrize("call", ["git.push", "argocd.sync"])
async def test_a_lasting_refusal_ends_with_what_was_done(room: Room, call: str) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.world.fail(call, Fault.DENIED, times=100)
    room.react(record)
    record = await room.ended(said)

    assert record.state == "failed"
    assert "401" in room.card(record)
    if call == "argocd.sync":
        assert f"!undo {record.code}" in room.card(record)
    assert len(room.world.remote.commits()) == (1 if call == "git.push" else 2)


async def test_a_failed_sync_is_reported_with_its_reason(room: Room) -> None:
    room.world.cluster.sync_failures = 1
    record = await room.approved("!scale presence 2")

    assert record.state == "failed"
    assert "admission webhook" in room.card(record)
    assert "not verified" in room.card(record)


async def test_a_rollout_that_never_ends_is_given_up(room: Room) -> None:
    room.world.cluster.rollout_seconds = 10**6
    record = await room.approved("!scale presence 2")

    assert record.state == "failed"
    assert "was not true within 15 min" in room.card(record)


async def test_the_target_is_locked_while_an_operation_is_open(room: Room) -> None:
    first = await room.say("!scale presence 2")
    record = await room.waiting(first)
    answer = await room.ask("!scale account 2", by="uBo")

    assert "is taken" in answer
    assert record.code in answer
    room.react(record)
    await room.ended(first)
    assert (await room.approved("!scale account 2")).state == "succeeded"
