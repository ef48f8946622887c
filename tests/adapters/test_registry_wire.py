"""The real registry and release adapters, and the uglier habits of registries."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from adapters.http import JsonClient
from adapters.registry import Endpoint, RegistryV2
from adapters.releases import HttpReleases, read_release
from bot.errors import AdapterError, Denied, Limited, Unavailable
from bot.ports.registry import Release, split
from tests.adapters.wire import HTML, PAGE, TRUNCATED, Answer, Wire

HUB = "registry-1.docker.io"
NAME = "rocketchat/presence-service"
DIGEST = "sha256:" + "ab" * 32
INDEX = "application/vnd.oci.image.index.v1+json"
FOUND = Answer(200, "", INDEX, {"Docker-Content-Digest": DIGEST})


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def hub(session: aiohttp.ClientSession, wire: Wire, *login: str) -> RegistryV2:
    return RegistryV2(session, {HUB: Endpoint(wire.url, *login)})


def challenge(realm: str, scope: str = f"repository:{NAME}:pull") -> Answer:
    asked = f'Bearer realm="{realm}/token",service="registry.docker.io",scope="{scope}"'
    return Answer(401, {"errors": [{"code": "UNAUTHORIZED"}]}, headers={"WWW-Authenticate": asked})


@pytest.mark.parametrize(
    ("repository", "host", "name"),
    [
        ("rocketchat/presence-service", HUB, "rocketchat/presence-service"),
        ("docker.io/rocketchat/presence-service", HUB, "rocketchat/presence-service"),
        ("docker.io/library/nginx", HUB, "library/nginx"),
        ("docker.io/nginx", HUB, "library/nginx"),
        ("nginx", HUB, "library/nginx"),
        ("registry.rocket.chat/rocketchat/rocket.chat", "registry.rocket.chat",
         "rocketchat/rocket.chat"),
        ("localhost/app", "localhost", "app"),
        ("mirror:5000/team/app", "mirror:5000", "team/app"),
    ],
)  # fmt: skip
def test_names_follow_dockers_rules(repository: str, host: str, name: str) -> None:
    assert split(repository) == (host, name)


async def test_a_challenge_is_followed_once_and_its_token_kept(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(200, {"access_token": "t1", "expires_in": 300})) as auth:
        async with Wire(challenge(auth.url), FOUND) as wire:
            registry = hub(session, wire)
            found = [await registry.digest(NAME, "7.13.2") for _ in range(2)]
        query = dict(auth.asked[0].query)

    assert found == [DIGEST, DIGEST]
    assert query == {"service": "registry.docker.io", "scope": f"repository:{NAME}:pull"}
    assert len(auth.asked) == 1
    assert [asked.method for asked in wire.asked] == ["HEAD"] * 3
    assert [asked.headers.get("Authorization") for asked in wire.asked] == [
        None,
        "Bearer t1",
        "Bearer t1",
    ]
    assert INDEX in wire.asked[0].headers["Accept"]
    assert wire.asked[0].path == f"/v2/{NAME}/manifests/7.13.2"


async def test_a_token_that_is_as_good_as_spent_is_not_used_again(
    session: aiohttp.ClientSession,
) -> None:
    spent = Answer(200, {"token": "t1", "expires_in": 9})
    async with Wire(spent) as auth, Wire(*[challenge(auth.url), FOUND] * 2) as wire:
        registry = hub(session, wire)
        for _ in range(2):
            await registry.digest(NAME, "7.13.2")

    assert len(auth.asked) == 2
    assert wire.asked[2].headers.get("Authorization") is None


async def test_credentials_go_to_the_token_service_and_show_nowhere(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(401, {"errors": [{"code": "DENIED"}]})) as auth:
        async with Wire(challenge(auth.url)) as wire:
            registry = hub(session, wire, "houston", "hunter2hunter2")
            with pytest.raises(Denied) as caught:
                await registry.digest(NAME, "7.13.2")
        given = auth.asked[0].headers["Authorization"]

    assert given == "Basic " + base64.b64encode(b"houston:hunter2hunter2").decode()
    assert all("Authorization" not in asked.headers for asked in wire.asked)
    assert "hunter2" not in str(caught.value) + repr(registry.__dict__)


async def test_a_basic_challenge_is_answered(session: aiohttp.ClientSession) -> None:
    asked = Answer(401, "", headers={"WWW-Authenticate": 'Basic realm="ours"'})
    async with Wire(asked, FOUND) as wire:
        found = await hub(session, wire, "houston", "pw").digest(NAME, "7.13.2")

    assert found == DIGEST
    assert wire.asked[1].headers["Authorization"].startswith("Basic ")


async def test_an_image_that_is_refused_even_with_a_token_is_denied(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(200, {"token": "t1"})) as auth, Wire(challenge(auth.url)) as wire:
        with pytest.raises(Denied, match="not visible"):
            await hub(session, wire).digest(NAME, "7.13.2")
        tries = len(wire.asked)

    assert tries == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(403, {"errors": [{"code": "DENIED"}]}), Denied),
        (Answer(429, {"error": "limited"}, headers={"Retry-After": "7"}), Limited),
        (Answer(503, {"error": "away"}), Unavailable),
        (Answer(502, PAGE, "text/html"), Unavailable),
        (Answer(404, "", "text/plain"), Unavailable),
        (Answer(200, {"token": ""}), Unavailable),
        (Answer(200, ["token"]), Unavailable),
        (HTML, Unavailable),
        (TRUNCATED, Unavailable),
    ],
)
async def test_a_token_service_that_gives_none_says_why(
    session: aiohttp.ClientSession, answer: Answer, error: type[AdapterError]
) -> None:
    async with Wire(answer) as auth, Wire(challenge(auth.url)) as wire:
        with pytest.raises(error) as caught:
            await hub(session, wire).digest(NAME, "7.13.2")

    assert type(caught.value) is error
    if isinstance(caught.value, Limited):
        assert caught.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401, "", headers={"WWW-Authenticate": "Negotiate"}), Denied),
        (Answer(401, ""), Denied),
        (Answer(403, ""), Denied),
        (Answer(429, "", headers={"Retry-After": "soon"}), Limited),
        (Answer(400, ""), Unavailable),
        (Answer(500, ""), Unavailable),
        (Answer(502, "", "text/html"), Unavailable),
        (Answer(200, "", "text/html"), Unavailable),
    ],
)
async def test_what_is_no_answer_about_the_image_never_means_missing(
    session: aiohttp.ClientSession, answer: Answer, error: type[AdapterError]
) -> None:
    async with Wire(answer) as wire:
        with pytest.raises(error) as caught:
            await hub(session, wire).digest(NAME, "7.13.2")

    assert type(caught.value) is error


async def test_a_registry_that_tells_no_digest_still_says_that_the_image_exists(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(200, "", INDEX)) as wire:
        assert await hub(session, wire).digest(NAME, "7.13.2") == "unknown"


async def test_a_registry_that_is_not_there_is_unavailable(session: aiohttp.ClientSession) -> None:
    async with Wire(FOUND) as wire:
        registry = hub(session, wire)
    with pytest.raises(Unavailable, match="not reachable"):
        await registry.digest(NAME, "7.13.2")
    report = await registry.reachable()

    assert "not reachable" in report[HUB]


@pytest.mark.parametrize(("status", "text"), [(200, "ok"), (401, "ok"), (404, "answers 404")])
async def test_a_registry_may_ask_for_a_token_at_its_door(
    session: aiohttp.ClientSession, status: int, text: str
) -> None:
    async with Wire(Answer(status)) as wire:
        assert await hub(session, wire).reachable() == {HUB: text}


def test_a_release_is_read_from_the_vendors_payload() -> None:
    payload = {
        "tag": "7.13.2", "commit": "aa8f", "key": "build/rocket.chat-7.13.2.tgz", "count": 2840,
        "nodeVersion": "22.16.0", "compatibleMongoVersions": ["5.0", "6.0", "7.0"],
        "releaseType": "stable",
    }  # fmt: skip

    assert read_release(payload, "latest") == Release("7.13.2", ("5.0", "6.0", "7.0"))


def test_what_a_release_leaves_out_is_unknown() -> None:
    assert read_release({"compatibleMongoVersions": None}, "7.13.2") == Release("7.13.2", ())


@pytest.mark.parametrize("payload", [None, [], "7.13.2", 7])
def test_what_is_no_release_is_not_taken_for_one(payload: Any) -> None:
    with pytest.raises(Unavailable):
        read_release(payload, "7.13.2")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(403, "Forbidden"), Denied),
        (Answer(429, "slowly", headers={"Retry-After": "0"}), Limited),
        (HTML, Unavailable),
        (TRUNCATED, Unavailable),
        (Answer(200, ""), Unavailable),
    ],
)
async def test_release_information_that_cannot_be_had_is_not_a_version_never_released(
    session: aiohttp.ClientSession, answer: Answer, error: type[AdapterError]
) -> None:
    async with Wire(answer) as wire:
        releases = HttpReleases(JsonClient(session, wire.url, system="Rocket.Chat releases"))
        with pytest.raises(error) as caught:
            await releases.release("7.13.2")
        path = wire.asked[0].path

    assert type(caught.value) is error
    assert path == "/7.13.2/info"
