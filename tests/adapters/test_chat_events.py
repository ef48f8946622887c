"""What is heard, and how the link is kept: in process and against the server."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from adapters.rocketchat import RocketChat
from adapters.rocketchat_stream import Timing
from adapters.sim.chat import SimChat
from adapters.sim.document import Place
from adapters.sim.scenarios import healthy
from adapters.sim.servers import rocketchat
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.errors import Denied, Unavailable
from bot.ports.chat import Chat, Heard, Linked, Room, RoomLost, Unlinked
from tests.adapters.ear import listening

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SPEED = 50.0
OPS = Room("rOps", "ops")
Connect = Callable[..., Chat]
QUICK = replace(
    Timing(**{each.name: getattr(Timing(), each.name) / SPEED for each in fields(Timing)}),
    step=timedelta(seconds=2),
    call=timedelta(seconds=2),
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = healthy(LoopClock(START, SPEED), speed=SPEED)
    yield made
    await made.close()


@pytest.fixture(params=["sim", "http"])
async def connect(request: pytest.FixtureRequest, world: World) -> AsyncIterator[Connect]:
    """Makes a chat with the given rooms, as Houston, with the token that is good now."""
    if request.param == "sim":
        yield lambda *rooms: SimChat(world, rooms or ("ops",))
        return
    async with TestServer(rocketchat.app(world)) as server, aiohttp.ClientSession() as session:
        yield lambda *rooms: RocketChat(
            session,
            url=str(server.make_url("")),
            user_id="uHouston",
            token=world.chat.token("uHouston"),
            rooms=rooms or ("ops",),
            dice=random.Random(1),  # noqa: S311  # jitter that can be repeated
            timing=QUICK,
        )


@pytest.fixture
async def chat(connect: Connect) -> Chat:
    return connect()


async def test_what_a_person_says_is_heard_after_the_link_is_up(world: World, chat: Chat) -> None:
    async with listening(chat) as ear:
        said = world.chat.say("uAna", "!status")
        heard = await ear.heard(lambda message: message.id == said.id)

        assert ear.events[0] == Linked((OPS,))
        assert heard == said


async def test_every_change_of_a_document_is_heard_with_all_that_it_is(
    world: World, chat: Chat
) -> None:
    said = world.chat.say("uAna", "!status of https://example.org/a")
    async with listening(chat) as ear:
        world.chat.react("uBo", said.id, ":+1:")
        reacted = await ear.heard(lambda m: m.id == said.id)
        world.chat.say("uBo", "look here", thread=said.id)
        reply = await ear.heard(lambda m: m.thread == said.id)
        again = await ear.heard(lambda m: m.id == said.id, times=2)
        world.chat.edit("uAna", said.id, "!status again")
        edited = await ear.heard(lambda m: m.edited_by is not None)
        world.chat.preview(said.id)
        world.chat.star(said.id)
        await ear.heard(lambda m: m.id == said.id, times=5)
        world.chat.pin(said.id)
        pinned = await ear.heard(lambda m: m.system == "message_pinned")

    assert reacted.reactions == {":+1:": ("bo",)}
    assert reply.text == "look here"
    assert again == replace(reacted, updated=again.updated)
    assert (edited.text, edited.edited_by, edited.reactions) == (
        "!status again",
        "uAna",
        {":+1:": ("bo",)},
    )
    assert pinned.author.id == "uAna"


async def test_an_edit_inside_a_thread_is_heard_and_its_root_again(
    world: World, chat: Chat
) -> None:
    root = world.chat.say("uAna", "!scale")
    reply = world.chat.say("uAna", "a card", thread=root.id)
    async with listening(chat) as ear:
        world.chat.edit("uAna", reply.id, "a newer card")
        await ear.heard(lambda m: m.text == "a newer card")
        heard = await ear.heard(lambda m: m.id == root.id)

    assert heard == world.chat.message(root.id)


async def test_a_reaction_taken_back_is_heard_as_a_document_without_it(
    world: World, chat: Chat
) -> None:
    said = world.chat.say("uAna", "vote")
    world.chat.react("uBo", said.id, ":+1:")
    async with listening(chat) as ear:
        world.chat.react("uBo", said.id, ":+1:", on=False)
        heard = await ear.heard(lambda m: m.id == said.id)

    assert heard.reactions == {}


async def test_duplicated_and_shuffled_events_all_arrive(world: World, chat: Chat) -> None:
    async with listening(chat) as ear:
        world.chat.links.duplicate = True
        world.chat.links.latest = 5.0
        said = [world.chat.say("uAna", f"line {n}").id for n in range(10)]
        for id in said:
            await ear.heard(lambda m, id=id: m.id == id, times=2)  # type: ignore[misc]  # bound now
        order = [event.message.id for event in ear.events if isinstance(event, Heard)]

    assert len(order) == 20
    assert order != [id for id in said for _ in range(2)]


async def test_a_dropped_link_is_told_and_made_again(world: World, chat: Chat) -> None:
    async with listening(chat) as ear:
        world.chat.drop_links()
        await ear.linked(times=2)
        said = world.chat.say("uAna", "still there?")
        await ear.heard(lambda m: m.id == said.id)

        assert ear.count(Unlinked) == 1
        assert world.chat.links.count("uHouston") == 1


async def test_a_link_that_is_of_no_use_is_begun_anew(world: World, chat: Chat) -> None:
    async with listening(chat) as ear:
        world.chat.lose_subscriptions("ops")
        world.chat.say("uAna", "does anybody hear?")
        await chat.relink("its stream went silent")
        await chat.relink("its stream went silent")
        await ear.linked(times=2)
        said = world.chat.say("uAna", "and now?")
        await ear.heard(lambda m: m.id == said.id)
        (lost,) = (event for event in ear.events if isinstance(event, Unlinked))

        assert lost.reason == "Rocket.Chat: its stream went silent"
        assert world.chat.links.count("uHouston") == 1


async def test_without_a_link_there_is_none_to_begin_anew(world: World, chat: Chat) -> None:
    await chat.relink("nobody listens")
    async with listening(chat) as ear:
        world.chat.set_up(False)
        await ear.until(lambda event: isinstance(event, Unlinked))
        await chat.relink("it is away already")
        world.chat.set_up(True)
        await world.pause(90)

        assert ear.count(Linked) == 2


async def test_a_half_open_link_is_noticed_within_a_minute(world: World, chat: Chat) -> None:
    async with listening(chat) as ear:
        begun = world.clock.now()
        world.chat.go_silent()
        lost = await ear.until(lambda event: isinstance(event, Unlinked))
        took = world.clock.now() - begun
        await ear.linked(times=2)

        assert isinstance(lost, Unlinked)
        assert "nothing was heard" in lost.reason
        assert took < timedelta(seconds=75)


async def test_a_server_that_was_away_is_found_again(world: World, chat: Chat) -> None:
    async with listening(chat) as ear:
        world.chat.set_up(False)
        await ear.until(lambda event: isinstance(event, Unlinked))
        with pytest.raises(Unavailable):
            await chat.since(OPS.id, START)
        await world.pause(30)
        world.chat.set_up(True, "7.13.2")
        await ear.linked(times=2)

        assert await chat.server_version() == "7.13"
        assert ear.count(Unlinked) < 5


async def test_a_server_that_is_down_at_first_is_waited_for(world: World, chat: Chat) -> None:
    world.chat.set_up(False)
    async with listening(chat, linked=False) as ear:
        await ear.until(lambda event: isinstance(event, Unlinked))
        world.chat.set_up(True)

        assert await ear.linked() == Linked((OPS,))


async def test_removal_from_a_room_is_noticed_and_coming_back_links_again(
    world: World, connect: Connect
) -> None:
    world.chat.add_room("ops-two")
    async with listening(connect("ops", "ops-two")) as ear:
        world.chat.remove_from_room("uHouston", "ops")
        lost = await ear.until(lambda event: isinstance(event, RoomLost))
        world.chat.say("uAna", "nobody hears this")
        other = world.chat.say("uAna", "but this", room="ops-two")
        await ear.heard(lambda m: m.id == other.id)
        world.chat.add_to_room("uHouston", "ops")
        back = await ear.linked(times=2)
        said = world.chat.say("uAna", "heard again")
        await ear.heard(lambda m: m.id == said.id)

        assert isinstance(lost, RoomLost)
        assert lost.room == OPS
        assert set(back.rooms) == {OPS, Room("rOpsTwo", "ops-two")}
        assert not any(
            isinstance(event, Heard) and event.message.text == "nobody hears this"
            for event in ear.events
        )


async def test_a_public_room_is_joined_and_a_closed_one_told_as_lost(
    world: World, connect: Connect
) -> None:
    world.chat.add_room("annex", members=("uAna",))
    world.chat.add_room("vault", private=True, members=("uAna",))
    async with listening(connect("ops", "annex", "vault")) as ear:
        lost = [event for event in ear.events if isinstance(event, RoomLost)]
        linked = await ear.linked()

        assert [event.room.name for event in lost] == ["vault"]
        assert [room.name for room in linked.rooms] == ["ops", "annex"]
        assert "uHouston" in world.chat.people.place("annex").members


async def test_a_refused_login_says_why_and_keeps_trying_slowly(world: World, chat: Chat) -> None:
    async with listening(chat) as ear:
        world.chat.revoke("uHouston")
        told = await ear.until(
            lambda event: isinstance(event, Unlinked) and "token" in event.reason
        )
        await world.pause(30)

        assert isinstance(told, Unlinked)
        assert ear.count(Linked) == 1
    with pytest.raises(Denied):
        await chat.since(OPS.id, START)


async def test_direct_messages_are_heard_in_rooms_old_and_new(world: World, chat: Chat) -> None:
    old = world.chat.direct("uAna", "uHouston")
    async with listening(chat) as ear:
        first = await ear.linked()
        said = world.chat.say("uAna", "!whoami", room=old.id)
        heard = await ear.heard(lambda m: m.id == said.id)
        new = world.chat.direct("uBo", "uHouston")
        again = await ear.linked(times=2)
        later = world.chat.say("uBo", "!whoami", room=new.id)
        await ear.heard(lambda m: m.id == later.id)
        caught = await chat.since(old.id, START)

    assert first.rooms == (OPS, Room(old.id, "ana", direct=True))
    assert again.rooms == (*first.rooms, Room(new.id, "bo", direct=True))
    assert heard == said
    assert [message.id for message in caught] == [said.id]


async def test_other_peoples_and_groups_messages_are_not_heard(world: World, chat: Chat) -> None:
    world.chat.add_room("lounge")
    three = Place("rThree", "three", "d", frozenset({"uAna", "uBo", "uHouston"}))
    world.chat.people.change(three)
    pair = world.chat.direct("uAna", "uBo")
    async with listening(chat) as ear:
        linked = await ear.linked()
        for room in ("lounge", pair.id, three.id):
            world.chat.say("uAna", "not for Houston", room=room)
        said = world.chat.say("uAna", "!status")
        await ear.heard(lambda m: m.id == said.id)

        assert linked.rooms == (OPS,)
        assert ear.count(Heard) == 1
