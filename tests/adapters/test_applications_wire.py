"""The real applications adapter: what it sends, and payloads as versions and proxies vary them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from adapters.applications import HttpApplications
from adapters.argocd_diff import read_changes
from adapters.argocd_read import read_application, read_applications, read_detail
from adapters.http import JsonClient
from bot.errors import Denied, Unavailable
from bot.ports.applications import Fate
from tests.adapters.wire import PAGE, Answer, Wire

COMMIT = "4b1d" * 10
OPS: dict[str, Any] = {
    "metadata": {"name": "ops"},
    "spec": {"source": {"repoURL": "https://git.example/ops.git", "path": "ops"}},
    "status": {
        "sync": {"status": "OutOfSync", "revision": COMMIT},
        "history": [
            {"id": 3, "revision": "01d" * 13 + "0", "deployedAt": "2026-01-25T16:11:58Z"},
            {
                "id": 4,
                "revision": "5afe" * 10,
                "deployedAt": "2026-01-26T16:11:58Z",
                "initiatedBy": {"username": "ana"},
            },
        ],
    },
}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def over(session: aiohttp.ClientSession, url: str) -> HttpApplications:
    client = JsonClient(session, url, system="Argo CD", timeout=timedelta(seconds=5))
    return HttpApplications(client, project="ops")


def managed(**states: Any) -> dict[str, Any]:
    named = {"kind": "Deployment", "group": "apps", "namespace": "monitoring", "name": "agent"}
    return {"items": [{**named, **{key: json.dumps(value) for key, value in states.items()}}]}


def test_what_was_compared_and_does_not_run_yet_is_not_what_is_deployed() -> None:
    found = read_application(OPS)
    (source,) = found.sources

    assert (source.revision, source.compared) == ("5afe" * 10, COMMIT)
    assert found.deployed == datetime(2026, 1, 26, 16, 11, 58, tzinfo=UTC)


def test_history_has_the_newest_first_and_who_asked_where_the_server_notes_it() -> None:
    found = read_detail(OPS).history

    assert [(entry.id, entry.by) for entry in found] == [(4, "ana"), (3, "")]


def test_an_empty_list_may_be_null() -> None:
    assert read_applications({"items": None}) == []


def test_the_normalised_states_are_compared_and_not_the_raw_ones() -> None:
    live = {
        "kind": "Deployment",
        "metadata": {"name": "agent", "uid": "u"},
        "spec": {"replicas": 1},
    }
    payload = managed(
        targetState={"kind": "Deployment", "metadata": {"name": "agent"}, "spec": {}},
        liveState={**live, "status": {"replicas": 1}},
        normalizedLiveState=live,
        predictedLiveState={**live, "metadata": {"name": "agent", "resourceVersion": "7"}},
    )

    assert read_changes(payload) == []


def test_a_change_names_its_fields_also_inside_lists() -> None:
    def agent(image: str) -> dict[str, Any]:
        return {"metadata": {"name": "agent"}, "spec": {"containers": [{"image": image}]}}

    payload = managed(
        targetState=agent("b"), normalizedLiveState=agent("a"), predictedLiveState=agent("b")
    )
    (change,) = read_changes(payload)

    assert (change.fate, change.fields) == (Fate.CHANGE, ("spec.containers[0].image",))
    assert change.diff.startswith("--- running\n+++ git\n")
    assert "-  - image: a\n+  - image: b" in change.diff


def test_hooks_are_no_drift() -> None:
    payload = managed(targetState={"metadata": {"name": "agent"}}, liveState=None)
    payload["items"][0]["hook"] = True

    assert read_changes(payload) == []


@pytest.mark.parametrize("payload", [None, 7, {"items": [7]}, {"items": [{"targetState": "{"}]}])
def test_what_are_no_managed_resources_is_unavailable(payload: Any) -> None:
    with pytest.raises(Unavailable, match="managed resources"):
        read_changes(payload)


async def test_a_stop_says_that_it_is_json_although_it_has_no_body(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(200, {})) as wire:
        await over(session, wire.url).terminate("a/b")
        (asked,) = wire.asked

    assert (asked.method, asked.raw_path) == (
        "DELETE",
        "/api/v1/applications/a%2Fb/operation?project=ops",
    )
    assert asked.headers["Content-Type"] == "application/json"


async def test_a_commit_of_the_second_source_is_asked_for_by_its_index(
    session: aiohttp.ClientSession,
) -> None:
    found = {"author": "A <a@x.example>", "date": "2026-01-26T16:00:00Z", "message": "one\n\ntwo"}
    async with Wire(Answer(200, found)) as wire:
        revision = await over(session, wire.url).revision("helm", 1, COMMIT)
        (asked,) = wire.asked

    assert (revision.subject, revision.author) == ("one", "A")
    assert dict(asked.query) == {"project": "ops", "sourceIndex": "1"}


@pytest.mark.parametrize(
    ("answer", "error", "hint"),
    [
        (Answer(200, PAGE, "text/html"), Unavailable, "proxy or a login page"),
        (Answer(502, PAGE, "text/html"), Unavailable, "proxy or a login page"),
        (Answer(200, "", "application/grpc"), Unavailable, "HTTP/1.1"),
        (Answer(401, {"error": "invalid session: token is expired by 3h2m1s"}), Denied, "token"),
        (Answer(401, {"error": "no session information"}), Denied, "generate-token"),
        (Answer(403, {"error": "permission denied"}), Denied, "right account"),
    ],
)
async def test_each_trouble_comes_with_what_to_do(
    session: aiohttp.ClientSession, answer: Answer, error: type[Exception], hint: str
) -> None:
    async with Wire(answer) as wire:
        with pytest.raises(error) as caught:
            await over(session, wire.url).applications()

    assert hint in getattr(caught.value, "hint", "")


async def test_a_server_that_speaks_http2_alone_is_named(session: aiohttp.ClientSession) -> None:
    async def frames(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(frames, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(Unavailable, match="gRPC only") as caught:
            await over(session, f"http://127.0.0.1:{port}").detail("ops")

    assert "HTTP/1.1" in caught.value.hint


async def test_nobody_at_the_address_says_what_to_check(session: aiohttp.ClientSession) -> None:
    async with Wire(Answer(200, {})) as wire:
        url = wire.url
    with pytest.raises(Unavailable, match="refuses the connection") as caught:
        await over(session, url).applications()

    assert "Argo CD runs" in caught.value.hint
