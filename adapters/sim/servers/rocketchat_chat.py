"""The simulated Rocket.Chat's `chat.*` endpoints, and the histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from adapters.sim.document import Refusal
from adapters.sim.servers.rocketchat_call import Call, Endpoint, date, page
from adapters.sim.servers.rocketchat_json import iso, message

_MESSAGE_KEYS = {
    "_id",
    "rid",
    "tmid",
    "msg",
    "alias",
    "emoji",
    "tshow",
    "avatar",
    "attachments",
    "blocks",
    "customFields",
    "groupable",
}
_IMPERSONATES = {"bot", "app"}


async def send_message(call: Call) -> dict[str, Any]:
    """An id of the caller's choice; the answer may come long after the effect."""
    wanted = call.body["message"]
    if not isinstance(wanted, dict) or "rid" not in wanted:
        raise Refusal("invalid-params", "must have required property 'rid'")
    if wanted.keys() - _MESSAGE_KEYS:
        raise Refusal("invalid-params", "must NOT have additional properties")
    chat = call.world.chat
    alias = wanted.get("alias")
    if alias and not _IMPERSONATES & set(call.user.roles):
        raise Refusal("", "Not enough permission")
    sent = chat.send(
        call.user.id,
        str(wanted.get("msg", "")),
        room=wanted["rid"],
        thread=wanted.get("tmid"),
        id=wanted.get("_id"),
    )
    if alias:
        sent = chat.archive.write(replace(sent, alias=alias))
    await call.world.pause(chat.answer_delay)
    return {"message": message(sent)}


async def post_message(call: Call) -> dict[str, Any]:
    """To a room, a `#channel`, or a person as `@username`."""
    chat = call.world.chat
    room = str(call.body.get("roomId") or call.body.get("channel") or "").removeprefix("#")
    if room.startswith("@"):
        other = chat.people.named(room[1:])
        if other is None:
            raise Refusal("error-invalid-user", "Invalid user")
        room = chat.direct(call.user.id, other.id).id
    sent = chat.send(
        call.user.id, str(call.body.get("text", "")), room=room, thread=call.body.get("tmid")
    )
    await call.world.pause(chat.answer_delay)
    return {"ts": iso(sent.at), "channel": room, "message": message(sent)}


async def update(call: Call) -> dict[str, Any]:
    """The text only, and yet the whole old document is written."""
    chat, wanted = call.world.chat, str(call.body["msgId"])
    old = chat.archive.find(wanted)
    if old is None:
        raise Refusal("", f'No message found with the id of "{wanted}".')
    if old.room_id != call.body["roomId"]:
        raise Refusal("", "The room id provided does not match where the message is from.")
    if old.text == call.body["text"] and "previewUrls" not in call.body:
        return {"message": message(old)}
    return {"message": message(await chat.update(call.user.id, wanted, str(call.body["text"])))}


async def react(call: Call) -> dict[str, Any]:
    """Without `shouldReact` it toggles."""
    chat, wanted, emoji = call.world.chat, str(call.body["messageId"]), call.body["emoji"]
    if not emoji.startswith(":") or not emoji.endswith(":"):
        raise Refusal("error-not-allowed", "Invalid emoji provided.")
    names = chat.read(call.user.id, wanted).reactions.get(emoji, ())
    on = call.body.get("shouldReact", call.user.username not in names)
    await chat.set_reaction(call.user.id, wanted, emoji, on=bool(on))
    return {}


async def get_message(call: Call) -> dict[str, Any]:
    """A missing one is a failure that says nothing."""
    wanted = call.want("msgId")
    if call.world.chat.archive.find(wanted) is None:
        raise Refusal("")
    return {"message": message(call.world.chat.read(call.user.id, wanted))}


async def delete(call: Call) -> dict[str, Any]:
    chat, wanted = call.world.chat, str(call.body["msgId"])
    document = chat.read(call.user.id, wanted)
    own = document.author.id == call.user.id and {"user", "admin"} & set(call.user.roles)
    if not own and not chat.people.moderates(call.user.id, document.room_id):
        raise Refusal("error-action-not-allowed", "Not allowed")
    chat.delete(wanted)
    return {"_id": wanted, "ts": iso(document.at), "message": message(document)}


async def sync_messages(call: Call) -> dict[str, Any]:
    """Everything written since, replies and all; the newest message first."""
    chat, room = call.world.chat, call.want("roomId")
    since = date(call.want("lastUpdate"))
    found = chat.changed_since(call.user.id, room, since)
    deleted = [gone for gone in chat.archive.deleted if gone.room_id == room and gone.at > since]
    return {
        "result": {
            "updated": [message(document) for document in found],
            "deleted": [{"_id": gone.message_id, "_deletedAt": iso(gone.at)} for gone in deleted],
        }
    }


async def thread_messages(call: Call) -> dict[str, Any]:
    root = call.world.chat.read(call.user.id, call.want("tmid"))
    found, counts = page(call.world.chat.archive.below(root.id), call)
    return {"messages": [message(document) for document in found], **counts}


async def history(call: Call) -> dict[str, Any]:
    """Newest first; replies are hidden unless asked for, but in private groups shown."""
    chat = call.world.chat
    place = chat.people.place(call.query.get("roomName") or call.want("roomId"))
    if not chat.people.may_read(call.user.id, place.id):
        raise Refusal("error-not-allowed", "Not allowed")
    default = "true" if place.type == "p" else "false"
    replies = call.query.get("showThreadMessages", default) == "true"
    oldest = _utc(call.query.get("oldest"))
    found = [
        one
        for one in reversed(chat.archive.of(place.id))
        if (replies or not one.thread) and (oldest is None or one.at > oldest)
    ]
    part, _ = page(found, call)
    return {"messages": [message(document) for document in part]}


def _utc(text: str | None) -> datetime | None:
    """A date without a zone is the server's, which is UTC."""
    found = date(text) if text else None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def _post(handle: Any, fault: str, required: str, optional: str = "") -> Endpoint:
    needed = frozenset(required.split())
    return Endpoint("POST", handle, fault, needed | frozenset(optional.split()), needed)


ENDPOINTS = {
    "chat.sendMessage": _post(send_message, "chat.post", "message", "previewUrls"),
    "chat.postMessage": _post(
        post_message, "chat.post", "", "roomId channel text tmid attachments alias emoji avatar"
    ),
    "chat.update": _post(update, "chat.edit", "roomId msgId text", "previewUrls customFields"),
    "chat.react": _post(react, "chat.react", "messageId emoji", "shouldReact"),
    "chat.delete": _post(delete, "chat.delete", "roomId msgId", "asUser"),
    "chat.getMessage": Endpoint("GET", get_message, "chat.message"),
    "chat.syncMessages": Endpoint("GET", sync_messages, "chat.since"),
    "chat.getThreadMessages": Endpoint("GET", thread_messages, "chat.thread"),
    "channels.history": Endpoint("GET", history, "chat.history"),
    "groups.history": Endpoint("GET", history, "chat.history"),
    "im.history": Endpoint("GET", history, "chat.history"),
}
