"""`!upgrade`, from what is said in #ops to a server that answers with the new version."""

from __future__ import annotations

import pytest

from adapters.sim.remote import Remote
from adapters.sim.scenarios import (
    SCENARIOS,
    healthy,
    image_missing,
    rollout_stuck,
    someone_else_syncing,
    sync_fails,
)
from adapters.sim.seed import seed
from adapters.sim.world import Fault, World
from bot.clock import Clock
from bot.ports.store import Record, State
from tests.commands.room import Room

PARTS = ("account", "authorization", "presence", "ddp-streamer")


def seeded_with(clock: Clock, *changes: tuple[bytes, bytes]) -> World:
    """A healthy world whose values file differs from the seed in these bytes."""
    files, modes = seed()
    for old, new in changes:
        assert files["values.yaml"].count(old) == 1
        files = {**files, "values.yaml": files["values.yaml"].replace(old, new)}
    return healthy(clock, remote=Remote.in_memory(files, modes))


LAST_7 = (b'"7.12.2"', b'"7.13.2"')
STREAM_HUB = (
    b"  # streamHub:\r\n  #   replicas: 1",
    b"  streamHub:\r\n    replicas: 1",
)


def last_of_seven(clock: Clock, **_: object) -> World:
    """Already on the last minor of major 7."""
    return seeded_with(clock, LAST_7)


def stream_hub(clock: Clock, **_: object) -> World:
    """As last_of_seven, with a service declared that 8.0 removed."""
    return seeded_with(clock, LAST_7, STREAM_HUB)


def untouched(room: Room) -> bool:
    """Whether nothing was committed and nothing was synced by Houston."""
    asked = [sync for sync in room.world.cluster.syncs if sync.operation]
    return room.world.remote.commits() == [room.first_commit] and not asked


async def agreed_by_two(room: Room, line: str) -> Record:
    said = await room.say(line)
    record = await room.waiting(said)
    room.react(record, by="uBo")
    await room.quiet(30)
    assert untouched(room)
    room.react(record, by="uDee")
    return await room.ended(said)


def plan_of(room: Room, record: Record) -> str:
    return room.world.chat.message(record.approval).text


async def test_the_new_version_is_committed_synced_rolled_out_and_answers(room: Room) -> None:
    record = await room.approved("!upgrade 7.13.2")
    card = room.card(record)

    assert record.state == "succeeded", card
    assert room.world.chat.version == "7.13.2"
    assert "Rocket.Chat's own version the server says 7.13" in card
    for part in ("rocketchat", *PARTS):
        assert f"✔ rocketchat-{part}" in card
        assert room.world.cluster.deployment(f"rocketchat-{part}").image.endswith(":7.13.2")
    assert f"!undo {record.code}" in card
    assert len(room.world.cluster.syncs) == 1


async def test_exactly_the_line_of_the_tag_changes_and_the_plan_shows_it(room: Room) -> None:
    before = room.world.remote.read("values.yaml")
    record = await room.approved("!upgrade 7.13.2")
    after = room.world.remote.read("values.yaml")

    assert after == before.replace(b'"7.12.2"', b'"7.13.2"')
    assert '-  tag: "7.12.2"' in plan_of(room, record)
    assert '+  tag: "7.13.2"' in plan_of(room, record)
    (commit,) = await room.git.between(room.first_commit, room.world.remote.head())
    assert commit.paths == ("values.yaml",)
    assert commit.author.name == "Ana Ferreira"
    assert commit.message.startswith("chore: Upgrade Rocket.Chat from 7.12.2 to 7.13.2\n")


