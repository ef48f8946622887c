"""A command that is one reaction away: started once, by who may, as theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.ports.chat import Message
from bot.ports.store import Record, State
from bot.settings import Settings
from tests.commands.room import Room, settings
from tests.commands.test_watch import MINUTE, cards, press

ONE, TWO = ":one:", ":two:"


@pytest.fixture
async def room_settings() -> Settings:
    return settings(reports={"watch_every": 300})


async def incident(room: Room) -> Message:
    """A node is under pressure, and its card offers what frees its disk."""
    room.world.cluster.controllers.jobs.caught_up(room.world.clock.now())
    press(room, on=True)
    await room.quiet(12 * MINUTE)
    [found] = cards(room)
    return found


async def begun(room: Room) -> list[Record]:
    """Operations that reactions started."""
    await room.quiet(60)
    return await room.store.operations.recent(10)


async def test_the_card_says_why_and_what_one_reaction_starts(room: Room) -> None:
    card = await incident(room)
    assert "Cause: Node aks-system-1-vmss000001 runs out of disk" in card.text
    assert f"React and it runs as yours: {ONE} `!prune images`" in card.text
    assert card.reactions == {ONE: ("houston",)}


async def test_a_reaction_starts_the_command_as_theirs_and_needs_its_approvals(room: Room) -> None:
    card = await incident(room)
    room.world.chat.react("uBo", card.id, ONE)
    [record] = await begun(room)
    assert (record.requester_id, record.line) == ("uBo", "!jobs run k3s-image-prune")
    assert record.state is State.WAITING
    assert record.thread == card.id
    room.react(record, by="uBo")
    await room.quiet(60)
    assert (await begun(room))[0].state is State.WAITING  # who asked never approves

    room.react(record, by="uAna")
    await room.quiet(10 * MINUTE)
    assert (await begun(room))[0].state is State.SUCCEEDED


async def test_two_who_react_start_it_once(room: Room) -> None:
    card = await incident(room)
    room.world.chat.react("uBo", card.id, ONE)
    room.world.chat.react("uAna", card.id, ONE)
    assert len(await begun(room)) == 1
    told = [text for text in (*room.private("uAna"), *room.private("uBo")) if "has started" in text]
    assert len(told) == 1
    room.world.chat.react("uBo", card.id, ONE, on=False)
    await room.quiet(60)
    room.world.chat.react("uBo", card.id, ONE)

    assert len(await begun(room)) == 1


@pytest.mark.parametrize(
    ("by", "why"),
    [("uVic", "not in the roster"), ("uCleo", "needs the role operator")],
)
async def test_who_may_not_starts_nothing_and_takes_it_from_nobody(
    room: Room, by: str, why: str
) -> None:
    card = await incident(room)
    room.world.chat.react(by, card.id, ONE)
    assert await begun(room) == []
    assert len([text for text in room.private(by) if why in text]) == 1

    room.world.chat.react("uBo", card.id, ONE)
    assert len(await begun(room)) == 1


async def test_other_emojis_start_nothing(room: Room) -> None:
    card = await incident(room)
    room.world.chat.react("uBo", card.id, TWO)
    room.world.chat.react("uBo", card.id, ":tada:")

    assert await begun(room) == []


async def test_a_reaction_set_while_houston_was_away_starts_it_once(room: Room) -> None:
    card = await incident(room)
    await room.stop()
    room.world.chat.react("uBo", card.id, ONE)
    await room.restart()
    assert len(await begun(room)) == 1
    await room.restart()

    assert len(await begun(room)) == 1


async def test_a_card_that_somebody_else_edited_starts_nothing(room: Room) -> None:
    card = await incident(room)
    people = room.world.chat.people
    people.change(replace(people.place("ops"), moderators=frozenset({"uVic"})))
    room.world.chat.edit("uVic", card.id, card.text.replace("prune images", "whoami"))
    room.world.chat.react("uBo", card.id, ONE)

    assert await begun(room) == []
    assert any("edited" in text for text in room.private("uBo"))


async def test_a_card_that_is_closed_starts_nothing(room: Room) -> None:
    card = await incident(room)
    press(room, on=False)
    await room.quiet(12 * MINUTE)
    room.world.chat.react("uBo", card.id, ONE)

    assert await begun(room) == []
