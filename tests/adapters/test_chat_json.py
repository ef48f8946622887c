"""What Rocket.Chat's JSON means, and its ways to say no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.rocketchat_read import read_account, read_date, read_message
from adapters.rocketchat_rest import TokenRefused, Unexplained, judge
from bot.errors import AdapterError, Denied, Invalid, Limited, Missing, Unavailable
from bot.ports.chat import Author, Kind

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


def body(**content: Any) -> bytes:
    return json.dumps(content).encode()


def test_a_message_of_rest_and_one_of_the_stream_are_the_same() -> None:
    streamed = MESSAGE | {"ts": {"$date": 1795514400000}, "_updatedAt": {"$date": 1795514401500}}
    read = read_message(MESSAGE)

    assert read == read_message(streamed)
    assert read.author == Author("uA", "ana")
    assert (read.updated - read.at) == timedelta(seconds=1.5)
    assert (read.edited_by, read.system, read.thread, read.automated) == (None, None, None, False)


def test_a_message_tells_its_edits_reactions_and_origin() -> None:
    read = read_message(
        MESSAGE
        | {
            "tmid": "root",
            "t": "rm",
            "editedAt": "2026-11-24T10:00:01Z",
            "editedBy": {"_id": "uB"},
            "reactions": {":+1:": {"usernames": ["bo", "cleo"], "names": ["Bo", "Cleo"]}},
            "bot": {"i": "hook"},
        }
    )

    assert (read.thread, read.system, read.edited_by) == ("root", "rm", "uB")
    assert read.reactions == {":+1:": ("bo", "cleo")}
    assert read.automated
    assert read_message(MESSAGE | {"alias": "Ana"}).automated
    assert read_message(MESSAGE | {"editedAt": "2026-11-24T10:00:01Z"}).edited_by


@pytest.mark.parametrize("key", ["_id", "rid", "ts", "u"])
def test_a_message_without_something_needed_names_it(key: str) -> None:
    with pytest.raises(AdapterError, match=repr(key)):
        read_message({name: value for name, value in MESSAGE.items() if name != key})


@pytest.mark.parametrize("value", ["yesterday", None, 7, {"$date": "x"}, {}])
def test_what_is_no_date_is_said_to_be_none(value: Any) -> None:
    with pytest.raises(Unavailable, match="date"):
        read_date(value)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, Kind.PERSON),
        ({"roles": ["user", "admin"]}, Kind.PERSON),
        ({"type": "bot"}, Kind.BOT),
        ({"roles": ["user", "bot"]}, Kind.BOT),
        ({"type": "app"}, Kind.APP),
        ({"roles": ["app"]}, Kind.APP),
        ({"roles": ["guest"]}, Kind.GUEST),
        ({"roles": ["anonymous"]}, Kind.GUEST),
        ({"type": "visitor"}, Kind.GUEST),
        ({"federated": True}, Kind.FEDERATED),
        ({"username": "@erin:matrix.example.org"}, Kind.FEDERATED),
    ],
)
def test_an_account_is_a_person_only_when_nothing_says_otherwise(
    changed: dict[str, Any], kind: Kind
) -> None:
    assert read_account(USER | changed).kind is kind


@pytest.mark.parametrize("key", ["_id", "username", "active", "type"])
def test_an_account_without_something_needed_names_it(key: str) -> None:
    with pytest.raises(AdapterError, match=repr(key)):
        read_account({name: value for name, value in USER.items() if name != key})


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        (400, body(success=False, errorType="error-not-allowed", error="no"), Denied),
        (403, body(success=False, errorType="error-forbidden", error="no"), Denied),
        (403, body(success=False, error="unauthorized"), Denied),
        (400, body(success=False, errorType="restricted-workspace", error="no"), Denied),
        (400, body(success=False, errorType="totp-required", error="no"), Denied),
        (401, body(status="error", message="You must be logged in"), TokenRefused),
        (401, body(success=False, error="unauthorized"), TokenRefused),
        (404, body(success=False, error="Resource not found"), Missing),
        (400, body(success=False, errorType="error-message-not-found", error="no"), Missing),
        (400, body(success=False, errorType="error-invalid-params", error="no"), Invalid),
        (400, body(success=False, errorType="error-message-size-exceeded"), Invalid),
        (400, body(success=False), Unexplained),
        (400, body(success=False, error="E11000 duplicate key"), Unexplained),
        (200, body(success=False, error="odd"), Unexplained),
        (413, b"<html>", Invalid),
        (400, body(success=False, errorType="error-too-many-requests", error="x"), Limited),
        (429, b"<html>", Limited),
        (302, b"", Unavailable),
        (502, b"<html><body>nginx</body></html>", Unavailable),
        (503, body(success=False), Unavailable),
        (404, b"<html>", Unavailable),
        (404, body(message="no route"), Unavailable),
        (403, body(message="blocked"), Unavailable),
        (200, b"<html>captive portal</html>", Unavailable),
        (200, b"[]", Unavailable),
    ],
)
def test_every_answer_is_judged(status: int, content: bytes, error: type[AdapterError]) -> None:
    with pytest.raises(AdapterError) as raised:
        judge("chat.react", status, {}, content)

    assert type(raised.value) is error
    assert "chat.react" in raised.value.message
    assert "<" not in raised.value.message


def test_the_wait_is_the_longer_of_the_header_and_the_text() -> None:
    reset = str(1795514430_000)
    headers = {"Date": "Tue, 24 Nov 2026 10:00:00 GMT", "X-RateLimit-Reset": reset}
    text = body(error="You must wait 23 seconds before trying this endpoint again.")
    waits = []
    for head, content in ((headers, text), ({}, text), ({}, body()), (headers, b"")):
        with pytest.raises(Limited) as limited:
            judge("chat.react", 429, head, content)
        waits.append(limited.value.retry_after.total_seconds())

    assert waits == [30, 23, 1, 30]


def test_a_restricted_workspace_is_explained() -> None:
    content = body(success=False, errorType="restricted-workspace", error="no")
    with pytest.raises(Denied, match="10 days") as denied:
        judge("chat.sendMessage", 400, {}, content)

    assert "licence" in denied.value.hint
