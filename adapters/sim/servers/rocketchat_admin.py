"""The simulated Rocket.Chat's endpoints for setting up: accounts, tokens, rooms, moderators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.sim.document import Place, Refusal, User
from adapters.sim.servers import rocketchat_json as shape
from adapters.sim.servers.rocketchat_call import Call, Endpoint, page

_MAKES_TOKENS = {"admin", "user"}
"""Roles with `create-personal-access-tokens`; the role `bot` lacks it."""


async def log_out(call: Call) -> dict[str, Any]:
    call.world.chat.people.log_out(call.headers.get("x-auth-token", ""))
    return {"status": "success"}


async def create_user(call: Call) -> dict[str, Any]:
    """Administrators only; the username must be free."""
    _administers(call)
    people, name = call.world.chat.people, str(call.body["username"])
    if people.named(name):
        raise Refusal("error-field-unavailable", f"{name} is already in use :(")
    made = User(
        f"u{name.title().replace('-', '').replace('.', '')}",
        name,
        str(call.body["name"]),
        roles=tuple(call.body.get("roles") or ("user",)),
    )
    people.add(made)
    people.set_password(made.id, str(call.body["password"]))
    if call.body.get("joinDefaultChannels", True):
        people.join(made.id, "ops")
    return {"user": shape.user(made, roles=True)}


async def add_role(call: Call) -> dict[str, Any]:
    _administers(call)
    people, name, role = (
        call.world.chat.people,
        str(call.body["username"]),
        str(call.body["roleId"]),
    )
    user = people.named(name)
    if user is None:
        raise Refusal("error-invalid-user", "There is no user with this username")
    if role in user.roles:
        raise Refusal("error-user-already-in-role", "User already in role")
    people.add(replace(user, roles=(*user.roles, role)))
    return {"role": {"_id": role, "name": role}}


async def make_token(call: Call) -> dict[str, Any]:
    """For oneself, with a second factor: the password, where the account has no other."""
    return {"token": _made(call, again=False)}


async def renew_token(call: Call) -> dict[str, Any]:
    """The old one of that name ends."""
    return {"token": _made(call, again=True)}


def _made(call: Call, *, again: bool) -> str:
    people = call.world.chat.people
    by_password = call.headers.get("x-2fa-method") == "password"
    if not by_password or not people.has_password(call.user.id, call.headers.get("x-2fa-code", "")):
        raise Refusal("totp-required", "TOTP Required")
    if not _MAKES_TOKENS & set(call.user.roles):
        raise Refusal("not-authorized", "Not Authorized")
    name = str(call.body["tokenName"])
    there = name in people.personal_tokens(call.user.id)
    if there and not again:
        raise Refusal("error-token-already-exists", "A token with this name already exists")
    if again and not there:
        raise Refusal("error-token-does-not-exists", "Token does not exist")
    return people.make_token(call.user.id, name)


async def create_channel(call: Call) -> dict[str, Any]:
    chat, name = call.world.chat, str(call.body["name"])
    if any(place.name == name for place in chat.people.all_places()):
        raise Refusal("error-duplicate-channel-name", f"A channel with name '{name}' exists")
    return {"channel": shape.room(chat.add_room(name, members=(call.user.id,)))}


async def channels(call: Call) -> dict[str, Any]:
    found = [place for place in call.world.chat.people.all_places() if place.type == "c"]
    part, counts = page([shape.room(place) for place in found], call)
    return {"channels": part, **counts}


async def invite(call: Call) -> dict[str, Any]:
    """By a member or an administrator; who is in it already stays."""
    place = _room(call)
    return {"channel": shape.room(call.world.chat.add_to_room(str(call.body["userId"]), place.id))}


async def add_moderator(call: Call) -> dict[str, Any]:
    people, place, user_id = call.world.chat.people, _room(call), str(call.body["userId"])
    if not people.moderates(call.user.id, place.id):
        raise Refusal("error-not-allowed", "Not allowed")
    if user_id not in place.members:
        raise Refusal("error-user-not-in-room", "User is not in this room")
    if user_id in place.moderators:
        raise Refusal("error-user-already-moderator", "User is already a moderator")
    people.change(replace(place, moderators=place.moderators | {user_id}))
    return {}


def _administers(call: Call) -> None:
    if not call.admin:
        raise Refusal("error-action-not-allowed", "Not allowed")


def _room(call: Call) -> Place:
    place = call.world.chat.people.place(str(call.body["roomId"]))
    if call.user.id not in place.members and not call.admin:
        raise Refusal("error-not-allowed", "Not allowed")
    return place


_IN_ROOM = frozenset({"roomId", "userId"})
_TOKEN = frozenset({"tokenName"})
_ACCOUNT = frozenset({"email", "name", "password", "username"})
_ROLE = frozenset({"roleId", "username"})
_OPTIONS = {"roles", "joinDefaultChannels", "requirePasswordChange", "sendWelcomeEmail", "verified"}
ENDPOINTS = {
    "logout": Endpoint("POST", log_out, "chat.logout"),
    "users.create": Endpoint("POST", create_user, "chat.create", _ACCOUNT | _OPTIONS, _ACCOUNT),
    "users.generatePersonalAccessToken": Endpoint(
        "POST", make_token, "chat.token", _TOKEN | {"bypassTwoFactor"}, _TOKEN
    ),
    "users.regeneratePersonalAccessToken": Endpoint(
        "POST", renew_token, "chat.token", _TOKEN, _TOKEN
    ),
    "roles.addUserToRole": Endpoint("POST", add_role, "chat.role", _ROLE | {"roomId"}, _ROLE),
    "channels.create": Endpoint(
        "POST", create_channel, "chat.create", frozenset({"name", "members"}), frozenset({"name"})
    ),
    "channels.list": Endpoint("GET", channels, "chat.rooms"),
    "channels.invite": Endpoint("POST", invite, "chat.invite", _IN_ROOM, _IN_ROOM),
    "groups.invite": Endpoint("POST", invite, "chat.invite", _IN_ROOM, _IN_ROOM),
    "channels.addModerator": Endpoint("POST", add_moderator, "chat.moderator", _IN_ROOM, _IN_ROOM),
    "groups.addModerator": Endpoint("POST", add_moderator, "chat.moderator", _IN_ROOM, _IN_ROOM),
}
