"""What OWASP asks of such a page, a test each; `tests/guards/console.py` takes each guard away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from bot.console.shield import LONGEST_BODY, OPEN
from tests.commands.room import Room
from tests.console.visitor import ANA, BO, TOKENS, Client, Visitor

Come = Callable[[], Awaitable[Visitor]]
HTTPS = {"port": 0, "url": "https://houston.fernhill.example"}
STRANGE_HOSTS = (
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
    "[::1",
    " ",
)
ELSEWHERE = (
    "//evil.example",
    "//evil.example/%2e%2e",
    "/%5cevil.example",
    "/?next=https://evil.example",
    "/api/me?next=//evil.example",
    "/static/https:%2f%2fevil.example",
    "/static",
    "/api/me/",
)
OUTSIDE = (
    "/static/%2e%2e%2fserver.py",
    "/static/..%2f..%2fdoor.py",
    "/static/../server.py",
    "/static/..%5cserver.py",
    "/static/%2fetc%2fpasswd",
    "/static/index.html",
    "/static/console.js%00.css",
    "/api/files/..%2f..%2f/x",
)
NONSENSE = (
    b"",
    b"[]",
    b"null",
    b"{",
    b'{"line": 1}',
    b'{"line": "  "}',
    b"[" * 9000,
    b'{"line": "' + b"x" * 2001 + b'"}',
    b"\xff\xfe",
)


def routes(room: Room) -> list[tuple[str, str]]:
    assert room.app.console
    router = room.app.console.application().router
    return [(route.method, route.resource.canonical) for route in router.routes() if route.resource]


async def test_every_route_but_the_entrance_needs_a_login(room: Room, visitor: Visitor) -> None:
    """Table driven over the router itself: a route of tomorrow is in it."""
    found = routes(room)
    closed = [(method, path) for method, path in found if path not in OPEN]
    assert len(closed) >= 6
    for method, path in closed:
        at = path.replace("{post}", "x").replace("{name}", "y")
        headers = {"Origin": visitor.origin, "Content-Type": "application/json"}
        answer = await visitor.client.request(method, at, headers=headers, data="{}")
        assert answer.status == 401, (method, path)
    assert {path for _, path in found if path in OPEN} == OPEN


async def test_what_is_no_route_is_not_found_and_dressed_all_the_same(visitor: Visitor) -> None:
    for path, status in (("/api/secrets", 404), ("/api/login", 405)):
        answer = await visitor.get(path)
        assert answer.status == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# Cross-site request forgery


FORGED: list[tuple[dict[str, str], int]] = [
    ({"X_CSRF_Token": ""}, 403),
    ({"X_CSRF_Token": "x" * 43}, 403),
    ({"X_CSRF_Token": "é"}, 403),
    ({"Origin": ""}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "http://127.0.0.1:1"}, 403),
    ({"Content_Type": "text/plain"}, 415),
]


async def test_a_request_another_page_could_make_does_nothing(ana: Visitor) -> None:
    for headers, status in FORGED:
        answer = await ana.post("/api/say", {"line": "!whoami"}, **headers)
        assert answer.status == status, headers
    assert await ana.sees(lambda seen: [seen["answers"]]) == [[]]


async def test_the_secret_of_one_session_is_no_good_in_another(come: Come) -> None:
    ana, bo = await come(), await come()
    await ana.login(ANA)
    await bo.login(BO)
    assert ana.csrf != bo.csrf
    answer = await ana.post("/api/say", {"line": "!whoami"}, X_CSRF_Token=bo.csrf)

    assert answer.status == 403


async def test_nobody_is_logged_in_from_another_page(visitor: Visitor) -> None:
    body = {"name": ANA, "token": TOKENS[ANA]}
    answer = await visitor.post("/api/login", body, Origin="https://evil.example")

    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers


async def test_reading_changes_nothing(room: Room) -> None:
    """So that a picture on another page, which carries no origin, can do nothing either."""
    changing = {path for method, path in routes(room) if method not in {"GET", "HEAD"}}
    reading = {path for method, path in routes(room) if method in {"GET", "HEAD"}}

    assert changing == {"/api/login", "/api/logout", "/api/say"}
    assert not changing & reading


# What a browser is told


async def test_nobody_frames_sniffs_or_keeps_an_answer(visitor: Visitor) -> None:
    for path in ("/", "/static/console.js", "/api/me", "/nothing"):
        headers = (await visitor.get(path)).headers

        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "aiohttp" not in headers["Server"]


async def test_a_script_runs_only_from_a_file_of_ours(visitor: Visitor) -> None:
    answer = await visitor.get("/")
    policy = answer.headers["Content-Security-Policy"]
    page = await answer.text()

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert not any(word in policy for word in ("unsafe-inline", "unsafe-eval", "http:", "https:"))
    assert page.count("<script") == page.count('<script src="/static/') == 1
    assert "<style" not in page
    assert not any(word in page for word in (" style=", " onclick=", " onload=", "http"))


async def test_under_another_name_nothing_is_answered(visitor: Visitor) -> None:
    """A name of somebody else's that points here is how a page gets behind the same origin."""
    for host in STRANGE_HOSTS:
        answer = await visitor.get("/", Host=host)
        assert answer.status in {400, 421}, host
        assert "<html" not in await answer.text()


