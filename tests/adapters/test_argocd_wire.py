"""The real Argo CD adapter: payloads in the vendor's shape, and a server's uglier habits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from adapters.argocd import HttpArgoCD
from adapters.argocd_read import read_application
from adapters.http import JsonClient
from bot.errors import (
    AdapterError,
    Busy,
    Conflict,
    Denied,
    Invalid,
    Missing,
    Unavailable,
    UnknownOutcome,
)
from bot.ports.argocd import Health, Phase, Source, Sync
from tests.adapters.wire import HTML, PAGE, TRUNCATED, Answer, Wire

COMMIT = "4b1d" * 10
RUN: dict[str, Any] = {
    "operation": {
        "sync": {"revisions": ["6.27.1", COMMIT]},
        "info": [
            {"name": "requested-by", "value": "x"},
            {"name": "houston-operation", "value": "op-1"},
        ],
    },
    "phase": "Succeeded",
    "message": "successfully synced (all tasks run)",
    "startedAt": "2026-01-26T16:10:31Z",
    "finishedAt": "2026-01-26T16:11:58Z",
    "syncResult": {"revision": "", "revisions": ["6.27.1", COMMIT]},
}  # fmt: skip
MULTI: dict[str, Any] = {
    "metadata": {"name": "helm", "namespace": "argocd", "resourceVersion": "9001", "tomorrow": 1},
    "spec": {
        "project": "default",
        "sources": [
            {"repoURL": "https://a.example", "chart": "rocketchat", "targetRevision": "6.27.1"},
            {"repoURL": "https://git.example/ops.git", "targetRevision": "main", "ref": "values"},
        ],
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "retry": {"limit": 5}},
    },
    "status": {
        "sync": {"status": "Synced", "revisions": ["6.27.1", COMMIT]},
        "health": {"status": "Healthy", "lastTransitionTime": "2026-01-26T16:12:00Z"},
        "conditions": [{"type": "SyncError", "message": "Failed last sync attempt"}],
        "operationState": RUN,
        "resourceHealthSource": "appTree",
    },
}  # fmt: skip
SINGLE: dict[str, Any] = {
    "metadata": {"name": "ops"},
    "spec": {"source": {"repoURL": "https://git.example/ops.git", "path": "ops"}},
    "status": {"sync": {"status": "OutOfSync", "revision": COMMIT}, "health": {}},
}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def argocd(session: aiohttp.ClientSession, wire: Wire, *, seconds: float = 5) -> HttpArgoCD:
    client = JsonClient(
        session, wire.url, system="Argo CD", headers={"Authorization": "Bearer t0p"},
        timeout=timedelta(seconds=seconds),
    )  # fmt: skip
    return HttpArgoCD(client, refresh_limit=timedelta(seconds=seconds))


def without(payload: dict[str, Any], *path: str) -> dict[str, Any]:
    made = deepcopy(payload)
    place = made
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return made


def changed(**state: Any) -> dict[str, Any]:
    made = deepcopy(MULTI)
    made["status"]["operationState"] |= state
    return made


def test_an_application_with_a_chart_and_values_from_git() -> None:
    found = read_application(MULTI)

    assert (found.name, found.sync, found.health) == ("helm", Sync.SYNCED, Health.HEALTHY)
    assert found.sources == (
        Source("https://a.example", "6.27.1", "6.27.1", "rocketchat", "6.27.1"),
        Source("https://git.example/ops.git", "main", COMMIT, compared=COMMIT),
    )
    assert found.git == found.sources[1]
    assert found.automated
    assert found.resource_version == "9001"
    assert found.conditions == ("SyncError: Failed last sync attempt",)
    assert found.run is not None
    assert found.run.started == datetime(2026, 1, 26, 16, 10, 31, tzinfo=UTC)
    assert (found.run.operation, found.run.finished) == ("op-1", True)
    assert found.run.revisions == ("6.27.1", COMMIT)


def test_an_application_with_one_source() -> None:
    found = read_application(SINGLE)

    assert found.sources == (Source("https://git.example/ops.git", "HEAD", "", compared=COMMIT),)
    assert (found.sync, found.health, found.automated) == (Sync.OUT_OF_SYNC, Health.UNKNOWN, False)
    assert found.deployed is None
    assert (found.run, found.busy) == (None, False)


def test_a_source_never_deployed_has_no_revision() -> None:
    never = without(MULTI, "status", "sync", "revisions")

    assert [source.revision for source in read_application(never).sources] == ["", ""]
    assert read_application(without(MULTI, "status")).sync is Sync.UNKNOWN


def test_automation_can_be_there_and_switched_off() -> None:
    off = deepcopy(MULTI)
    off["spec"]["syncPolicy"]["automated"]["enabled"] = False

    assert not read_application(off).automated
    assert not read_application(without(MULTI, "spec", "syncPolicy")).automated


def test_words_nobody_knows_yet_are_unknown_and_not_an_error() -> None:
    payload = changed(phase="Pondering")
    payload["status"]["sync"]["status"] = "AlmostSynced"
    payload["status"]["health"]["status"] = "Feverish"
    found = read_application(payload)

    assert (found.sync, found.health) == (Sync.UNKNOWN, Health.UNKNOWN)
    assert found.run is not None
    assert not found.run.finished


def test_a_time_of_its_end_between_retries_does_not_finish_a_sync() -> None:
    retried = changed(phase="Running", message="... Retrying attempt #2 at 4:05PM.")
    asked_again = {**MULTI, "operation": {"info": [{"name": "houston-operation", "value": "op-2"}]}}

    first, second = (read_application(payload).run for payload in (retried, asked_again))
    assert first is not None
    assert second is not None
    assert (first.finished, second.finished) == (False, False)
    assert second.operation == "op-2"


def test_a_sync_that_was_only_asked_for_is_running() -> None:
    asked = without(MULTI, "status", "operationState")
    asked["operation"] = RUN["operation"]
    found = read_application(asked)

    assert found.busy
    assert found.run is not None
    assert (found.run.phase, found.run.operation) == (Phase.RUNNING, "op-1")


def test_a_sync_without_a_result_names_what_it_was_asked_for() -> None:
    run = read_application(without(changed(), "status", "operationState", "syncResult")).run

    assert run is not None
    assert run.revisions == ("6.27.1", COMMIT)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("spec",), "spec"),
        (("metadata",), "metadata"),
        (("metadata", "name"), "name"),
        (("spec", "sources"), "source"),
    ],
)
def test_a_field_that_is_missing_is_named(path: tuple[str, ...], named: str) -> None:
    with pytest.raises(Unavailable, match=f"without '{named}'"):
        read_application(without(MULTI, *path))


@pytest.mark.parametrize("payload", [None, [], "text", 7, changed(startedAt="yesterday")])
def test_what_is_no_application_is_unavailable(payload: Any) -> None:
    with pytest.raises(Unavailable, match="application"):
        read_application(payload)


@pytest.mark.parametrize("answer", [HTML, TRUNCATED, Answer(200, "[1]"), Answer(200, "")])
async def test_an_answer_that_is_no_application_is_unavailable(
    session: aiohttp.ClientSession, answer: Answer
) -> None:
    async with Wire(answer) as wire:
        with pytest.raises(Unavailable):
            await argocd(session, wire).application("helm")
        with pytest.raises(Unavailable):
            await argocd(session, wire).version()


async def test_a_server_that_is_slow_or_not_there_is_unavailable(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(200, MULTI, delay=5)) as wire:
        with pytest.raises(Unavailable, match="no answer in time"):
            await argocd(session, wire, seconds=0.05).application("helm")
    with pytest.raises(Unavailable, match="refuses the connection"):
        await argocd(session, wire).application("helm")


@pytest.mark.parametrize(
    ("status", "body", "error", "text"),
    [
        (401, {"error": "invalid session: token is revoked", "code": 16}, Denied, "401"),
        (403, {"error": "permission denied", "code": 7}, Denied, "403"),
        (403, {"error": "permission denied: sub: bot, iat: 401"}, Denied, "403"),
        (404, {"error": 'applications "helm" not found', "code": 5}, Missing, "not found"),
        (409, {"error": "the object has been modified", "code": 10}, Conflict, "modified"),
        (400, {"error": "another operation is already in progress", "code": 9}, Busy, "running"),
        (403, {"error": "cannot sync: blocked by sync window"}, Conflict, "window"),
        (400, {"error": "application is deleting", "code": 9}, Invalid, "deleting"),
        (415, "Invalid content type", Invalid, "content type"),
        (502, PAGE, Unavailable, "502 502 Bad Gateway nginx"),
        (307, "", Unavailable, "307"),
    ],
)
async def test_each_refusal_of_a_sync_has_its_error(
    session: aiohttp.ClientSession, status: int, body: Any, error: type[AdapterError], text: str
) -> None:
    async with Wire(Answer(200, SINGLE), Answer(status, body)) as wire:
        with pytest.raises(error, match=text) as caught:
            await argocd(session, wire).sync("ops", "op-1")

    assert type(caught.value) is error
    assert "t0p" not in str(caught.value)


async def test_a_sync_names_its_operation_and_neither_prunes_nor_chooses_a_revision(
    session: aiohttp.ClientSession,
) -> None:
    async with Wire(Answer(200, SINGLE)) as wire:
        await argocd(session, wire).sync("ops", "op-1")
        asked, body = wire.asked[-1], json.loads(wire.bodies[-1])

    assert (asked.method, asked.path) == ("POST", "/api/v1/applications/ops/sync")
    assert asked.headers["Content-Type"] == "application/json"
    assert body["infos"] == [{"name": "houston-operation", "value": "op-1"}]
    assert body["project"] == "default"
    assert not {"prune", "revision", "revisions", "strategy", "resources"} & set(body)


@pytest.mark.parametrize("known", [True, False])
async def test_a_sync_answered_by_half_a_body_is_looked_up(
    session: aiohttp.ClientSession, known: bool
) -> None:
    later = MULTI if known else SINGLE
    async with Wire(Answer(200, SINGLE), TRUNCATED, Answer(200, later)) as wire:
        if known:
            await argocd(session, wire).sync("ops", "op-1")
        else:
            with pytest.raises(UnknownOutcome):
                await argocd(session, wire).sync("ops", "op-1")
        methods = [request.method for request in wire.asked]

    assert methods == ["GET", "POST", "GET"]


async def test_a_refresh_tells_the_server_its_limit_and_does_not_repeat(
    session: aiohttp.ClientSession,
) -> None:
    slow = Answer(500, {"error": "application refresh deadline exceeded", "code": 2})
    async with Wire(slow, Answer(200, SINGLE)) as wire:
        found = await argocd(session, wire, seconds=2.5).refresh("ops")
        first, second = wire.asked

    assert found.name == "ops"
    assert first.headers["Grpc-Timeout"] == "2500m"
    assert dict(first.query) == {"project": "default", "refresh": "normal"}
    assert dict(second.query) == {"project": "default"}


async def test_a_busy_server_is_asked_again_when_it_says(session: aiohttp.ClientSession) -> None:
    busy = Answer(429, {"error": "throttled", "code": 8}, headers={"Retry-After": "0"})
    async with Wire(busy, busy, Answer(200, SINGLE)) as wire:
        found = await argocd(session, wire).application("ops")

    assert (found.name, len(wire.asked)) == ("ops", 3)
