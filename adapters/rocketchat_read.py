"""Rocket.Chat's JSON as the values of the chat port.

REST answers write dates as ISO strings, the stream as `{"$date": milliseconds}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.rocketchat_rest import SYSTEM
from bot.errors import Unavailable
from bot.ports.chat import Account, Author, Kind, Message, Room

_GUESTS = {"guest", "anonymous"}
_UNNAMED_EDITOR = "?"


def read_message(payload: Mapping[str, Any]) -> Message:
    """A message document. Raises Unavailable naming what is missing."""
    author = need(payload, "u", "message")
    thread = payload.get("tmid")
    system = payload.get("t")
    return Message(
        id=str(need(payload, "_id", "message")),
        room_id=str(need(payload, "rid", "message")),
        text=str(payload.get("msg") or ""),
        author=Author(
            str(need(author, "_id", "message author")), str(author.get("username") or "")
        ),
        at=read_date(need(payload, "ts", "message")),
        updated=read_date(payload.get("_updatedAt") or need(payload, "ts", "message")),
        thread=str(thread) if thread else None,
        edited_by=_editor(payload),
        system=str(system) if system else None,
        automated=bool(payload.get("bot") or payload.get("alias")),
        reactions=_reactions(payload.get("reactions")),
        files=tuple(str(file.get("name")) for file in payload.get("files") or ()),
    )


def read_account(payload: Mapping[str, Any]) -> Account:
    """A user as `users.info` shows it. Raises Unavailable naming what is missing."""
    return Account(
        id=str(need(payload, "_id", "user")),
        username=str(need(payload, "username", "user")),
        active=need(payload, "active", "user") is True,
        kind=_kind(payload),
    )


def read_room(payload: Mapping[str, Any]) -> Room:
    return Room(str(need(payload, "_id", "room")), str(need(payload, "name", "room")))


def read_direct(entry: Mapping[str, Any]) -> Room | None:
    """The room of a direct message to Houston, from Houston's subscription of it; None for other
    rooms, and for those of more than two, whose name has commas."""
    name, rid = str(entry.get("name") or ""), entry.get("rid")
    if entry.get("t") != "d" or not rid or not name or "," in name:
        return None
    return Room(str(rid), name, direct=True)


def read_date(value: Any) -> datetime:
    """Raises Unavailable for anything that is no date."""
    try:
        if isinstance(value, dict):
            return datetime.fromtimestamp(value["$date"] / 1000, UTC)
        return datetime.fromisoformat(value).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Unavailable(SYSTEM, f"it answered {value!r} where a date belongs") from None


def need(payload: Any, key: str, what: str) -> Any:
    """The value of a key that has to be there. Raises Unavailable."""
    if not isinstance(payload, dict) or payload.get(key) is None:
        raise Unavailable(SYSTEM, f"it answered a {what} without {key!r}")
    return payload[key]


def _editor(payload: Mapping[str, Any]) -> str | None:
    """Who edited it; an edit by nobody is still one."""
    if not payload.get("editedAt"):
        return None
    editor = payload.get("editedBy")
    found = editor.get("_id") if isinstance(editor, dict) else None
    return str(found or _UNNAMED_EDITOR)


def _reactions(payload: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(payload, dict):
        return {}
    return {
        emoji: tuple(str(name) for name in entry.get("usernames") or ())
        for emoji, entry in payload.items()
        if isinstance(entry, dict)
    }


def _kind(payload: Mapping[str, Any]) -> Kind:
    """Roles are shown to few, so the type decides where there are none."""
    type_, roles = need(payload, "type", "user"), set(payload.get("roles") or ())
    name = str(payload.get("username"))
    if payload.get("federated") or (name.startswith("@") and ":" in name):
        return Kind.FEDERATED
    if type_ == "app" or "app" in roles:
        return Kind.APP
    if type_ == "bot" or "bot" in roles:
        return Kind.BOT
    return Kind.PERSON if type_ == "user" and not roles & _GUESTS else Kind.GUEST
