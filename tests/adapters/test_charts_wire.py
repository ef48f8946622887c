"""Indexes of charts as real repositories give them, and what is none."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters import charts as module
from adapters.charts import HttpCharts, read_index
from adapters.registry import Endpoint
from bot.errors import AdapterError, Denied, Invalid, Limited, Missing, Unavailable
from bot.ports.charts import ChartVersion
from tests.adapters.wire import HTML, PAGE, TRUNCATED, Answer, Wire

HOST = "charts.example"
LOGIN = "Basic " + base64.b64encode(b"houston:hunter2hunter2").decode()
INDEX = """\
apiVersion: v1
entries:
  other:
    - {version: 9.9.9}
  "":
    - version: 9.9.9
  rocketchat:
  - annotations:
      version: 9.9.9
    appVersion: 8.0
    dependencies:
    - name: mongodb
      version: 9.9.9
    "": empty
    name: rocketchat
    version: 6.29.0
  - version: "6.28.0"
  - appVersion: "1"
  - version: v6.30.0-rc.1
generated: "2026-11-01T00:00:00Z"
version: 9.9.9
"""
FOUND = [ChartVersion("6.29.0", "8.0"), ChartVersion("6.28.0"), ChartVersion("v6.30.0-rc.1")]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def served(session: aiohttp.ClientSession, wire: Wire, *login: str) -> HttpCharts:
    return HttpCharts(session, {HOST: Endpoint(wire.url, *login)})


def test_only_the_chart_s_own_versions_are_read() -> None:
    assert read_index(INDEX.encode(), "rocketchat") == FOUND


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"entries": {"a": [{"version": "1.0"}]}}', [ChartVersion("1.0")]),
        ("entries: {a: []}", []),
        ("entries: {b: [{version: 1}]}", None),
        ("entries: {}", None),
        ("entries:", None),
        ("entries:\n  b: &b [{version: 2}]\n  a: *b\n", []),
    ],
)
def test_small_and_odd_indexes_are_read(content: str, found: list[ChartVersion] | None) -> None:
    assert read_index(content.encode(), "a") == found


def test_aliases_are_not_unfolded() -> None:
    levels = "\n".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 40))
    bomb = f"x0: &x0 [lol]\n{levels}\nentries: {{a: [{{version: 1}}]}}\n"

    assert read_index(bomb.encode(), "a") == [ChartVersion("1")]


async def test_a_mirror_is_asked_under_the_repository_s_path(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(200, INDEX, "text/yaml")) as wire:
        charts = served(session, wire, "houston", "hunter2hunter2")
        found = await charts.versions(f"https://{HOST}/stable/", "rocketchat")
        [asked] = wire.asked

    assert found == FOUND
    assert asked.path == "/stable/index.yaml"
    assert asked.headers["Authorization"] == LOGIN


async def test_without_a_mirror_the_repository_itself_is_asked_and_no_login_in_it_is_used(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(200, INDEX, "text/yaml")) as wire:
        address = wire.url.replace("http://", "http://ana:hunter2hunter2@")
        found = await HttpCharts(session, {}).versions(address, "rocketchat")
        [asked] = wire.asked

    assert found == FOUND
    assert "Authorization" not in asked.headers


async def test_a_login_does_not_follow_to_another_host(session: aiohttp.ClientSession) -> None:
    async with Wire(Answer(200, INDEX, "text/yaml")) as other:
        away = Answer(302, "", headers={"Location": f"{other.url}/index.yaml"})
        async with Wire(away) as wire:
            charts = served(session, wire, "houston", "hunter2hunter2")
            found = await charts.versions(f"https://{HOST}", "rocketchat")
            given = wire.asked[0].headers["Authorization"]
        [asked] = other.asked

    assert found == FOUND
    assert given == LOGIN
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401, "no"), Denied),
        (Answer(403, "no"), Denied),
        (Answer(404, PAGE, "text/html"), Missing),
        (Answer(429, "slowly"), Limited),
        (Answer(503, "", "text/plain"), Unavailable),
        (Answer(502, PAGE, "text/html"), Unavailable),
        (HTML, Unavailable),
        (TRUNCATED, Unavailable),
        (Answer(200, ""), Unavailable),
        (Answer(200, "entries: {rocketchat: ["), Unavailable),
        (Answer(200, "apiVersion: v1"), Unavailable),
        (Answer(200, "entries: {monitoring: []}"), Missing),
    ],
)
async def test_what_is_no_index_is_told_apart(
    session: aiohttp.ClientSession, answer: Answer, error: type[AdapterError]
) -> None:
    async with Wire(answer) as wire:
        with pytest.raises(error) as caught:
            await served(session, wire).versions(f"https://{HOST}", "rocketchat")

    assert type(caught.value) is error
    assert caught.value.system == HOST


async def test_an_index_that_is_too_long_is_not_read_to_its_end(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGEST", 200)
    async with Wire(Answer(200, INDEX, "text/yaml")) as wire:
        with pytest.raises(Invalid, match="more than 200 bytes"):
            await served(session, wire).versions(f"https://{HOST}", "rocketchat")


@pytest.mark.parametrize("address", ["https://charts.invalid", "ftp://charts.example", "", "::"])
async def test_an_address_that_leads_nowhere_is_unavailable(
    session: aiohttp.ClientSession, address: str
) -> None:
    with pytest.raises(Unavailable, match="not reachable"):
        await HttpCharts(session, {}).versions(address, "rocketchat")


async def test_what_is_no_address_of_a_repository_is_said() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(Invalid, match="no address"):
            await HttpCharts(session, {}).versions("https://[x", "rocketchat")
