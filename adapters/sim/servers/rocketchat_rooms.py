"""The simulated Rocket.Chat's endpoints of rooms, people and files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.sim.document import File, Place, Refusal
from adapters.sim.servers import rocketchat_json as shape
from adapters.sim.servers.rocketchat_call import Call, Endpoint, major, page

_STATUS_LIMIT = 120


async def me(call: Call) -> dict[str, Any]:
    return shape.user(call.user, roles=True)


async def user_info(call: Call) -> dict[str, Any]:
    """Roles are shown of oneself, and to administrators."""
    people = call.world.chat.people
    if username := call.query.get("username"):
        found = people.named(username)
    else:
        wanted = call.want("userId")
        found = next((user for user in people.users() if user.id == wanted), None)
    if found is None:
        raise Refusal("", "User not found.")
    return {"user": shape.user(found, roles=call.admin or found.id == call.user.id)}


async def room_info(call: Call) -> dict[str, Any]:
    return {"room": shape.room(_readable(call))}


async def channel_info(call: Call) -> dict[str, Any]:
    return {"channel": shape.room(_of_type(call, "c"))}


async def group_info(call: Call) -> dict[str, Any]:
    return {"group": shape.room(_of_type(call, "p"))}


async def join(call: Call) -> dict[str, Any]:
    """Public channels only; joining again is nothing."""
    chat = call.world.chat
    place = chat.people.place(str(call.body["roomId"]))
    if place.type != "c":
        raise Refusal("error-room-not-found", "The required room does not exist")
    return {"channel": shape.room(chat.add_to_room(call.user.id, place.id))}


async def room_roles(call: Call) -> dict[str, Any]:
    """Only those who have a role."""
    place, people = _readable(call), call.world.chat.people
    moderators = [people.user(user_id) for user_id in sorted(place.moderators)]
    return {
        "roles": [
            {
                "_id": f"{user.id}-{place.id}",
                "rid": place.id,
                "u": {"_id": user.id, "username": user.username},
                "roles": ["moderator"],
            }
            for user in moderators
        ]
    }


async def members_by_role(call: Call) -> dict[str, Any]:
    """A member without a role has no `roles`."""
    place, people = _readable(call), call.world.chat.people
    if place.type == "d":
        raise Refusal("error-room-type-not-supported", "Not for direct messages")
    ordered = sorted(place.members, key=lambda user_id: (user_id not in place.moderators, user_id))
    members = []
    for user_id in ordered:
        user = people.user(user_id)
        roles = {"roles": ["moderator"]} if user_id in place.moderators else {}
        members.append({"_id": user.id, "username": user.username, "name": user.name, **roles})
    part, counts = page(members, call)
    return {"members": part, **counts}


async def subscriptions(call: Call) -> dict[str, Any]:
    people, me = call.world.chat.people, call.user.id
    mine = [shape.subscription(p, people.name_for(me, p), me) for p in people.places(me)]
    return {"update": mine, "remove": []}


async def direct(call: Call) -> dict[str, Any]:
    """The same two people always share the same room."""
    chat = call.world.chat
    other = chat.people.named(str(call.body["username"]))
    if other is None:
        raise Refusal("error-invalid-user", "Invalid user")
    place = chat.direct(call.user.id, other.id)
    names = [call.user.username, other.username]
    return {"room": {"_id": place.id, "rid": place.id, "t": "d", "usernames": names}}


async def set_status(call: Call) -> dict[str, Any]:
    if len(str(call.body.get("message", ""))) > _STATUS_LIMIT:
        raise Refusal("error-invalid-status", "The status is too long")
    return {}


async def media(call: Call) -> dict[str, Any]:
    """Takes the file; nobody sees it until it is confirmed."""
    stored = _store(call)
    return {"file": {"_id": stored.id, "url": f"/file-upload/{stored.id}/{stored.name}"}}


async def confirm(call: Call) -> dict[str, Any]:
    """Shows the file. Version 7 knows no `fileName`."""
    if "fileName" in call.body and major(call.world) < 8:
        raise Refusal("invalid-params", "must NOT have additional properties")
    room, _, file_id = call.tail.partition("/")
    stored = call.uploads.pop(file_id, None)
    if stored is None:
        raise Refusal("invalid-file", "Invalid file")
    shown = replace(stored, name=str(call.body.get("fileName") or stored.name))
    return _show(call, room, shown)


async def upload(call: Call) -> dict[str, Any]:
    """Both in one; gone in version 8."""
    stored = _store(call)
    return _show(call, call.tail, call.uploads.pop(stored.id))


def _store(call: Call) -> File:
    chat = call.world.chat
    if call.user.id not in chat.people.place(call.tail).members:
        raise Refusal("error-not-allowed", "Not allowed")
    if "file" not in call.body:
        raise Refusal("invalid-field", "file required")
    stored = chat.upload(*call.body["file"])
    call.uploads[stored.id] = stored
    return stored


def _show(call: Call, room: str, file: File) -> dict[str, Any]:
    sent = call.world.chat.send(
        call.user.id,
        str(call.body.get("msg", "")),
        room=room,
        thread=call.body.get("tmid"),
        files=(file,),
    )
    return {"message": shape.message(sent)}


def _readable(call: Call) -> Place:
    people = call.world.chat.people
    place = people.place(call.query.get("roomId") or call.want("roomName"))
    if not people.may_read(call.user.id, place.id):
        raise Refusal("error-room-not-found", "The required room does not exist")
    if place.archived:
        raise Refusal("error-room-archived", f"The room {place.name} is archived")
    return place


def _of_type(call: Call, wanted: str) -> Place:
    place = _readable(call)
    if place.type != wanted:
        raise Refusal("error-room-not-found", "The required room does not exist")
    return place


_ROOM_ID = frozenset({"roomId"})
_USERNAME = frozenset({"username"})
ENDPOINTS = {
    "me": Endpoint("GET", me, "chat.me"),
    "users.info": Endpoint("GET", user_info, "chat.account"),
    "users.setStatus": Endpoint(
        "POST", set_status, "chat.status", frozenset({"message", "status"})
    ),
    "rooms.info": Endpoint("GET", room_info, "chat.room"),
    "channels.info": Endpoint("GET", channel_info, "chat.room"),
    "groups.info": Endpoint("GET", group_info, "chat.room"),
    "channels.join": Endpoint("POST", join, "chat.join", _ROOM_ID | {"joinCode"}, _ROOM_ID),
    "channels.roles": Endpoint("GET", room_roles, "chat.roles"),
    "groups.roles": Endpoint("GET", room_roles, "chat.roles"),
    "rooms.membersOrderedByRole": Endpoint("GET", members_by_role, "chat.members"),
    "subscriptions.get": Endpoint("GET", subscriptions, "chat.subscriptions"),
    "im.create": Endpoint("POST", direct, "chat.direct", _USERNAME | {"excludeSelf"}, _USERNAME),
    "rooms.media": Endpoint("POST", media, "chat.media", frozenset({"file"})),
    "rooms.mediaConfirm": Endpoint(
        "POST", confirm, "chat.media", frozenset({"msg", "tmid", "description", "fileName"})
    ),
    "rooms.upload": Endpoint(
        "POST", upload, "chat.media", frozenset({"file", "msg", "tmid"}), until=8
    ),
}