@pytest.mark.parametrize("console", [HTTPS])
async def test_behind_a_proxy_only_its_name_is_answered(visitor: Visitor) -> None:
    assert (await visitor.get("/", Host="houston.fernhill.example")).status == 200
    forged = {"X_Forwarded_Host": "houston.fernhill.example"}
    assert (await visitor.get("/", Host="127.0.0.1", **forged)).status == 421


async def raw(visitor: Visitor, path: str) -> tuple[int, str, str]:
    """Ask for a path exactly as it is spelled; gives status, place to go to, and text."""
    url = URL(f"{visitor.origin}{path}", encoded=True)
    async with visitor.client.session.get(url, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


async def test_nobody_is_sent_elsewhere(ana: Visitor) -> None:
    for path in ELSEWHERE:
        status, location, _ = await raw(ana, path)
        assert not 300 <= status < 400, path
        assert not location
    body = {"name": ANA, "token": TOKENS[ANA], "next": "https://evil.example"}
    again = await ana.post("/api/login?next=https://evil.example", body)
    assert again.status == 200
    assert "evil" not in await again.text()


async def test_no_path_leads_out_of_the_files_there_are(ana: Visitor) -> None:
    for path in OUTSIDE:
        status, _, text = await raw(ana, path)
        assert status in {400, 404}, path
        assert "import" not in text
        assert "<html" not in text


@pytest.mark.parametrize("path", ["/api/login", "/api/say"])
async def test_a_body_too_large_is_not_read(ana: Visitor, path: str) -> None:
    answer = await ana.post(path, {"line": "x" * LONGEST_BODY, "name": "x", "token": "x"})

    assert answer.status == 413


async def test_nonsense_is_refused_and_breaks_nothing(ana: Visitor) -> None:
    headers = {
        "Origin": ana.origin,
        "X-CSRF-Token": ana.csrf,
        "Content-Type": "application/json",
    }
    for data in NONSENSE:
        answer = await ana.client.post("/api/say", data=data, headers=headers)
        assert answer.status == 400, data[:20]
        assert "Traceback" not in await answer.text()


async def test_a_mistake_of_houstons_own_tells_nobody_how_it_is_made(room: Room) -> None:
    async def mistaken(request: web.Request) -> web.Response:
        raise KeyError("a-secret-path")

    assert room.app.console
    made = room.app.console.application()
    made.router.add_get("/api/mistaken", mistaken)
    client: Client = TestClient(TestServer(made))
    async with client:
        ana = Visitor(client, room)
        await ana.login(ANA)
        answer = await ana.get("/api/mistaken")
        said = await answer.text()

    assert answer.status == 500
    assert "Houston itself made a mistake" in said
    assert not any(word in said for word in ("Traceback", "a-secret-path", ".py"))


async def test_a_few_windows_are_enough(ana: Visitor) -> None:
    open_ = [await ana.client.get("/api/events") for _ in range(6)]
    statuses: list[Any] = [answer.status for answer in open_]
    for answer in open_:
        answer.close()

    assert statuses == [200] * 5 + [429]
