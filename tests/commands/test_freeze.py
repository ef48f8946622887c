"""`!freeze` and `!unfreeze`: nothing changes until somebody on call says so."""

from __future__ import annotations

from adapters.sim.world import Fault
from bot.ports.store import State
from tests.commands.room import Room


async def test_while_frozen_nothing_is_planned_and_the_reason_is_told(room: Room) -> None:
    frozen = await room.ask('!freeze "auditors are here"', by="uCleo")
    answer = await room.ask("!scale presence 2")

    assert "Frozen: everything" in frozen
    assert "frozen by Cleo Marsh since" in answer
    assert "auditors are here" in answer
    assert room.world.remote.commits() == [room.first_commit]


async def test_what_lifts_every_freeze_in_the_way_is_what_to_type(room: Room) -> None:
    await room.ask("!freeze because", by="uCleo")
    await room.ask("!freeze aks-rocketchat-helm being watched")
    answer = await room.ask("!scale presence 2")

    assert "lets things change again with !unfreeze and !unfreeze aks-rocketchat-helm" in answer
    assert "!whoami" not in answer


async def test_a_target_without_a_reason_freezes_nothing(room: Room) -> None:
    assert "REASON is missing" in await room.ask("!freeze aks-rocketchat-helm")
    assert await room.store.documents.all("freeze") == {}


async def test_somebody_on_call_lifts_it(room: Room) -> None:
    await room.ask("!freeze because")
    assert "Only somebody on call" in await room.ask("!unfreeze", by="uCleo")
    assert "may change again" in await room.ask("!unfreeze", by="uBo")

    assert (await room.approved("!scale presence 2")).state == "succeeded"


async def test_an_approved_operation_does_not_start_into_a_freeze(room: Room) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    await room.ask("!freeze wait", by="uBo")
    room.react(record)
    record = await room.ended(said)

    assert record.state == "refused"
    assert room.world.remote.commits() == [room.first_commit]


async def test_what_runs_stops_before_its_next_step(room: Room) -> None:
    room.world.fail("git.push", Fault.SLOW)
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    room.react(record)
    await room.until(said, State.RUNNING)
    await room.ask("!freeze stop", by="uBo")
    record = await room.ended(said)

    assert record.state == "failed"
    assert "Stopped: frozen by Bo Lindqvist" in room.card(record)
    assert "Applied, not verified" in room.card(record)
    assert room.world.cluster.syncs == []


async def test_only_the_named_target_is_frozen(room: Room) -> None:
    await room.ask("!freeze aks-rocketchat-helm being watched")
    (freeze,) = (await room.store.documents.all("freeze")).values()

    assert (freeze["target"], freeze["reason"]) == ("aks-rocketchat-helm", "being watched")
    assert "frozen by Ana Ferreira" in await room.ask("!scale presence 2")
    assert "Everything is not frozen" in await room.ask("!unfreeze")
    assert "may change again" in await room.ask("!unfreeze aks-rocketchat-helm")


async def test_a_first_word_that_is_no_target_belongs_to_the_reason(room: Room) -> None:
    await room.ask("!freeze the database moves")
    (freeze,) = (await room.store.documents.all("freeze")).values()

    assert (freeze["target"], freeze["reason"]) == ("*", "the database moves")


async def test_who_is_not_in_the_roster_may_not_freeze(room: Room) -> None:
    assert "Only people of the roster" in await room.ask("!freeze x", by="uVic")
    assert "needs the role approver" in await room.ask("!unfreeze", by="uVic")


async def test_a_freeze_outlives_a_restart(room: Room) -> None:
    await room.ask("!freeze because")
    await room.restart()

    assert "frozen by Ana Ferreira" in await room.ask("!scale presence 2")


async def test_what_is_said_after_a_freeze_names_the_others(room: Room) -> None:
    await room.ask("!freeze aks-rocketchat-helm one")
    answer = await room.ask("!freeze two words")

    assert "Still frozen: aks-rocketchat-helm by Ana Ferreira" in answer
