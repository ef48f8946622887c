"""`!restart`, from what is said in #ops to the new pods."""

from __future__ import annotations

import pytest

from adapters.sim import troubles
from adapters.sim.world import Fault
from bot.settings import Settings
from tests.commands.room import Room, settings

RELEASE = "rocketchat"


@pytest.fixture
def room_settings() -> Settings:
    known = settings().policy.model_dump()
    return settings(policy={**known, "protected": ("daemonset/promtail",)})


def uid(room: Room, name: str) -> str:
    found = room.world.cluster.objects.get("pods", RELEASE, name)
    return str(found["metadata"]["uid"])


def presence(room: Room) -> list[str]:
    return [pod.name for pod in room.world.cluster.deployment("rocketchat-presence").pods]


async def test_the_pod_is_replaced_and_its_successor_seen_ready(room: Room) -> None:
    before = presence(room)
    record = await room.approved("!restart presence")

    assert record.state == "succeeded", room.card(record)
    assert presence(room) != before
    assert room.world.cluster.deployment("rocketchat-presence").ready == 1
    assert "1 of 1 ready" in room.card(record)
    assert "!evidence shows them" in room.card(record)
    assert room.world.calls.count("kubernetes.evict") == 1


async def test_several_pods_go_one_at_a_time(room: Room) -> None:
    await room.approved("!scale presence 2")
    live = room.world.cluster.deployment("rocketchat-presence")
    said = await room.say("!restart presence")
    record = await room.waiting(said)
    room.react(record)
    lowest = 2
    while not (await room.store.operations.get(record.id)).state.final:  # type: ignore[union-attr]
        lowest = min(lowest, live.ready)
        await room.quiet(0.5)

    assert (await room.ended(said)).state == "succeeded"
    assert lowest == 1
    assert room.world.calls.count("kubernetes.evict") == 2


async def test_a_rollout_lets_the_cluster_replace_them_once(room: Room) -> None:
    before = presence(room)
    generation = room.world.cluster.deployment("rocketchat-presence").generation
    said = await room.say("!restart presence --rollout")
    record = await room.waiting(said)
    room.world.fail("kubernetes.patch", Fault.REPLY_LOST)
    room.react(record)

    assert (await room.ended(said)).state == "succeeded"
    assert presence(room) != before
    assert room.world.cluster.deployment("rocketchat-presence").generation == generation + 1


async def test_the_only_database_pod_needs_two_colleagues(room: Room) -> None:
    before = uid(room, "mongodb-0")
    said = await room.say("!restart mongodb")
    record = await room.waiting(said)
    room.react(record, by="uBo")
    await room.quiet(60)
    assert uid(room, "mongodb-0") == before

    room.react(record, by="uDee")
    assert (await room.ended(said)).state == "succeeded"
    assert uid(room, "mongodb-0") != before


async def test_a_disruption_budget_stops_it(room: Room) -> None:
    budget = room.world.cluster.objects.get("poddisruptionbudgets", RELEASE, "rocketchat-nats")
    budget["spec"] = {"minAvailable": 1, "selector": budget["spec"]["selector"]}
    before = uid(room, "rocketchat-nats-0")
    said = await room.say("!restart rocketchat-nats")
    record = await room.waiting(said)
    room.react(record, by="uBo")
    room.react(record, by="uDee")
    record = await room.ended(said)

    assert record.state == "failed"
    assert "disruption budget" in room.card(record)
    assert uid(room, "rocketchat-nats-0") == before


async def test_another_namespace_is_reached_by_the_names_there(room: Room) -> None:
    record = await room.approved("!restart prometheus-agent")

    assert record.state == "succeeded"


async def test_a_pod_that_was_replaced_meanwhile_voids_the_votes(room: Room) -> None:
    said = await room.say("!restart presence")
    record = await room.waiting(said)
    room.world.cluster.stop_pod(presence(room)[0])
    await room.quiet(60)
    room.react(record)
    await room.quiet(120)
    record = await room.waiting(said)

    assert record.round == 2


@pytest.mark.parametrize("call", ["kubernetes.evict", "kubernetes.get", "kubernetes.logs"])
@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.REPLY_LOST, Fault.LIMITED])
async def test_a_passing_fault_is_survived_and_one_pod_replaced(
    room: Room, call: str, fault: Fault
) -> None:
    before = presence(room)
    said = await room.say("!restart presence")
    record = await room.waiting(said)
    room.world.fail(call, fault, times=2)
    room.react(record)
    record = await room.ended(said)

    assert record.state == "succeeded", room.card(record)
    assert len(presence(room)) == 1
    assert presence(room) != before


async def test_a_pod_that_does_not_come_up_is_reported(room: Room) -> None:
    trouble = troubles.image_pull("not found")
    room.world.cluster.controllers.afflict(RELEASE, "rocketchat-presence", trouble)
    record = await room.approved("!restart presence")

    assert record.state == "failed"
    assert "presence ready" in room.card(record)


async def test_what_policy_protects_is_not_touched(room: Room) -> None:
    answer = await room.ask("!restart promtail")

    assert "daemonset/promtail is protected by policy" in answer
    assert "kubernetes.evict" not in room.world.calls


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!restart", "SERVICE is missing"),
        ("!restart presnce", "is no service"),
        ("!restart a b", "one word too many"),
        ("!restart k3s-image-prune", "is no service"),
        ("!restart presence --hard", "is no option"),
    ],
)
async def test_words_that_do_not_fit_change_nothing(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert "kubernetes.evict" not in room.world.calls


async def test_who_is_not_in_the_roster_may_not_restart(room: Room) -> None:
    assert "needs the role operator" in await room.ask("!restart presence", by="uVic")
