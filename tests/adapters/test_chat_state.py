"""The laws of the simulated chat's documents and rooms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.sim.document import User
from adapters.sim.scenarios import healthy
from adapters.sim.world import World
from bot.clock import LoopClock

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
MESSAGE = {
    "_id": "m1",
    "rid": "r1",
    "msg": "!scale",
    "ts": "2026-11-24T10:00:00.000Z",
    "u": {"_id": "uA", "username": "ana", "name": "Ana"},
    "_updatedAt": "2026-11-24T10:00:01.500Z",
    "tomorrow": {"unknown": True},
}
USER = {"_id": "u", "username": "erin", "active": True, "type": "user"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(LoopClock(START, 50.0), speed=50.0)
    yield made
    await made.close()


async def test_an_edit_erases_a_reaction_that_arrives_while_the_server_thinks(
    world: World,
) -> None:
    said = world.chat.say("uHouston", "card")
    editing = asyncio.create_task(world.chat.update("uHouston", said.id, "newer card"))
    await asyncio.sleep(0)
    world.chat.react("uBo", said.id, ":+1:")
    between = world.chat.message(said.id).reactions
    await editing

    assert between == {":+1:": ("bo",)}
    assert world.chat.message(said.id).reactions == {}


async def test_of_two_reactions_at_once_one_is_lost(world: World) -> None:
    said = world.chat.say("uHouston", "vote")
    await asyncio.gather(
        world.chat.set_reaction("uAna", said.id, ":+1:", on=True),
        world.chat.set_reaction("uBo", said.id, ":-1:", on=True),
    )

    assert world.chat.message(said.id).reactions == {":-1:": ("bo",)}


async def test_a_reaction_keeps_the_name_its_person_had(world: World) -> None:
    said = world.chat.say("uBo", "vote")
    world.chat.react("uBo", said.id, ":+1:")
    world.chat.rename("uBo", "bodil")
    world.chat.rename("uVic", "bo")

    assert world.chat.message(said.id).reactions == {":+1:": ("bo",)}
    assert world.chat.message(said.id).author.username == "bodil"


async def test_a_bot_without_the_role_user_may_not_listen_before_it_joined(world: World) -> None:
    world.chat.add_room("annex", members=("uAna",))
    people = world.chat.people
    with_user = people.may_subscribe("uHouston", "rAnnex")
    world.chat.add_user(User("uHouston", "houston", roles=("bot",), type="bot"))
    without = people.may_subscribe("uHouston", "rAnnex")
    world.chat.add_to_room("uHouston", "annex")

    assert (with_user, without) == (True, False)
    assert people.may_subscribe("uHouston", "rAnnex")
