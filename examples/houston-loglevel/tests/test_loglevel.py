"""Words in; world and card out. The rollout takes simulated time, the tests milliseconds."""

from houston.testing import Room, State


async def test_the_log_level_is_committed_and_deployed(room: Room) -> None:
    said = await room.say("!loglevel debug")
    record = await room.ended(said)

    assert record.state is State.SUCCEEDED
    assert b"logLevel: debug" in room.world.remote.read("values.yaml")
    assert "verified" in room.card(record)


async def test_it_is_undone_like_everything_else(room: Room) -> None:
    record = await room.ended(await room.say("!loglevel debug"))
    again = await room.ended(await room.say(f"!undo {record.code}"))

    assert again.state is State.SUCCEEDED
    assert b"logLevel: warn" in room.world.remote.read("values.yaml")


async def test_a_level_there_is_not_is_answered_with_those_there_are(room: Room) -> None:
    assert "debug" in await room.ask("!loglevel loud")


async def test_somebody_without_the_role_is_refused(room: Room) -> None:
    await room.ask("!loglevel debug", by="uCleo")

    assert room.world.remote.head() == room.first_commit
