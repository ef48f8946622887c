"""The real adapter and the uglier habits of a server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.rocketchat import RocketChat
from adapters.rocketchat_stream import Timing
from adapters.sim.scenarios import healthy
from adapters.sim.servers import rocketchat
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.errors import Denied, Limited
from bot.ports.chat import Linked, Post, RoomLost, Unlinked

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


@pytest.fixture
async def server(world: World) -> AsyncIterator[TestServer]:
    started = TestServer(rocketchat.app(world))
    async with started:
        yield started


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def houston(
    session: aiohttp.ClientSession,
    server: TestServer,
    token: str,
    rooms: tuple[str, ...] = ("ops",),
    timing: Timing | None = None,
) -> RocketChat:
    return RocketChat(
        session,
        url=str(server.make_url("")),
        user_id="uHouston",
        token=token,
        rooms=rooms,
        dice=random.Random(1),  # noqa: S311  # jitter that can be repeated
        timing=timing or Timing(again=timedelta(0)),
    )


@pytest.fixture
async def chat(world: World, session: aiohttp.ClientSession, server: TestServer) -> RocketChat:
    return houston(session, server, world.chat.token("uHouston"))


async def test_a_slow_answer_after_the_message_was_written_is_one_message(
    world: World, session: aiohttp.ClientSession, server: TestServer
) -> None:
    world.chat.answer_delay = 30.0
    quick = Timing(call=timedelta(seconds=0.2), again=timedelta(0))
    chat = houston(session, server, world.chat.token("uHouston"), timing=quick)
    await chat.post(Post("p1", "rOps", "once"))

    assert [message.id for message in world.chat.messages("ops")] == ["p1"]
    assert world.calls.count("chat.post") == 1


@pytest.mark.parametrize("version", ["7.12.2", "8.5.0", "9.0.1"])
async def test_a_missing_permission_is_denied_in_every_version(
    world: World, chat: RocketChat, version: str
) -> None:
    world.chat.set_up(True, version)
    said = world.chat.say("uBo", "mine")
    with pytest.raises(Denied):
        await chat.edit("rOps", said.id, "not yours")


async def test_the_limit_of_the_server_is_understood(world: World, chat: RocketChat) -> None:
    world.chat.rate_limit = 2
    for _ in range(5):
        await chat.account("ana")
    world.chat.add_user(replace(world.chat.people.user("uHouston"), roles=("user",)))
    for _ in range(2):
        await chat.account("ana")
    with pytest.raises(Limited) as limited:
        await chat.account("ana")

    assert timedelta(seconds=1) < limited.value.retry_after <= timedelta(seconds=61)


async def test_fifty_rooms_are_subscribed_although_the_server_allows_forty_at_once(
    world: World, session: aiohttp.ClientSession, server: TestServer
) -> None:
    names = tuple(f"room{n}" for n in range(50))
    for name in names:
        world.chat.add_room(name)
    brisk = Timing(window=timedelta(seconds=1))
    chat = houston(session, server, world.chat.token("uHouston"), names, brisk)
    async with asyncio.timeout(10), aclosing(chat.events()) as events:
        first = await anext(events)

    assert isinstance(first, Linked)
    assert len(first.rooms) == 50


async def test_late_subscriptions_are_waited_for(
    world: World, session: aiohttp.ClientSession, server: TestServer, chat: RocketChat
) -> None:
    world.chat.ready_delay = 10.0
    async with aclosing(chat.events()) as events:
        begun = world.clock.now()
        first = await anext(events)

    assert isinstance(first, Linked)
    assert world.clock.now() - begun >= timedelta(seconds=10)


async def test_a_subscription_lost_without_a_word_is_made_up_by_reading(
    world: World, chat: RocketChat
) -> None:
    async with aclosing(chat.events()) as events:
        await anext(events)
        world.chat.lose_subscriptions("ops")
        said = world.chat.say("uAna", "does anybody hear?")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(events)

    assert [message.id for message in await chat.since("rOps", START)] == [said.id]


async def test_a_room_encrypted_end_to_end_is_told_as_lost(world: World, chat: RocketChat) -> None:
    world.chat.people.change(replace(world.chat.people.place("ops"), encrypted=True))
    async with aclosing(chat.events()) as events:
        lost, linked = await anext(events), await anext(events)

    assert isinstance(lost, RoomLost)
    assert "encrypted" in lost.reason
    assert linked == Linked(())


async def test_a_deprecated_endpoint_is_logged_once(session: aiohttp.ClientSession) -> None:
    async def answer(_: web.Request) -> web.Response:
        headers = {"x-deprecation-type": "endpoint", "x-deprecation-version": "9.0.0"}
        return web.json_response({"version": "8.1", "success": True}, headers=headers)

    app = web.Application()
    app.router.add_get("/api/info", answer)
    server = TestServer(app)
    async with server:
        chat = houston(session, server, "not-a-secret")
        with structlog.testing.capture_logs() as logs:
            versions = [await chat.server_version() for _ in range(3)]

    assert versions == ["8.1"] * 3
    assert [entry["version"] for entry in logs] == ["9.0.0"]


async def test_no_error_shows_the_token(
    world: World, session: aiohttp.ClientSession, server: TestServer
) -> None:
    chat = houston(session, server, "very-secret-token")
    with pytest.raises(Denied) as denied:
        await chat.message("m")

    assert "very-secret" not in repr(denied.value) + denied.value.hint + repr(chat)


async def test_a_refused_token_is_tried_again_slowly(
    session: aiohttp.ClientSession,
) -> None:
    asked: list[str] = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"success": False, "error": "unauthorized"}, status=401)

    app = web.Application()
    app.router.add_get("/{path:.*}", refuse)
    server = TestServer(app)
    hasty = Timing(first=timedelta(0), longest=timedelta(0), refused=timedelta(seconds=60))
    async with server, aclosing(houston(session, server, "x", timing=hasty).events()) as events:
        told = await anext(events)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(events)

    assert isinstance(told, Unlinked)
    assert "token" in told.reason
    assert len(asked) == 1


async def test_the_socket_may_refuse_a_token_that_rest_still_takes(
    session: aiohttp.ClientSession,
) -> None:
    logins: list[str] = []

    async def socket(request: web.Request) -> web.WebSocketResponse:
        link = web.WebSocketResponse()
        await link.prepare(request)
        await link.receive_json()
        await link.send_json({"msg": "connected", "session": "s"})
        login = await link.receive_json()
        logins.append(login["method"])
        error = {"error": 403, "reason": "You've been logged out by the server."}
        await link.send_json({"msg": "result", "id": login["id"], "error": error})
        await link.receive()
        return link

    async def empty(_: web.Request) -> web.Response:
        room = {"_id": "r1", "name": "ops", "t": "p"}
        return web.json_response({"update": [], "room": room, "success": True})

    app = web.Application()
    app.router.add_get("/websocket", socket)
    app.router.add_get("/{path:.*}", empty)
    server = TestServer(app)
    hasty = Timing(first=timedelta(0), longest=timedelta(0), refused=timedelta(seconds=60))
    async with server, aclosing(houston(session, server, "x", timing=hasty).events()) as events:
        told = await anext(events)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(events)

    assert isinstance(told, Unlinked)
    assert "token" in told.reason
    assert logins == ["login"]


async def test_a_time_is_sent_in_whole_milliseconds_of_utc(session: aiohttp.ClientSession) -> None:
    asked: list[str] = []

    async def nothing(request: web.Request) -> web.Response:
        asked.append(request.rel_url.query["lastUpdate"])
        return web.json_response({"result": {"updated": [], "deleted": []}, "success": True})

    app = web.Application()
    app.router.add_get("/chat/api/v1/chat.syncMessages", nothing)
    server = TestServer(app)
    async with server:
        url = str(server.make_url("/chat/"))
        chat = RocketChat(
            session,
            url=url,
            user_id="u",
            token="x",
            rooms=(),
            dice=random.Random(1),  # noqa: S311  # jitter that can be repeated
        )
        found = await chat.since("r1", START.astimezone(timezone(timedelta(hours=2))))

    assert found == []
    assert asked == ["2026-11-24T15:00:00.000Z"]
