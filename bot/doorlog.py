"""Tells chat what was done at a second door: at once when chat is there, else when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.cards import Card, Mark, code, counted, moment, plain
from bot.courier import Courier
from bot.errors import HoustonError
from bot.ports.audit import Audit, Entry
from bot.ports.chat import Post, Room
from bot.ports.store import DOORS, Documents, Operations, Record, State
from bot.redact import Redactor
from bot.request import post_id

log = structlog.get_logger()

_KIND, _KEY = "door-told", "audit"
_LOOK = timedelta(seconds=20)
_BATCH = 200
_LINES = 20
"""Lines of one message."""


class DoorLog:
    """Reads the audit trail from where it last came to; what it says goes through the outbox.

    Args:
        rooms: the rooms heard at this moment; none while chat is away.
    """

    def __init__(
        self,
        *,
        audit: Audit,
        operations: Operations,
        documents: Documents,
        courier: Courier,
        redactor: Redactor,
        zone: ZoneInfo,
        rooms: Callable[[], tuple[Room, ...]],
    ) -> None:
        self._audit = audit
        self._operations = operations
        self._documents = documents
        self._courier = courier
        self._redactor = redactor
        self._zone = zone
        self._rooms = rooms

    async def run(self) -> None:
        """Look for ever; what could not be told now is told later."""
        while True:
            try:
                if rooms := self._rooms():
                    await self._tell(rooms[0])
            except HoustonError as error:
                log.info("doorlog.failed", why=error.message)
            await asyncio.sleep(_LOOK.total_seconds())

    async def _tell(self, room: Room) -> None:
        """A message's id is where it begins: told again after a crash, it is the same message."""
        known = await self._documents.get(_KIND, _KEY)
        number = int(str(known["number"])) if known else 0
        while batch := await self._audit.read(number, _BATCH):
            lines, end = [], number
            for sealed in batch:
                if line := await self._line(sealed.entry):
                    lines.append(line)
                end = sealed.number
                if len(lines) == _LINES:
                    break
            if lines:
                title = f"At a second door, {counted(len(lines), 'thing')} done"
                text = Card(Mark.INFO, title, tuple(lines), next=("!ops", "!audit")).text()
                post = Post(post_id("doorlog", str(number)), room.id, self._redactor.clean(text))
                await self._courier.put(post)
            await self._documents.put(_KIND, _KEY, {"number": end})
            number = end

    async def _line(self, entry: Entry) -> str:
        """What an entry tells those who were in chat; empty for what was done there, or for
        nothing of interest."""
        said = _said(entry)
        if not said and entry.event.startswith("operation."):
            record = await self._operations.get(entry.operation)
            said = _became(entry, record) if record and record.room_id in DOORS else ""
        return f"{moment(entry.at, self._zone)} {said}" if said else ""


def _said(entry: Entry) -> str:
    detail = {key: str(value) for key, value in entry.detail.items()}
    door, who = detail.get("door", ""), plain(detail.get("username", entry.actor))
    if not door:
        return ""
    if entry.event in {"command.answered", "command.refused"}:
        outcome = "" if entry.event == "command.answered" else "refused: "
        answer = _bare(detail.get("answer", ""))
        return f"{who} at the {door}: {code(detail.get('line', ''))} · {outcome}{answer}"
    if entry.event == "door.locked":
        return f":warning: too many failed tries at the {door} under the name {who}"
    if entry.event == "door.opened":
        return f":warning: the {door} took a high-tier command. {_bare(detail.get('why', ''))}"
    return ""


def _became(entry: Entry, record: Record) -> str:
    state = entry.event.removeprefix("operation.")
    what = f"{plain(record.requester)} at the {DOORS[record.room_id]}: {code(record.code)}"
    if state == "planned":
        waits = record.state in {State.WAITING, State.HELD}
        vote = f" · {code(f'!approve {record.code}')}" if waits else ""
        return f"{what} {plain(record.title)}, {code(record.line)}{vote}"
    if state in {one for one in State if one.final}:
        why = _bare(str(entry.detail.get("why", "")))
        return f"{what} {plain(record.title)} *{state}*{' · ' + why if why else ''}"
    return ""


def _bare(answer: str) -> str:
    """An answer as a part of another: without the marks of code, which would only be shown."""
    return plain(answer.replace("`", ""))
