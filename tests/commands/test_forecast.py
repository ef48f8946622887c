"""What a plan says of the people in chat it cuts off, and what everybody else is told of it."""

from __future__ import annotations

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.world import Fault, World
from bot.settings import Settings
from tests.commands.room import Room, settings

UPGRADE = "!upgrade 7.13.2"
EVERYBODY = "yours and this card included"
stuck = pytest.mark.parametrize("world", [SCENARIOS["rollout_stuck"]], indirect=True)


@pytest.fixture
def room_settings(world: World) -> Settings:
    world.chat.add_room("general")
    return settings(announce={"room": "general"})


def general(room: Room) -> list[str]:
    """What is said in #general."""
    found = room.world.chat.messages("general")
    return [message.text for message in found if message.system is None]


async def test_an_upgrade_says_whom_it_cuts_off_and_for_how_long(room: Room) -> None:
    answer = await room.ask(UPGRADE)

    assert f"Cuts off about 38 live sessions, {EVERYBODY}, for about 1 min 00 s, by its plan" in (
        answer
    )
    assert "Announced in #general when it begins" in answer


async def test_what_is_not_known_is_not_made_up(room: Room) -> None:
    room.world.monitoring.sessions = None
    answer = await room.ask(UPGRADE)

    assert f"Cuts off live sessions, {EVERYBODY}" in answer
    assert "how many is not known: no series" in answer


async def test_a_hub_that_is_away_leaves_the_number_open_and_the_plan_as_it_is(room: Room) -> None:
    room.world.fail("metrics.get", Fault.UNAVAILABLE, times=10)
    said = await room.say(UPGRADE)
    record = await room.waiting(said)

    assert "how many is not known: metrics: 503" in room.thread(said)[0]
    room.react(record)
    assert (await room.ended(said)).state == "succeeded"


async def test_how_long_is_learned_from_past_runs(room: Room) -> None:
    await room.approved(UPGRADE)
    await room.quiet(60)
    answer = await room.ask("!upgrade 7.12.2 --downgrade")

    assert "by 1 past run" in answer
    assert "by its plan fit" not in answer.split("Cuts off")[1]


async def test_people_who_come_and_go_void_no_vote(room: Room) -> None:
    said = await room.say(UPGRADE)
    record = await room.waiting(said)
    room.world.monitoring.sessions = 5
    room.react(record)

    assert (await room.ended(said)).state == "succeeded"


async def test_only_what_goes_away_is_counted(room: Room) -> None:
    await room.approved("!scale ddpStreamer 2")
    answer = await room.ask("!scale ddpStreamer 1")

    assert "Cuts off about 19 live sessions" in answer


async def test_more_replicas_cut_nobody_off(room: Room) -> None:
    assert "Cuts off" not in await room.ask("!scale ddpStreamer 3")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!restart ddp-streamer", "Cuts off about 38 live sessions"),
        ("!restart rocketchat", "Cuts off about 38 live sessions"),
        ("!restart mongodb", "Cuts off about 38 live sessions"),
        ("!restart presence", "Cuts off no live session; what rocketchat-presence does pauses"),
        ("!scale ddpStreamer 0", "until somebody brings it back"),
        ("!cluster stop", f"Cuts off about 38 live sessions, {EVERYBODY}, until Wed 25 Nov 08:30"),
    ],
)
async def test_each_plan_that_touches_chat_says_so(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)


@pytest.mark.parametrize("line", ["!restart prometheus-agent", "!jobs run k3s-image-prune"])
async def test_a_plan_that_does_not_touch_chat_says_nothing(room: Room, line: str) -> None:
    answer = await room.ask(line)

    assert "Needs 1 on-call" in answer
    assert "Cuts off" not in answer
    assert "Announced" not in answer


async def test_a_quieter_hour_is_named_when_the_past_knows_one(room: Room) -> None:
    room.world.runbooks.schedule("00:00", "23:00", ("Monday",))  # no stop in between
    for hour in range(26):
        room.world.monitoring.sessions = 4 if hour == 6 else 38
        await room.quiet(3600)
    answer = await room.ask(UPGRADE)

    assert "Quieter: about 21:00 GMT, 4 sessions by the mean of" in answer


async def test_nothing_is_said_of_hours_nobody_looked_at(room: Room) -> None:
    await room.quiet(2 * 3600)

    assert "Quieter" not in await room.ask(UPGRADE)


async def test_everybody_is_told_before_the_first_step_and_after_the_last(room: Room) -> None:
    said = await room.say(UPGRADE)
    record = await room.waiting(said)
    await room.quiet(60)
    assert general(room) == []
    room.react(record)
    await room.committed()
    await room.quiet(1)
    (before,) = general(room)
    assert "Upgrade Rocket.Chat from 7.12.2 to 7.13.2 begins now" in before
    assert "About 38 live sessions may break for about 1 min 00 s" in before
    await room.ended(said)
    await room.quiet(10)
    _, after = general(room)

    assert "All clear: Upgrade Rocket.Chat from 7.12.2 to 7.13.2 is done" in after


async def test_a_plan_that_is_denied_is_never_announced(room: Room) -> None:
    said = await room.say(UPGRADE)
    room.react(await room.waiting(said), ":x:")
    await room.ended(said)
    await room.quiet(10)

    assert general(room) == []


@stuck
async def test_an_end_that_is_no_good_one_is_no_all_clear(room: Room) -> None:
    await room.approved(UPGRADE)
    await room.quiet(10)
    before, after = general(room)

    assert "begins now" in before
    assert "ended failed" in after
    assert "All clear" not in after


async def test_a_stop_of_the_cluster_is_announced_and_has_no_all_clear(room: Room) -> None:
    said = await room.say("!cluster stop")
    record = await room.waiting(said)
    room.react(record, by="uBo")
    room.react(record, by="uDee")
    await room.until(said, *(s for s in type(record.state) if s.final))
    room.world.power.on()
    await room.quiet(1200)

    assert len(general(room)) == 1
    assert "until Wed 25 Nov 08:30 GMT" in general(room)[0]


async def test_a_restart_of_houston_announces_nothing_twice(room: Room) -> None:
    said = await room.say(UPGRADE)
    room.react(await room.waiting(said))
    await room.committed()
    await room.restart()
    await room.ended(said)
    await room.quiet(10)

    assert [text.split(":")[1] for text in general(room)] == ["warning", "white_check_mark"]


@pytest.mark.parametrize("room_settings", [settings(announce={"room": "nowhere"})])
async def test_a_room_that_is_not_there_stops_nothing(room: Room) -> None:
    record = await room.approved(UPGRADE)
    await room.quiet(60)

    assert record.state == "succeeded"
    assert await room.store.outbox.pending() == []
