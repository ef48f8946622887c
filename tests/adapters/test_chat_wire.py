"""The real adapter and the uglier habits of a server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.rocketchat import RocketChat
from adapters.rocketchat_stream import Timing
from adapters.sim.scenarios import healthy
from adapters.sim.servers import rocketchat
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.errors import Denied, Limited
from bot.ports.chat import Linked, Post, RoomLost

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


class Person:
    """Somebody with a REST client."""

    def __init__(self, client: TestClient[web.Request, web.Application], headers: Any) -> None:
        self._client = client
        self._headers = headers

    async def get(self, endpoint: str, **params: str) -> tuple[int, Any]:
        path = endpoint if endpoint.startswith("/") else f"/api/v1/{endpoint}"
        async with self._client.get(path, params=params, headers=self._headers) as answer:
            return answer.status, await answer.json()

    async def post(self, endpoint: str, **content: Any) -> tuple[int, Any]:
        path = f"/api/v1/{endpoint}"
        async with self._client.post(path, json=content, headers=self._headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def ana(world: World, server: TestServer) -> AsyncIterator[Person]:
    async with TestClient(server) as client:
        yield Person(client, {"X-User-Id": "uAna", "X-Auth-Token": world.chat.token("uAna")})


async def test_a_slow_answer_after_the_message_was_written_is_one_message(
    world: World, session: aiohttp.ClientSession, server: TestServer
) -> None:
    world.chat.answer_delay = 30.0
    quick = Timing(call=timedelta(seconds=0.2), again=timedelta(0))
    chat = houston(session, server, world.chat.token("uHouston"), timing=quick)
    await chat.post(Post("p1", "rOps", "once"))

    assert [message.id for message in world.chat.messages("ops")] == ["p1"]
    assert world.calls.count("chat.post") == 1


@pytest.mark.parametrize(("version", "status"), [("8.5.0", 400), ("9.0.1", 403)])
async def test_a_missing_permission_is_denied_in_every_version(
    world: World, chat: RocketChat, ana: Person, version: str, status: int
) -> None:
    world.chat.set_up(True, version)
    said = world.chat.say("uBo", "mine")
    answered, content = await ana.post(
        "chat.update", roomId="rOps", msgId=said.id, text="not yours"
    )

    assert answered == status
    assert content["errorType"] == (
        "error-forbidden" if status == 403 else "error-action-not-allowed"
    )
    with pytest.raises(Denied):
        await chat.edit("rOps", said.id, "not yours either")


async def test_the_limit_of_the_server_is_understood(
    world: World, chat: RocketChat, ana: Person
) -> None:
    world.chat.rate_limit = 2
    said = world.chat.say("uAna", "vote")
    answers = [(await ana.get("chat.getMessage", msgId=said.id))[0] for _ in range(3)]
    for _ in range(5):
        await chat.message(said.id)
    world.chat.add_user(replace(world.chat.people.user("uHouston"), roles=("user",)))
    for _ in range(2):
        await chat.account("ana")
    with pytest.raises(Limited) as limited:
        await chat.account("ana")

    assert answers == [200, 200, 429]
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
