"""What does not fit before the stop: refused with the ways out, queued, started after the start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from bot.ports.store import State
from tests.commands.room import Room

STOP = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
UPGRADE = "!upgrade 7.13.2"


def tag(room: Room) -> str:
    return str(yaml.safe_load(room.world.remote.read("values.yaml"))["image"]["tag"])


async def sleep_until(room: Room, at: datetime) -> None:
    await room.quiet((at - room.world.clock.now()).total_seconds())


async def test_an_upgrade_five_minutes_before_the_stop_is_refused_with_the_ways_out(
    room: Room,
) -> None:
    await sleep_until(room, STOP - timedelta(minutes=5))
    answer = await room.ask(UPGRADE)

    assert "The cluster stops at 23:00 GMT" in answer
    for way in (f"!queue add {UPGRADE}", "!cluster extend 1h", "!cluster skip-stop"):
        assert way in answer
    assert room.world.remote.commits() == [room.first_commit]


async def test_the_way_out_that_is_shown_can_be_typed_with_the_commands_options(
    room: Room,
) -> None:
    await sleep_until(room, STOP - timedelta(minutes=5))
    way = "!queue add !upgrade 7.12.1 --downgrade"

    assert way in await room.ask("!upgrade 7.12.1 --downgrade")
    assert "!upgrade 7.12.1 --downgrade waits for the next start" in await room.ask(way)


async def test_an_upgrade_with_time_enough_says_so_on_its_plan(room: Room) -> None:
    said = await room.say(UPGRADE)
    await room.waiting(said)

    assert "fit before the stop at 23:00 GMT" in room.thread(said)[0]


async def test_a_vote_that_comes_too_late_for_the_stop_changes_nothing(room: Room) -> None:
    await sleep_until(room, STOP - timedelta(minutes=12))
    said = await room.say(UPGRADE)
    record = await room.waiting(said)
    await room.quiet(4 * 60)
    room.react(record)
    await room.quiet(60)

    assert room.world.remote.commits() == [room.first_commit]
    assert "The cluster stops at 23:00 GMT" in "\n".join(room.thread(said))


async def test_its_own_history_says_how_long_it_takes(room: Room) -> None:
    for count in (2, 1, 2, 1, 2):
        await room.approved(f"!scale presence {count}")
    said = await room.say("!scale presence 1")
    await room.waiting(said)

    assert "by 5 runs" in room.thread(said)[0]


async def test_what_is_queued_is_planned_anew_after_the_next_start_and_then_approved(
    room: Room,
) -> None:
    await sleep_until(room, STOP - timedelta(minutes=5))
    answer = await room.ask(f"!queue add {UPGRADE}")
    assert "waits for the next start" in answer
    assert "Wed 25 Nov 08:30 GMT" in answer
    assert "1 wait for the next start" in await room.ask("!queue list")

    await sleep_until(room, STOP + timedelta(hours=9, minutes=42))
    [queued] = [r for r in await room.store.operations.recent(5) if r.command == "upgrade"]
    assert queued.requester == "ana"
    assert tag(room) == "7.12.2"
    said = queued
    room.react(queued)
    await room.quiet(900)

    record = await room.store.operations.get(said.id)
    assert record is not None
    assert record.state is State.SUCCEEDED
    assert tag(room) == "7.13.2"
    assert "Nothing waits" in await room.ask("!queue list")


async def test_a_start_by_hand_is_a_start(room: Room) -> None:
    await sleep_until(room, STOP - timedelta(minutes=5))
    await room.ask(f"!queue add {UPGRADE}")
    await sleep_until(room, STOP + timedelta(hours=1))
    room.world.power.on()
    await room.quiet(1800)

    assert [r.command for r in await room.store.operations.recent(5)] == ["upgrade"]


async def test_it_starts_once_also_when_houston_was_killed_meanwhile(room: Room) -> None:
    await sleep_until(room, STOP - timedelta(minutes=5))
    await room.ask(f"!queue add {UPGRADE}")
    for _ in range(3):
        await room.restart(after=4 * 3600)
        await room.quiet(600)

    assert [r.command for r in await room.store.operations.recent(5)] == ["upgrade"]


async def test_what_is_dropped_never_starts(room: Room) -> None:
    answer = await room.ask(f"!queue add {UPGRADE}")
    code = answer.split("·")[1].split()[0]
    assert "waits no longer" in await room.ask(f"!queue drop {code}")
    await room.quiet(24 * 3600)

    assert await room.store.operations.recent(5) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!queue", "needs one more word"),
        ("!queue add", "COMMAND is missing"),
        ("!queue add !status", "changes nothing"),
        ("!queue add !upgrade", "VERSION is missing"),
        ("!queue add !upgrdae 7.13.2", "Did you mean"),
        ("!queue drop ABCDE", "There is nothing"),
    ],
)
async def test_words_that_do_not_fit_queue_nothing(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert "Nothing waits" in await room.ask("!queue list")


async def test_who_may_not_upgrade_may_not_queue_it(room: Room) -> None:
    assert "needs the role operator" in await room.ask(f"!queue add {UPGRADE}", by="uVic")


async def test_while_the_cluster_is_off_a_command_for_it_says_so_and_offers_the_start(
    room: Room,
) -> None:
    room.world.power.off()
    room.world.chat.set_up(True)
    answer = await room.ask("!status")

    assert "aks-fernhill is stopped" in answer
    assert "It starts by itself Wed 25 Nov 08:30 GMT" in answer
    assert "!cluster start" in answer
    assert "is stopped" in await room.ask(UPGRADE)
    assert "commands you may run" in await room.ask("!help")


async def test_while_the_cluster_starts_it_is_not_said_to_start_tomorrow(room: Room) -> None:
    room.world.power.off()
    room.world.power.provisioning = "Starting"
    room.world.chat.set_up(True)
    answer = await room.ask("!status")

    assert "aks-fernhill is starting, and this needs it. Ask again in a few minutes" in answer
    assert "by itself" not in answer
