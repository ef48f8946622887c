"""The methods a realtime client may call at the simulated Rocket.Chat, by name.

Houston itself only logs in. The others are what older clients live by: the benchmark's peers do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from adapters.sim.chatroom import ChatRoom
from adapters.sim.document import Refusal
from adapters.sim.servers.rocketchat_json import ejson, message

_LOGGED_OUT = "You've been logged out by the server. Please log in again."


def called(chat: ChatRoom, caller: str, method: str, params: list[Any]) -> Any:
    """The method's result, for the account that is logged in. Raises Refusal."""
    if method == "login":
        return _login(chat, params[0] if params else {})
    found = _METHODS.get(method)
    if found is None:
        raise Refusal("not-found", f"Method '{method}' not found")
    if not caller:
        raise Refusal("error-invalid-user", "Invalid user")
    return found(chat, caller, params[0] if params else "")


def _login(chat: ChatRoom, how: dict[str, Any]) -> dict[str, Any]:
    """With a token, or with a password, which is the account's token here."""
    token, kind = str(how.get("resume", "")), "resume"
    user = chat.people.logged_in(token)
    if name := how.get("user"):
        kind, user = "password", chat.people.named(str(name.get("username", "")))
        token = chat.people.token(user.id) if user else ""
        given = how.get("password")
        digest = hashlib.sha256(token.encode()).hexdigest()
        if given not in (token, {"digest": digest, "algorithm": "sha-256"}):
            user = None
    if user is None or not user.active:
        raise Refusal("logged-out", _LOGGED_OUT)
    return {"id": user.id, "token": token, "type": kind}


def _room_id(chat: ChatRoom, caller: str, room: Any) -> Any:
    place = chat.people.place(str(room))
    if not chat.people.may_read(caller, place.id):
        raise Refusal("error-not-allowed", "Not allowed")
    return place.id


def _room_name(chat: ChatRoom, caller: str, room: Any) -> Any:
    return chat.people.place(_room_id(chat, caller, room)).name


def _join(chat: ChatRoom, caller: str, room: Any) -> Any:
    chat.add_to_room(caller, str(room))
    return True


def _send(chat: ChatRoom, caller: str, wanted: Any) -> Any:
    sent = chat.send(
        caller,
        str(wanted.get("msg", "")),
        room=str(wanted.get("rid", "")),
        thread=wanted.get("tmid"),
        id=wanted.get("_id"),
    )
    return message(sent, ejson)


_METHODS: dict[str, Callable[[ChatRoom, str, Any], Any]] = {
    "getRoomIdByNameOrId": _room_id,
    "getRoomNameById": _room_name,
    "joinRoom": _join,
    "sendMessage": _send,
}