async def test_five_images_are_looked_for_in_the_registries(room: Room) -> None:
    record = await room.waiting(await room.say("!upgrade 7.13.2"))
    plan = plan_of(room, record)

    assert "✔ registry.rocket.chat/rocketchat/rocket.chat:7.13.2 exists" in plan
    for part in PARTS:
        assert f"✔ rocketchat/{part}-service:7.13.2 exists" in plan
    assert room.world.calls.count("registry.head") == 5
    assert "MongoDB 7.0.14 is one 7.13.2 runs on" in plan
    assert "7.13.2 was released" in plan


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!upgrade", "VERSION is missing"),
        ("!upgrade 7.13", "is no version"),
        ("!upgrade latest", "is no version"),
        ("!upgrade 7.13.2 8.0.0", "one word too many"),
        ("!upgrade 7.13.2 --force", "is no option"),
        ("!upgrade 7.12.2", "already 7.12.2"),
        ("!upgrade 7.99.0", "does not exist"),
        ("!upgrade 9.0.0", "skips a major: go to the last 7.x"),
        ("!upgrade 8.0.0", "go to the last 7.x first: 7.13.0 exists"),
        ("!upgrade 7.11.0", "does not support a downgrade"),
        ("!upgrade 6.9.0", "crosses a major version"),
        ("!upgrade 6.9.0 --downgrade", "crosses a major version"),
    ],
)
async def test_a_version_that_cannot_follow_changes_nothing(
    room: Room, line: str, said: str
) -> None:
    answer = await room.ask(line)

    assert said in answer
    assert untouched(room)


async def test_going_back_within_a_major_takes_the_option_and_two_colleagues(room: Room) -> None:
    record = await agreed_by_two(room, "!upgrade 7.11.0 --downgrade")

    assert record.state == "succeeded", room.card(record)
    assert room.world.chat.version == "7.11.0"
    assert "have a MongoDB backup at hand" in plan_of(room, record)


@pytest.mark.parametrize("world", [last_of_seven], indirect=True)
async def test_the_next_major_takes_two_colleagues(room: Room) -> None:
    record = await agreed_by_two(room, "!upgrade 8.0.0")

    assert record.state == "succeeded", room.card(record)
    assert "7.13 is the last of major 7" in plan_of(room, record)
    assert "!undo" not in room.card(record)


@pytest.mark.parametrize("world", [stream_hub], indirect=True)
async def test_a_service_that_the_next_major_removed_has_to_go_first(room: Room) -> None:
    assert "streamHub is still declared" in await room.ask("!upgrade 8.0.0")
    assert untouched(room)


async def test_a_mongodb_that_is_too_old_stops_it(room: Room) -> None:
    room.world.cluster.mongodb = "4.4.29"
    answer = await room.ask("!upgrade 7.13.2")

    assert "MongoDB 4.4.29 is none 7.13.2 runs on (5.0, 6.0, 7.0): raise it first" in answer
    assert untouched(room)


async def test_a_mongodb_nobody_can_tell_takes_two_colleagues(room: Room) -> None:
    room.world.cluster.releases["7.13.2"] = ()
    record = await agreed_by_two(room, "!upgrade 7.13.2")

    assert record.state == "succeeded"
    assert "? MongoDB not verified" in plan_of(room, record)


@pytest.mark.parametrize("world", [image_missing], indirect=True)
async def test_an_image_that_was_never_published_stops_it(room: Room) -> None:
    answer = await room.ask("!upgrade 7.13.2")

    assert "rocketchat/presence-service:7.13.2 does not exist" in answer
    assert "✔ rocketchat/account-service:7.13.2 exists" in answer
    assert untouched(room)


async def test_a_registry_that_is_away_takes_two_colleagues(room: Room) -> None:
    room.world.fail("registry.head", Fault.UNAVAILABLE, times=1000)
    record = await agreed_by_two(room, "!upgrade 7.13.2")

    assert record.state == "succeeded", room.card(record)
    assert plan_of(room, record).count("not verified: registry: 503") == 5


