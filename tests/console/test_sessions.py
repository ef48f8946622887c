"""Logins at the console: whose they are, how long they last, how many may be tried."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from tests.commands.room import Room
from tests.console.visitor import ANA, BO, TOKENS, Client, Movable, Visitor

Come = Callable[[], Awaitable[Visitor]]
HTTPS = {"port": 0, "url": "https://houston.fernhill.example"}


def cookie_of(answer: ClientResponse) -> SimpleCookie:
    return SimpleCookie("; ".join(answer.headers.getall("Set-Cookie", [])))


# Sessions


async def test_a_session_chosen_by_somebody_else_is_not_taken_over(
    visitor: Visitor, come: Come
) -> None:
    body, chosen = {"name": ANA, "token": TOKENS[ANA]}, "houston=chosen"
    answer = await visitor.post("/api/login", body, Cookie=chosen)
    given = cookie_of(answer)["houston"].value

    assert given != "chosen"
    assert len(given) >= 43
    assert (await (await come()).get("/api/me", Cookie=chosen)).status == 401


async def test_each_login_is_a_session_of_its_own_and_ends_the_one_before(
    visitor: Visitor, come: Come
) -> None:
    first = cookie_of(await visitor.login())["houston"].value
    second = cookie_of(await visitor.login())["houston"].value
    assert first != second
    other = await come()

    assert (await other.get("/api/me", Cookie=f"houston={first}")).status == 401
    assert (await other.get("/api/me", Cookie=f"houston={second}")).status == 200


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 401)])
async def test_a_session_nobody_uses_is_over(
    ana: Visitor, clock: Movable, minutes: int, status: int
) -> None:
    clock.stop()
    clock.ahead += timedelta(minutes=minutes)

    assert (await ana.get("/api/me")).status == status


async def test_a_session_is_over_some_day_however_busy(ana: Visitor, clock: Movable) -> None:
    clock.stop()
    for _ in range(19):
        clock.ahead += timedelta(minutes=25)
        assert (await ana.get("/api/me")).status == 200
    clock.ahead += timedelta(minutes=25)

    assert (await ana.get("/api/me")).status == 401


async def test_watching_is_no_use_and_the_view_ends_with_the_session(
    ana: Visitor, clock: Movable
) -> None:
    async with asyncio.timeout(20), ana.client.get("/api/events") as stream:
        await stream.content.readline()
        clock.ahead += timedelta(minutes=31)
        ana.room.app.courier.hurry()
        text = (await stream.content.read()).decode()

    assert text.endswith("event: over\ndata: {}\n\n")


async def test_a_logout_is_one_for_whoever_else_holds_the_session(ana: Visitor, come: Come) -> None:
    stolen = await come()
    (cookie,) = ana.client.session.cookie_jar
    stolen.client.session.cookie_jar.update_cookies({"houston": cookie.value})
    assert (await stolen.get("/api/me")).status == 200
    assert (await ana.post("/api/logout")).status == 200

    assert (await stolen.get("/api/me")).status == 401
    assert (await ana.get("/api/me")).status == 401


async def test_the_store_holds_nothing_a_session_could_be_taken_over_with(
    ana: Visitor, room: Room
) -> None:
    (cookie,) = ana.client.session.cookie_jar

    assert cookie.value not in room.store.dump()
    assert TOKENS[ANA] not in room.store.dump()


async def test_a_cookie_is_for_no_script_and_no_other_site(visitor: Visitor) -> None:
    morsel = cookie_of(await visitor.login())["houston"]

    assert morsel["httponly"]
    assert morsel["samesite"] == "Strict"
    assert morsel["path"] == "/"
    assert not morsel["domain"]


@pytest.mark.parametrize("console", [HTTPS])
async def test_behind_tls_it_is_for_tls_only(visitor: Visitor) -> None:
    own = {"Host": "houston.fernhill.example", "Origin": "https://houston.fernhill.example"}
    answer = await visitor.post("/api/login", {"name": ANA, "token": TOKENS[ANA]}, **own)
    morsel = cookie_of(answer)["__Host-houston"]

    assert answer.status == 200
    assert morsel["secure"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


# Guessing


async def test_after_five_wrong_tokens_the_right_one_is_refused_too(
    visitor: Visitor, clock: Movable
) -> None:
    clock.stop()
    for _ in range(5):
        assert (await visitor.login(ANA, "hop_wrong")).status == 401
    locked = await visitor.login(ANA)
    assert locked.status == 401
    assert "Too many failed tries" in (await locked.json())["error"]
    clock.ahead += timedelta(minutes=16)

    assert (await visitor.login(ANA)).status == 200


async def test_logins_of_one_address_are_limited_whatever_the_name(
    visitor: Visitor, clock: Movable
) -> None:
    clock.stop()
    answers = [(await visitor.login(f"nobody {n}", "x")).status for n in range(12)]

    assert answers[:10] == [401] * 10
    assert answers[10:] == [429] * 2


async def test_requests_of_one_address_are_limited(visitor: Visitor, clock: Movable) -> None:
    clock.stop()
    statuses = [(await visitor.get("/api/me")).status for _ in range(301)]

    assert set(statuses[:300]) == {401}
    assert statuses[300] == 429


@pytest.mark.parametrize(
    ("console", "forwarded", "status"),
    [
        ({"port": 0}, "10.1.0.{n}, 10.0.0.{n}", 429),
        ({"port": 0, "proxies": 1}, "made.up, 10.0.0.{n}", 401),
        ({"port": 0, "proxies": 1}, "10.1.0.{n}, 10.0.0.1", 429),
    ],
)
async def test_a_forwarded_address_counts_only_from_a_proxy_of_ours(
    visitor: Visitor, clock: Movable, forwarded: str, status: int
) -> None:
    clock.stop()
    body = {"name": "nobody", "token": "x"}
    answers = [
        await visitor.post("/api/login", body, X_Forwarded_For=forwarded.format(n=n))
        for n in range(11)
    ]

    assert answers[10].status == status


async def test_nobody_learns_who_could_come_in(visitor: Visitor) -> None:
    """The same words, status and headers, and the same class of time."""

    async def tried(name: str) -> tuple[int, str, list[str], float]:
        begun = time.process_time()
        answer = await visitor.login(name, "hop_wrong")
        took = time.process_time() - begun
        names = sorted(answer.headers)
        return answer.status, await answer.text(), names, took

    known = [await tried(name) for name in (ANA, BO, "Dee Okafor")]
    strange = [await tried(name) for name in ("Cleo Marsh", "Nobody", "admin")]
    assert len({answer[:2] for answer in [*known, *strange]}) == 1
    assert len({tuple(answer[2]) for answer in [*known, *strange]}) == 1
    assert min(answer[3] for answer in strange) > min(answer[3] for answer in known) / 3


async def test_who_leaves_the_list_is_out_at_once(ana: Visitor, room: Room) -> None:
    """A Houston that was started anew with other lines knows the session, and not its person."""
    (cookie,) = ana.client.session.cookie_jar
    door = room.settings.door.model_copy(update={"operators": SecretStr("")})
    room.settings = room.settings.model_copy(update={"door": door})
    await room.restart(0.1)
    assert room.app.console
    server = TestServer(room.app.console.application())
    client: Client = TestClient(server)
    async with client:
        later = Visitor(client, room)
        answer = await later.get("/api/me", Cookie=f"houston={cookie.value}")

    assert answer.status == 401
