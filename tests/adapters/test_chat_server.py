"""The simulated Rocket.Chat imitates the real one, faults included."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.rocketchat import RocketChat
from adapters.rocketchat_stream import Timing
from adapters.sim.scenarios import healthy
from adapters.sim.servers import rocketchat
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


async def test_a_repeated_id_is_answered_with_a_stumble_not_with_the_message(
    ana: Person,
) -> None:
    message = {"_id": "m1", "rid": "rOps", "msg": "hello"}
    first = await ana.post("chat.sendMessage", message=message)
    second = await ana.post("chat.sendMessage", message=message)

    assert first[0] == 200
    assert second[0] == 400
    assert "starred" in second[1]["error"]
    assert "errorType" not in second[1]


async def test_the_patch_level_is_shown_to_administrators_only(world: World, ana: Person) -> None:
    world.chat.set_up(True, "8.1.4")
    _, shown = await ana.get("/api/info")
    world.chat.add_user(replace(world.chat.people.user("uAna"), roles=("user", "admin")))
    _, full = await ana.get("/api/info")

    assert (shown["version"], full["version"]) == ("8.1", "8.1.4")


async def test_a_person_may_act_over_rest(world: World, ana: Person) -> None:
    _, sent = await ana.post("chat.postMessage", channel="#ops", text="!status")
    root = sent["message"]["_id"]
    await ana.post("chat.sendMessage", message={"rid": "rOps", "msg": "reply", "tmid": root})
    await ana.post("chat.react", messageId=root, emoji=":+1:")
    await ana.post("chat.update", roomId="rOps", msgId=root, text="!status apps")
    _, thread = await ana.get("chat.getThreadMessages", tmid=root)
    _, history = await ana.get("channels.history", roomId="rOps")
    _, whole = await ana.get("channels.history", roomId="rOps", showThreadMessages="true")
    before = world.chat.message(root)
    await ana.post("chat.react", messageId=root, emoji=":+1:")

    assert (before.text, before.reactions) == ("!status apps", {":+1:": ("ana",)})
    assert world.chat.message(root).reactions == {}
    assert [message["msg"] for message in thread["messages"]] == ["reply"]
    assert (len(history["messages"]), len(whole["messages"])) == (1, 2)
    assert history["messages"][0]["tcount"] == 1
    assert world.calls == []


async def test_what_is_deleted_is_listed_and_gone(world: World, ana: Person) -> None:
    said = world.chat.say("uAna", "oops")
    status, _ = await ana.post("chat.delete", roomId="rOps", msgId=said.id)
    gone = await ana.get("chat.getMessage", msgId=said.id)
    since = "2026-11-24T14:00:00.000Z"
    _, synced = await ana.get("chat.syncMessages", roomId="rOps", lastUpdate=since)

    assert status == 200
    assert gone == (400, {"success": False})
    assert synced["result"]["updated"] == []
    assert [entry["_id"] for entry in synced["result"]["deleted"]] == [said.id]


async def test_the_directory_answers_as_the_real_one(world: World, ana: Person) -> None:
    world.chat.add_room("vault", private=True, members=("uBo",))
    place = world.chat.people.place("ops")
    world.chat.people.change(replace(place, moderators=frozenset({"uBo"})))
    _, me = await ana.get("me")
    _, bo = await ana.get("users.info", username="bo")
    _, room = await ana.get("rooms.info", roomName="ops")
    vault = await ana.get("rooms.info", roomName="vault")
    _, channel = await ana.get("channels.info", roomId="rOps")
    group = await ana.get("groups.info", roomId="rOps")
    _, roles = await ana.get("channels.roles", roomId="rOps")
    _, members = await ana.get("rooms.membersOrderedByRole", roomId="rOps")
    _, rooms = await ana.get("subscriptions.get")

    assert me["roles"] == ["user"]
    assert "roles" not in bo["user"]
    assert room["room"]["_id"] == channel["channel"]["_id"] == "rOps"
    assert (vault[0], vault[1]["errorType"], group[0]) == (400, "error-room-not-found", 400)
    assert [entry["u"]["username"] for entry in roles["roles"]] == ["bo"]
    assert members["members"][0]["roles"] == ["moderator"]
    assert [entry["name"] for entry in rooms["update"]] == ["ops"]


async def test_bodies_and_callers_that_do_not_fit_are_refused(
    ana: Person, server: TestServer, session: aiohttp.ClientSession
) -> None:
    extra = await ana.post("chat.react", messageId="m", emoji=":+1:", what="?")
    missing = await ana.post("chat.react", emoji=":+1:")
    unknown = await ana.get("chat.unheardOf")
    async with session.get(server.make_url("/api/v1/me")) as stranger:
        anonymous = stranger.status, await stranger.json()

    assert (extra[0], extra[1]["errorType"]) == (400, "invalid-params")
    assert (missing[0], missing[1]["errorType"]) == (400, "invalid-params")
    assert unknown[0] == 404
    assert (anonymous[0], anonymous[1]["status"]) == (401, "error")


@pytest.mark.parametrize(("version", "one_step"), [("7.12.2", 200), ("8.0.0", 404)])
async def test_files_go_up_in_two_steps_and_in_one_only_before_version_8(
    world: World, server: TestServer, session: aiohttp.ClientSession, version: str, one_step: int
) -> None:
    world.chat.set_up(True, version)
    headers = {"X-User-Id": "uAna", "X-Auth-Token": world.chat.token("uAna")}

    def form() -> aiohttp.FormData:
        made = aiohttp.FormData()
        made.add_field("file", b"chart", filename="cpu.png", content_type="image/png")
        return made

    root = server.make_url("/api/v1/")
    async with session.post(f"{root}rooms.media/rOps", data=form(), headers=headers) as answer:
        file_id = (await answer.json())["file"]["_id"]
    unseen = world.chat.messages("ops")
    confirm = f"{root}rooms.mediaConfirm/rOps/{file_id}"
    async with session.post(confirm, json={"msg": "CPU"}, headers=headers) as answer:
        shown = (await answer.json())["message"]
    async with session.post(f"{root}rooms.upload/rOps", data=form(), headers=headers) as answer:
        status = answer.status

    assert unseen == []
    assert shown["files"] == [{"_id": file_id, "name": "cpu.png", "type": "image/png", "size": 5}]
    assert status == one_step


async def test_the_socket_speaks_as_the_reference_server(
    world: World, session: aiohttp.ClientSession, server: TestServer
) -> None:
    token = world.chat.token("uVic")
    async with session.ws_connect(server.make_url("/websocket")) as socket:
        hello = await socket.receive_json()
        await socket.send_json({"msg": "connect", "version": "1", "support": ["1"]})
        connected = await socket.receive_json()
        await socket.send_json({"msg": "ping", "id": "p1"})
        pong = await socket.receive_json()
        for id, resume in (("1", "wrong"), ("2", token)):
            login = {"msg": "method", "method": "login", "id": id, "params": [{"resume": resume}]}
            await socket.send_json(login)
        answers = [await socket.receive_json() for _ in range(4)]
        await socket.send_json({"msg": "sub", "id": "s", "name": "stream-unknown", "params": [""]})
        nosub = await socket.receive_json()
        for id in ("a", "b"):
            sub = {"msg": "sub", "id": id, "name": "stream-room-messages", "params": ["rOps"]}
            await socket.send_json(sub)
        ready = [await socket.receive_json() for _ in range(2)]
        world.chat.say("uAna", "hello")
        twice = [await socket.receive_json() for _ in range(2)]

    assert (hello, connected["msg"], pong) == (
        {"server_id": "0"},
        "connected",
        {"msg": "pong", "id": "p1"},
    )
    assert answers[0]["error"]["error"] == 403
    assert {answer["msg"] for answer in answers[1:]} == {"result", "updated", "added"}
    assert nosub["error"]["error"] == "not-allowed"
    assert [answer["subs"] for answer in ready] == [["a"], ["b"]]
    assert twice[0] == twice[1]
    assert (twice[0]["id"], twice[0]["fields"]["eventName"]) == ("id", "rOps")
    assert "$date" in twice[0]["fields"]["args"][0]["ts"]


async def test_a_socket_that_does_not_begin_with_connect_is_closed(
    session: aiohttp.ClientSession, server: TestServer
) -> None:
    async with session.ws_connect(server.make_url("/websocket")) as socket:
        await socket.receive_json()
        await socket.send_json({"msg": "ping"})
        closed = await socket.receive()

    assert closed.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
    assert socket.close_code == 1002


async def test_a_server_that_is_down_answers_with_a_page(
    world: World, session: aiohttp.ClientSession, server: TestServer
) -> None:
    world.chat.set_up(False)
    async with session.get(server.make_url("/api/info")) as answer:
        status, kind = answer.status, answer.content_type
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(server.make_url("/websocket"))

    assert (status, kind) == (502, "text/html")


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("8.5.0", (400, "error-action-not-allowed")), ("9.0.1", (403, "error-forbidden"))],
)
async def test_a_missing_permission_looks_different_from_version_9(
    world: World, ana: Person, version: str, wanted: tuple[int, str]
) -> None:
    world.chat.set_up(True, version)
    said = world.chat.say("uBo", "mine")
    status, answer = await ana.post("chat.update", roomId="rOps", msgId=said.id, text="yours")

    assert (status, answer["errorType"]) == wanted
