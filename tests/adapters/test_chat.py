"""What is done and read: in process and against the server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from adapters.rocketchat import RocketChat
from adapters.rocketchat_stream import Timing
from adapters.sim.chat import SimChat
from adapters.sim.document import User
from adapters.sim.scenarios import healthy
from adapters.sim.servers import rocketchat
from adapters.sim.world import Fault, World
from bot.clock import LoopClock
from bot.errors import Denied, Invalid, Limited, Missing, Unavailable
from bot.ports.chat import Chat, Heard, Kind, Linked, Post, Room

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


async def test_catching_up_gives_replies_edits_and_reactions_oldest_first(
    world: World, chat: Chat
) -> None:
    old = world.chat.say("uAna", "old and untouched")
    first = world.chat.say("uAna", "first")
    await world.pause(5)
    since = world.clock.now()
    await world.pause(5)
    world.chat.react("uBo", first.id, ":eyes:")
    reply = world.chat.say("uBo", "reply", thread=first.id)
    found = await chat.since(OPS.id, since)

    assert [message.id for message in found] == [first.id, reply.id]
    assert found[0].reactions == {":eyes:": ("bo",)}
    assert found == [world.chat.message(first.id), world.chat.message(reply.id)]
    assert old.id not in {message.id for message in found}


async def test_a_post_is_there_with_our_id_below_its_root(world: World, chat: Chat) -> None:
    root = world.chat.say("uAna", "!status")
    await chat.post(Post("p1", OPS.id, "all *well*", thread=root.id))

    assert [message.id for message in world.chat.thread(root.id)] == ["p1"]
    assert await chat.message("p1") == world.chat.message("p1")


async def test_a_duplicate_post_is_one_message(world: World, chat: Chat) -> None:
    for _ in range(3):
        await chat.post(Post("p1", OPS.id, "once"))

    assert [message.text for message in world.chat.messages("ops")] == ["once"]


@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.UNAVAILABLE, Fault.HTML])
async def test_a_post_that_went_wrong_on_the_way_is_one_message(
    world: World, chat: Chat, fault: Fault
) -> None:
    world.fail("chat.post", fault, times=2)
    await chat.post(Post("p1", OPS.id, "once"))

    assert [message.id for message in world.chat.messages("ops")] == ["p1"]


async def test_a_post_that_never_gets_through_is_given_back(world: World, chat: Chat) -> None:
    world.fail("chat.post", Fault.UNAVAILABLE, times=3)
    with pytest.raises(Unavailable):
        await chat.post(Post("p1", OPS.id, "never"))

    assert world.chat.messages("ops") == []


async def test_an_id_that_is_somebody_elses_is_an_error(world: World, chat: Chat) -> None:
    world.chat.say("uAna", "mine", id="p1")
    with pytest.raises(Invalid):
        await chat.post(Post("p1", OPS.id, "no, mine"))


async def test_a_post_finds_a_room_by_its_name_and_joins_it(world: World, chat: Chat) -> None:
    world.chat.add_room("general", members=("uAna",))
    await chat.post(Post("p1", "#general", "Chat goes away for a minute"))
    await chat.post(Post("p1", "#general", "Chat goes away for a minute"))

    said = [m.text for m in world.chat.messages("general") if m.system is None]
    assert said == ["Chat goes away for a minute"]


async def test_a_room_that_is_not_there_or_not_open_is_missing(world: World, chat: Chat) -> None:
    world.chat.add_room("staff", private=True, members=("uAna",))
    for name in ("#nowhere", "#staff"):
        with pytest.raises(Missing):
            await chat.post(Post("p1", name, "Hello"))


async def test_a_direct_message_reaches_its_person(world: World, chat: Chat) -> None:
    await chat.post(Post("p1", "@uBo", "not eligible"))
    await chat.post(Post("p2", "@uBo", "again"))
    await chat.edit("@uBo", "p2", "once more")
    room = world.chat.direct("uHouston", "uBo").id

    assert [message.text for message in world.chat.messages(room)] == ["not eligible", "once more"]


async def test_a_text_that_is_too_long_is_refused_before_it_is_sent(
    world: World, chat: Chat
) -> None:
    await chat.post(Post("p1", OPS.id, "🚀" * 2500))
    with pytest.raises(Invalid, match="5001"):
        await chat.post(Post("p2", OPS.id, "🚀" * 2500 + "!"))
    with pytest.raises(Invalid, match="5001"):
        await chat.edit(OPS.id, "p1", "x" * 5001)

    assert [message.id for message in world.chat.messages("ops")] == ["p1"]


async def test_an_edit_replaces_the_text(world: World, chat: Chat) -> None:
    await chat.post(Post("p1", OPS.id, "before"))
    await chat.edit(OPS.id, "p1", "after")

    assert world.chat.message("p1").text == "after"
    assert world.chat.message("p1").edited_by == "uHouston"


async def test_what_is_gone_is_missing(world: World, chat: Chat) -> None:
    with pytest.raises(Missing):
        await chat.edit(OPS.id, "nothing", "text")
    with pytest.raises(Missing):
        await chat.react("nothing", ":+1:")
    with pytest.raises(Missing):
        await chat.message("nothing")
    with pytest.raises(Missing):
        await chat.account("nobody")


async def test_a_reaction_set_twice_is_set_once(world: World, chat: Chat) -> None:
    said = world.chat.say("uAna", "vote")
    world.chat.react("uBo", said.id, ":+1:")
    for _ in range(2):
        await chat.react(said.id, ":+1:")

    assert (await chat.message(said.id)).reactions == {":+1:": ("bo", "houston")}


@pytest.mark.parametrize(
    ("user", "kind"),
    [
        (User("u1", "erin"), Kind.PERSON),
        (User("u1", "erin", type="bot"), Kind.BOT),
        (User("u1", "erin", type="app"), Kind.APP),
        (User("u1", "@erin:matrix.example.org"), Kind.FEDERATED),
    ],
)
async def test_an_account_tells_what_it_is(
    world: World, chat: Chat, user: User, kind: Kind
) -> None:
    world.chat.add_user(replace(user, federated=kind is Kind.FEDERATED))
    found = await chat.account(user.username)

    assert (found.id, found.active, found.kind) == ("u1", True, kind)


async def test_an_account_is_found_by_its_name_of_now(world: World, chat: Chat) -> None:
    world.chat.rename("uBo", "bodil")
    world.chat.deactivate("uBo")
    found = await chat.account("bodil")

    assert (found.id, found.active) == ("uBo", False)
    with pytest.raises(Missing):
        await chat.account("bo")


async def test_a_busy_server_says_when_to_come_back(world: World, chat: Chat) -> None:
    world.fail("chat.post", Fault.LIMITED)
    with pytest.raises(Limited) as limited:
        await chat.post(Post("p1", OPS.id, "text"))

    assert timedelta(seconds=4) <= limited.value.retry_after <= timedelta(seconds=6)
    assert world.chat.messages("ops") == []


async def test_a_restricted_workspace_is_denied(world: World, chat: Chat) -> None:
    world.chat.restricted = True
    with pytest.raises(Denied, match="restricted"):
        await chat.post(Post("p1", OPS.id, "text"))


async def test_a_room_houston_left_takes_no_post(world: World, chat: Chat) -> None:
    world.chat.remove_from_room("uHouston", "ops")
    with pytest.raises(Denied):
        await chat.post(Post("p1", OPS.id, "text"))


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_what_may_be_asked_again_is_unavailable_when_it_fails(
    world: World, chat: Chat, fault: Fault
) -> None:
    said = world.chat.say("uHouston", "hello")
    calls: dict[str, Callable[[], Any]] = {
        "chat.since": lambda: chat.since(OPS.id, START),
        "chat.message": lambda: chat.message(said.id),
        "chat.account": lambda: chat.account("ana"),
        "chat.edit": lambda: chat.edit(OPS.id, said.id, "text"),
        "chat.react": lambda: chat.react(said.id, ":+1:"),
        "chat.server_version": chat.server_version,
    }
    for name, call in calls.items():
        world.fail(name, fault, times=3)
        with pytest.raises(Unavailable):
            await call()


async def test_nothing_is_missed_over_ten_disconnects(world: World, chat: Chat) -> None:
    """Catches up as the core does: after each link, from a little before what was read last."""
    seen: set[str] = set()
    said: set[str] = set()

    async def read() -> None:
        cursor = START
        async with aclosing(chat.events()) as events:  # type: ignore[type-var]  # a generator
            async for event in events:
                missed = [event.message] if isinstance(event, Heard) else []
                if isinstance(event, Linked):
                    missed = await chat.since(OPS.id, cursor - timedelta(seconds=30))
                for message in missed:
                    seen.add(message.id)
                    cursor = max(cursor, message.updated)

    reader = asyncio.create_task(read())
    for n in range(40):
        if n % 4 == 1:
            world.chat.drop_links()
        said.add(world.chat.say("uAna", f"line {n}").id)
        await world.pause(2)
    async with asyncio.timeout(15):
        while not said <= seen:  # noqa: ASYNC110  # any of two ways may bring the last one
            await asyncio.sleep(0.02)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)

    assert len(said) == 40
