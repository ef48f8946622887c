"""`!logs`, from what is said in #ops to the lines and the file."""

from __future__ import annotations

from datetime import timedelta

from adapters.sim import troubles
from tests.commands.room import Room

RELEASE = "rocketchat"


def write(
    room: Room, text: str, *, ago: float = 1, pod: str = "mongodb-0", of: str = "mongod"
) -> None:
    at = room.world.clock.now() - timedelta(minutes=ago)
    room.world.cluster.logs.write(at, RELEASE, pod, of, text)


async def test_a_short_log_stands_in_the_answer(room: Room) -> None:
    write(room, "one\ntwo")
    answer = await room.ask("!logs mongodb-0")

    assert "mongod in mongodb-0: 2 lines" in answer
    assert "one\ntwo" in answer
    assert "Other containers: mongodb-agent" in answer


async def test_a_long_log_shows_its_end_and_comes_as_a_file(room: Room) -> None:
    write(room, "\n".join(f"line {number}" for number in range(100)))
    said = await room.say("!logs mongodb-0")
    answer = await room.answer(said)
    await room.quiet(30)

    assert "100 lines" in answer
    assert "line 99" in answer
    assert "line 84\n" not in answer
    assert any(
        "mongodb-0-mongod.txt" in name for m in room.world.chat.messages("ops") for name in m.files
    )


async def test_time_and_text_narrow_it(room: Room) -> None:
    write(room, "old error", ago=30)
    write(room, "new ERROR\nall good")

    assert "old error" not in await room.ask("!logs mongodb-0 --since 10m")
    answer = await room.ask("!logs mongodb-0 --grep error")
    assert "2 of 3 lines" in answer
    assert "all good" not in answer
    assert "none of 3 lines has" in await room.ask("!logs mongodb-0 --grep panic")


async def test_the_container_can_be_named_and_is_asked_back(room: Room) -> None:
    write(room, "from the agent", of="mongodb-agent")

    assert "from the agent" in await room.ask("!logs mongodb-0 --container mongodb-agent")
    assert "is no container" in await room.ask("!logs mongodb-0 --container mongo")


async def test_the_previous_instance_is_asked_for(room: Room) -> None:
    trouble = troubles.crash_loop("cannot reach the database")
    room.world.cluster.controllers.afflict(RELEASE, "rocketchat-account", trouble)
    answer = await room.ask("!logs rocketchat-account --previous")

    assert "the previous instance of account-service" in answer
    assert "cannot reach the database" in answer
    assert "has no log to show" in await room.ask("!logs mongodb-0 --previous")


async def test_what_never_began_has_no_log(room: Room) -> None:
    pulling = troubles.image_pull("not found")
    room.world.cluster.controllers.afflict(RELEASE, "rocketchat-account", pulling)
    answer = await room.ask("!logs rocketchat-account")

    assert "waiting to start" in answer
    assert "!pod rocketchat-account" in answer


async def test_a_missing_right_is_said(room: Room) -> None:
    room.world.cluster.api.forbidden.add((RELEASE, "pods/log"))

    assert "pods/log is forbidden" in await room.ask("!logs mongodb-0")


async def test_a_container_that_wrote_nothing_since_says_so(room: Room) -> None:
    write(room, "old", ago=30)

    assert "it wrote nothing" in await room.ask("!logs mongodb-0 --since 1m")


async def test_secrets_are_taken_out_of_the_answer_and_of_the_file(room: Room) -> None:
    secret = "mongodb://rocketchat:hunter2hunter2@mongodb-0:27017/rocketchat"
    write(room, "\n".join([f"connecting to {secret}"] * 40))
    answer = await room.ask("!logs mongodb-0")

    assert "mongodb://[redacted]@mongodb-0" in answer
    assert "hunter2" not in answer


async def test_lines_that_are_too_long_to_come_whole_are_said_to_be_cut(room: Room) -> None:
    write(room, "\n".join(["x" * 2000] * 2500))

    assert "the newest are missing" in await room.ask("!logs mongodb-0")
    assert "the newest are missing" not in await room.ask("!logs rocketchat-nats-0")
