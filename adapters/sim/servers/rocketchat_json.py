"""The simulated chat's values in Rocket.Chat's JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.sim.document import Document, File, Place, User

Date = Callable[[datetime], Any]


def iso(at: datetime) -> str:
    """A date as REST writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ejson(at: datetime) -> dict[str, int]:
    """A date as the stream writes it."""
    return {"$date": round(at.timestamp() * 1000)}


def message(document: Document, date: Date = iso) -> dict[str, Any]:
    """A message; keys without a value are left out, as the database leaves them out."""
    author, editor = document.author, document.edited_by
    paragraph = [{"type": "PLAIN_TEXT", "value": document.text}]
    content: dict[str, Any] = {
        "_id": document.id,
        "rid": document.room_id,
        "msg": document.text,
        "ts": date(document.at),
        "u": {"_id": author.id, "username": author.username, "name": author.username.title()},
        "_updatedAt": date(document.updated),
        "urls": [_url(url.url, url.title) for url in document.urls],
        "mentions": [],
        "channels": [],
        "md": [{"type": "PARAGRAPH", "value": paragraph}] if document.text else [],
    }
    optional = {
        "tmid": document.thread,
        "t": document.system,
        "alias": document.alias,
        "bot": {"i": document.webhook} if document.webhook else None,
        "editedAt": date(document.edited) if document.edited else None,
        "editedBy": {"_id": editor.id, "username": editor.username} if editor else None,
        "reactions": reactions(document.reactions),
        "tlm": date(document.last_reply) if document.last_reply else None,
        "tcount": document.replies if document.last_reply else None,
        "replies": list(document.followers),
        "pinnedAt": date(document.pinned) if document.pinned else None,
        "pinned": document.pinned is not None or None,
        "starred": [{"_id": user_id} for user_id in document.starred],
        "files": [file(each) for each in document.files],
        "attachments": [_attachment(each) for each in document.files],
    }
    return content | {k: v for k, v in optional.items() if v is not None and v not in ([], {})}


def reactions(chosen: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    return {emoji: {"usernames": list(names)} for emoji, names in chosen.items()}


def user(account: User, *, roles: bool) -> dict[str, Any]:
    """An account; its roles only to those who may see them."""
    content: dict[str, Any] = {
        "_id": account.id,
        "username": account.username,
        "name": account.name or account.username,
        "active": account.active,
        "type": account.type,
        "status": "online",
    }
    if account.federated:
        content["federated"] = True
    if not roles:
        return content
    emails = [{"address": f"{account.username}@fernhill.example", "verified": True}]
    return content | {"roles": list(account.roles), "emails": emails}


def room(place: Place) -> dict[str, Any]:
    content: dict[str, Any] = {"_id": place.id, "t": place.type, "usersCount": len(place.members)}
    if place.type != "d":
        content |= {"name": place.name, "fname": place.name, "ro": False}
    return content | ({"encrypted": True} if place.encrypted else {})


def subscription(place: Place, name: str, user_id: str) -> dict[str, Any]:
    """An account's membership of a room, with the room's name in its list."""
    return {
        "_id": f"{user_id}-{place.id}",
        "rid": place.id,
        "name": name,
        "t": place.type,
        "u": {"_id": user_id},
        "roles": ["moderator"] if user_id in place.moderators else [],
    }


def file(each: File) -> dict[str, Any]:
    return {"_id": each.id, "name": each.name, "type": each.type, "size": each.size}


def _url(url: str, title: str) -> dict[str, Any]:
    return {"url": url, "meta": {"pageTitle": title} if title else {}}


def _attachment(each: File) -> dict[str, Any]:
    link = f"/file-upload/{each.id}/{each.name}"
    shown = {"title": each.name, "title_link": link, "type": "file"}
    if each.type.startswith("image/"):
        shown |= {"image_url": link, "image_type": each.type}
    return shown
