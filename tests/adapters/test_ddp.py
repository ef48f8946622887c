"""The realtime protocol with explicit times: frames in, events and frames out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.ddp import (
    Ddp,
    DdpEvent,
    LoggedIn,
    LoginRefused,
    NoStream,
    Ready,
    Stream,
    StreamChanged,
)

ROOM = Stream("stream-room-messages", "r1")
OTHER = Stream("stream-room-messages", "r2")
CHANGED = {"msg": "changed", "collection": "stream-room-messages", "id": "id"}
RESULT = {"msg": "result", "id": "login", "result": {"id": "u1", "token": "t", "type": "resume"}}


def sent(ddp: Ddp, now: float) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in ddp.frames(now)]


def receive(ddp: Ddp, frame: Any, now: float = 0.0) -> list[DdpEvent]:
    return ddp.receive(json.dumps(frame), now)


def logged_in(now: float = 0.0) -> Ddp:
    ddp = Ddp("t", now)
    receive(ddp, {"msg": "connected", "session": "s"}, now)
    receive(ddp, RESULT, now)
    ddp.frames(now)
    return ddp


def subscribed(*streams: Stream) -> Ddp:
    ddp = logged_in()
    for stream in streams:
        ddp.subscribe(stream, 0)
    ids = [frame["id"] for frame in sent(ddp, 0)]
    receive(ddp, {"msg": "ready", "subs": ids})
    return ddp


def test_the_first_frame_connects_and_login_follows_the_answer() -> None:
    ddp = Ddp("token", 0)
    opening = sent(ddp, 0)
    nothing = sent(ddp, 1)
    receive(ddp, {"server_id": "0"})
    receive(ddp, {"msg": "connected", "session": "s"})
    login = sent(ddp, 1)

    assert opening == [{"msg": "connect", "version": "1", "support": ["1"]}]
    assert nothing == []
    assert [(f["method"], f["params"]) for f in login] == [("login", [{"resume": "token"}])]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_the_answers_to_a_login_come_in_any_order(order: tuple[int, ...]) -> None:
    answers = [
        RESULT,
        {"msg": "updated", "methods": ["login"]},
        {"msg": "added", "collection": "users", "id": "u1", "fields": {"username": "houston"}},
    ]
    ddp = Ddp("t", 0)
    events = [event for index in order for event in receive(ddp, answers[index])]

    assert events == [LoggedIn()]


def test_a_login_result_without_a_result_is_a_login() -> None:
    assert receive(Ddp("t", 0), {"msg": "result", "id": "login"}) == [LoggedIn()]


def test_a_refused_login_says_why() -> None:
    error = {"error": 403, "reason": "You've been logged out", "errorType": "Meteor.Error"}
    ddp = Ddp("t", 0)

    assert receive(ddp, {"msg": "result", "id": "login", "error": error}) == [
        LoginRefused("403", "You've been logged out")
    ]
    assert not ddp.settled


def test_subscriptions_wait_for_the_login() -> None:
    ddp = Ddp("t", 0)
    ddp.subscribe(ROOM, 0)
    before = [frame["msg"] for frame in sent(ddp, 0)]
    receive(ddp, RESULT)
    after = sent(ddp, 0)

    assert before == ["connect"]
    assert [(f["msg"], f["name"], f["params"][0]) for f in after] == [
        ("sub", "stream-room-messages", "r1")
    ]


def test_it_is_settled_when_every_subscription_was_answered() -> None:
    ddp = logged_in()
    ddp.subscribe(ROOM, 0)
    ddp.subscribe(OTHER, 0)
    first, second = (frame["id"] for frame in sent(ddp, 0))
    ready = receive(ddp, {"msg": "ready", "subs": [first]})
    halfway = ddp.settled
    error = {"error": "not-allowed", "reason": "Not allowed"}
    refused = receive(ddp, {"msg": "nosub", "id": second, "error": error})

    assert ready == [Ready(ROOM)]
    assert not halfway
    assert refused == [NoStream(OTHER, "Not allowed")]
    assert ddp.settled


def test_subscribing_again_gives_the_old_subscription_up() -> None:
    ddp = subscribed(ROOM)
    ddp.subscribe(ROOM, 1)
    old, new = sent(ddp, 1)
    late = receive(ddp, {"msg": "nosub", "id": old["id"]})

    assert (old["msg"], new["msg"]) == ("unsub", "sub")
    assert old["id"] != new["id"]
    assert late == []
    assert receive(ddp, {"msg": "ready", "subs": [new["id"]]}) == [Ready(ROOM)]


def test_a_subscription_the_server_ends_later_is_told() -> None:
    ddp = subscribed(ROOM)

    assert [type(event) for event in receive(ddp, {"msg": "nosub", "id": "s1"})] == [NoStream]


def test_a_change_is_routed_by_its_event_and_never_by_its_id() -> None:
    ddp = subscribed(ROOM, OTHER)
    events = [
        receive(ddp, {**CHANGED, "fields": {"eventName": name, "args": [{"_id": f"m-{name}"}]}})
        for name in ("r1", "r2")
    ]

    assert events == [
        [StreamChanged(ROOM, ({"_id": "m-r1"},))],
        [StreamChanged(OTHER, ({"_id": "m-r2"},))],
    ]


def test_subscriptions_are_paced() -> None:
    ddp = logged_in()
    for n in range(40):
        ddp.subscribe(Stream("stream-room-messages", f"r{n}"), 0)
    first = sent(ddp, 0)
    receive(ddp, {"msg": "ready", "subs": [frame["id"] for frame in first]}, 20)
    too_early = sent(ddp, 39.9)
    due = ddp.due(39.9)
    second = sent(ddp, 40)

    assert (len(first), too_early, due, len(second)) == (30, [], 40, 10)


def test_too_many_subscriptions_are_asked_for_again_when_the_server_says() -> None:
    ddp = logged_in()
    ddp.subscribe(ROOM, 0)
    (sub,) = sent(ddp, 0)
    error = {"error": "too-many-requests", "reason": "slow", "details": {"timeToReset": 7321}}
    events = receive(ddp, {"msg": "nosub", "id": sub["id"], "error": error})
    early = sent(ddp, 7)
    due = ddp.due(7)
    again = sent(ddp, 7.4)

    assert events == []
    assert early == []
    assert due == pytest.approx(7.321)
    assert [frame["msg"] for frame in again] == ["sub"]
    assert not ddp.settled


def test_too_many_subscriptions_without_details_wait_as_long_as_the_text_says() -> None:
    ddp = logged_in()
    ddp.subscribe(ROOM, 0)
    (sub,) = sent(ddp, 0)
    text = "Error, too many requests. You must wait 8 seconds before trying again."
    receive(
        ddp,
        {"msg": "nosub", "id": sub["id"], "error": {"error": "too-many-requests", "reason": text}},
    )

    assert sent(ddp, 7.9) == []
    assert [frame["msg"] for frame in sent(ddp, 8)] == ["sub"]


@pytest.mark.parametrize("extra", [{}, {"id": "x"}])
def test_a_ping_is_answered_with_its_id(extra: dict[str, str]) -> None:
    ddp = logged_in()
    receive(ddp, {"msg": "ping", **extra})

    assert sent(ddp, 0) == [{"msg": "pong", **extra}]


def test_silence_is_answered_with_one_ping_and_then_with_death() -> None:
    ddp = logged_in()
    quiet = sent(ddp, 29)
    pinged = sent(ddp, 30)
    again = sent(ddp, 45)

    assert (quiet, again) == ([], [])
    assert [frame["msg"] for frame in pinged] == ["ping"]
    assert ddp.due(45) == 60
    assert ddp.dead(59.9) == ""
    assert "nothing was heard for 60 s" in ddp.dead(60)


def test_anything_heard_begins_the_silence_anew() -> None:
    ddp = logged_in()
    ddp.frames(30)
    receive(ddp, {"msg": "pong", "id": "p1"}, 31)

    assert ddp.dead(90) == ""
    assert ddp.due(31) == 61
    assert [frame["msg"] for frame in sent(ddp, 61)] == ["ping"]
    assert ddp.dead(91) != ""


def test_every_step_has_its_time() -> None:
    connecting = Ddp("t", 0)
    logging_in = Ddp("t", 0)
    receive(logging_in, {"msg": "connected"}, 10)
    subscribing = logged_in()
    subscribing.subscribe(ROOM, 0)
    subscribing.frames(5)

    assert connecting.dead(14.9) == ""
    assert "connect" in connecting.dead(15)
    assert logging_in.due(10) == 25
    assert "login" in logging_in.dead(25)
    assert subscribing.dead(19.9) == ""
    assert subscribing.due(5) == 20
    assert "subscription" in subscribing.dead(20)


@pytest.mark.parametrize(
    "data",
    ["<html>", "[]", "7", '{"msg":"failed","version":"2"}', '{"msg":"error","reason":"Bad"}'],
)
def test_what_is_not_the_protocol_ends_the_socket(data: str) -> None:
    ddp = Ddp("t", 0)
    ddp.receive(data, 0)

    assert ddp.dead(0) != ""


@pytest.mark.parametrize(
    "frame",
    [
        {"server_id": "0"},
        {"msg": "changed"},
        {"msg": "changed", "fields": {"eventName": "r1"}},
        {"msg": "added", "collection": "users"},
        {"msg": "ready"},
        {"msg": "nosub", "id": "unknown"},
        {"msg": "result", "id": "another"},
        {"msg": "tomorrow"},
    ],
)
def test_frames_nobody_needs_mean_nothing(frame: dict[str, Any]) -> None:
    ddp = subscribed(ROOM)

    assert receive(ddp, frame) == []
    assert ddp.dead(0) == ""


def test_the_token_is_in_no_repr() -> None:
    assert "secret" not in repr(Ddp("secret", 0))
