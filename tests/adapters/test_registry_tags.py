"""Lists of tags as real registries give them: pages, links, and what is no list at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import aiohttp
import pytest

from adapters import registry as module
from adapters.registry import Endpoint, RegistryV2
from bot.errors import AdapterError, Denied, Invalid, Limited, Missing, Unavailable
from tests.adapters.wire import HTML, TRUNCATED, Answer, Wire

HUB = "registry-1.docker.io"
NAME = "prom/prometheus"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def hub(session: aiohttp.ClientSession, wire: Wire, *login: str) -> RegistryV2:
    return RegistryV2(session, {HUB: Endpoint(wire.url, *login)})


def page(tags: Sequence[str] | None, link: str = "") -> Answer:
    headers = {"Link": link} if link else {}
    return Answer(200, {"name": NAME, "tags": tags}, headers=headers)


@pytest.mark.parametrize(
    ("link", "query"),
    [
        (f'</v2/{NAME}/tags/list?last=v2&n=2>; rel="next"', {"last": "v2", "n": "2"}),
        (f'<https://elsewhere.example/v2/{NAME}/tags/list?n=2&last=v%2B2>; rel="next"',
         {"last": "v+2", "n": "2"}),
        (f"</v2/{NAME}/tags/list?next_page=gAAA%3D%3D>; rel=next", {"next_page": "gAAA=="}),
        ('<?last=a>; rel="prev", <?last=b>; rel="next"', {"last": "b"}),
    ],
)  # fmt: skip
async def test_the_next_page_is_asked_for_as_the_link_says_and_nowhere_else(
    session: aiohttp.ClientSession, link: str, query: dict[str, str]
) -> None:
    async with Wire(page(["v1", "v2"], link), page(["v3"])) as wire:
        found = await hub(session, wire).tags(NAME)
        asked = [(request.path, dict(request.query)) for request in wire.asked]

    assert found == ["v1", "v2", "v3"]
    assert asked == [(f"/v2/{NAME}/tags/list", {"n": "1000"}), (f"/v2/{NAME}/tags/list", query)]


async def test_an_image_without_tags_has_none(session: aiohttp.ClientSession) -> None:
    async with Wire(page(None)) as wire:
        assert await hub(session, wire).tags(NAME) == []


async def test_a_token_is_fetched_once_for_all_pages(session: aiohttp.ClientSession) -> None:
    async with Wire(Answer(200, {"token": "t1", "expires_in": 300})) as auth:
        scope = f"repository:{NAME}:pull"
        asked = f'Bearer realm="{auth.url}/token",service="registry.docker.io",scope="{scope}"'
        challenge = Answer(401, {"errors": []}, headers={"WWW-Authenticate": asked})
        link = f'</v2/{NAME}/tags/list?last=v1>; rel="next"'
        async with Wire(challenge, page(["v1"], link), page(["v2"])) as wire:
            found = await hub(session, wire).tags(NAME)
            sent = [request.headers.get("Authorization") for request in wire.asked]
        tokens = len(auth.asked)

    assert found == ["v1", "v2"]
    assert sent == [None, "Bearer t1", "Bearer t1"]
    assert tokens == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404, {"errors": [{"code": "NAME_UNKNOWN"}]}), Missing),
        (Answer(401, {"errors": [{"code": "UNAUTHORIZED"}]}), Denied),
        (Answer(403, {"errors": [{"code": "DENIED"}]}), Denied),
        (Answer(429, "slowly", headers={"Retry-After": "7"}), Limited),
        (Answer(500, "", "text/plain"), Unavailable),
        (HTML, Unavailable),
        (TRUNCATED, Unavailable),
        (Answer(200, ""), Unavailable),
        (Answer(200, ["v1"]), Unavailable),
        (Answer(200, {"name": NAME}), Unavailable),
        (Answer(200, {"tags": {"v1": 1}}), Unavailable),
        (Answer(200, {"tags": ["v1", 2]}), Unavailable),
        (Answer(200, "[" * 100_000, "application/json"), Unavailable),
    ],
)
async def test_what_is_no_list_of_tags_is_told_apart(
    session: aiohttp.ClientSession, answer: Answer, error: type[AdapterError]
) -> None:
    async with Wire(answer) as wire:
        with pytest.raises(error) as caught:
            await hub(session, wire).tags(NAME)

    assert type(caught.value) is error


async def test_a_page_that_is_too_long_is_not_read_to_its_end(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGEST", 1000)
    async with Wire(page(["v1"] * 500)) as wire:
        with pytest.raises(Invalid, match="more than 1000 bytes"):
            await hub(session, wire).tags(NAME)


@pytest.mark.parametrize(("limit", "most"), [("_MOST_PAGES", 3), ("_MOST_TAGS", 5)])
async def test_pages_without_an_end_are_given_up(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(module, limit, most)
    again = f'</v2/{NAME}/tags/list?last=v2>; rel="next"'
    async with Wire(page(["v1", "v2"], again)) as wire:
        with pytest.raises(Invalid, match="more tags than Houston reads"):
            await hub(session, wire).tags(NAME)
        asked = len(wire.asked)

    assert asked == 3


async def test_a_registry_that_is_not_there_has_no_tags_to_tell(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(page([])) as wire:
        gone = hub(session, wire)
    with pytest.raises(Unavailable, match="not reachable"):
        await gone.tags(NAME)