@pytest.mark.parametrize("world", [rollout_stuck], indirect=True)
async def test_a_rollout_that_is_stuck_names_the_deployment_and_the_undo(room: Room) -> None:
    record = await room.approved("!upgrade 7.13.2")
    card = room.card(record)

    assert record.state == "failed"
    assert "not verified" in card
    assert "rocketchat-presence: exceeded its progress deadline" in card
    assert f"!undo {record.code}" in card


@pytest.mark.parametrize("world", [sync_fails], indirect=True)
async def test_a_sync_that_fails_is_reported_with_argos_own_words(room: Room) -> None:
    record = await room.approved("!upgrade 7.13.2")

    assert record.state == "failed"
    assert "Argo CD: the sync ended Failed" in room.card(record)
    assert "admission webhook" in room.card(record)


@pytest.mark.parametrize("world", [SCENARIOS["argocd_token_expired"]], indirect=True)
async def test_a_token_that_argo_refuses_stops_the_plan(room: Room) -> None:
    said = await room.say("!upgrade 7.13.2")
    answer = await room.answer(said)

    assert "Argo CD: 401 Houston's token has expired" in answer
    assert "argocd account generate-token" in answer
    assert (await room.ended(said)).state == "failed"
    assert untouched(room)


@pytest.mark.parametrize("world", [someone_else_syncing], indirect=True)
async def test_somebody_elses_sync_stops_the_plan(room: Room) -> None:
    assert "is being synced now" in await room.ask("!upgrade 7.13.2")
    assert untouched(room)


async def test_undo_takes_it_back_with_two_colleagues(room: Room) -> None:
    record = await room.approved("!upgrade 7.13.2")
    said = await room.say(f"!undo {record.code}")
    undoing = await room.waiting(said)
    assert undoing.title == "Take back Rocket.Chat from 7.13.2 to 7.12.2"
    room.react(undoing, by="uBo")
    room.react(undoing, by="uDee")

    assert (await room.ended(said)).state == "succeeded"
    assert room.world.chat.version == "7.12.2"


def reports(room: Room, record: Record) -> int:
    """Messages in #ops that say it succeeded."""
    return sum(f"{record.code} · succeeded" in m.text for m in room.world.chat.messages("ops"))


@pytest.mark.parametrize("minutes", [0, 5, 60])
async def test_the_chat_it_lives_in_goes_away_in_the_middle(room: Room, minutes: int) -> None:
    said = await room.say("!upgrade 7.13.2")
    record = await room.waiting(said)
    room.react(record)
    await room.until(said, State.RUNNING)
    await room.chat_gone()
    room.world.chat.set_reachable(False)
    await room.quiet(minutes * 60)
    room.world.chat.set_reachable(True)
    record = await room.ended(said)

    assert record.state == "succeeded", room.card(record)
    assert len(room.world.remote.commits()) == 2
    assert len(room.world.cluster.syncs) == 1
    assert reports(room, record) == 1
    assert f"{record.code} · succeeded" in room.card(record)


@pytest.mark.parametrize("seconds", [0.5, 5, 20, 45])
async def test_houston_restarts_in_the_middle(room: Room, seconds: float) -> None:
    said = await room.say("!upgrade 7.13.2")
    record = await room.waiting(said)
    room.react(record)
    await room.until(said, State.RUNNING)
    await room.quiet(seconds)
    await room.restart(after=30)
    record = await room.ended(said)

    assert record.state == "succeeded", room.card(record)
    assert len(room.world.remote.commits()) == 2
    assert len(room.world.cluster.syncs) == 1
    assert reports(room, record) == 1


@pytest.mark.timeout(600)  # thousands of looks, on a machine that may be busy
async def test_a_chat_that_never_comes_back_is_given_up_after_two_hours(room: Room) -> None:
    said = await room.say("!upgrade 7.13.2")
    record = await room.waiting(said)
    room.react(record)
    await room.chat_gone()
    room.world.chat.set_reachable(False)
    record = await room.until(said, State.FAILED, patience=3 * 3600)

    assert "was not true within 2 h" in str(record.detail["outcome"])
