"""What the page is told, as plain JSON. The page shows every text as text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import day_moment, moment
from bot.doorway import parts, readable
from bot.flight import progress_card, unpacked
from bot.policy import Policy
from bot.ports.audit import Sealed
from bot.ports.engine import Json
from bot.ports.store import DOORS, Outgoing, Record, State
from bot.redact import Redactor


class Views:
    """Texts are redacted on their way out, as they are on their way to chat."""

    def __init__(self, *, policy: Policy, redactor: Redactor, zone: ZoneInfo) -> None:
        self._policy = policy
        self._redactor = redactor
        self._zone = zone

    def card(self, text: str) -> dict[str, Json]:
        """A card in its parts: the first line, the rest, and the lines it offers to type."""
        said = parts(self._redactor.clean(text))
        return {"title": said.title, "body": said.body, "next": list(said.next)}

    def operation(self, record: Record, now: datetime) -> dict[str, Json]:
        """One operation; while it is open, with its card as it stands."""
        flight = unpacked(record)
        card = None
        if flight and not record.state.final:
            card = self.card(progress_card(record, flight, now, self._zone).text())
        return {
            "code": record.code,
            "title": self._shown(record.title),
            "state": str(record.state),
            "by": self._shown(record.requester),
            "where": DOORS.get(record.room_id, "chat"),
            "at": day_moment(record.updated, self._zone),
            "card": card,
        }

    def approval(self, record: Record) -> dict[str, Json] | None:
        """A plan that waits for votes, as it is to be read; None when it is none."""
        flight = unpacked(record)
        if flight is None or record.state not in {State.WAITING, State.HELD}:
            return None
        return {
            "code": record.code,
            "plan": self.card(flight.approval_text),
            "tally": self._shown(flight.tally or f"0 of {flight.approvals} approved"),
            "tier": str(flight.tier),
            "until": moment(flight.expires, self._zone),
        }

    def answer(self, id: str, line: str, posts: Iterable[Outgoing]) -> dict[str, Json]:
        """A line that was typed, and what was said to it."""
        cards: list[Json] = []
        for out in posts:
            files: list[Json] = [[out.post.id, file.name] for file in out.post.files]
            cards.append({**self.card(out.post.text), "files": files})
        return {"id": id, "line": line, "cards": cards}

    def entry(self, sealed: Sealed) -> dict[str, Json]:
        """One line of the audit trail."""
        entry = sealed.entry
        person = self._policy.person(entry.actor)
        who = person.name if person else str(entry.detail.get("username") or entry.actor)
        said = ", ".join(
            f"{key} {value}"
            for key, value in entry.detail.items()
            if value not in ("", None) and key not in {"username", "message"}
        )
        return {
            "number": sealed.number,
            "at": day_moment(entry.at, self._zone),
            "who": self._shown(who),
            "event": self._shown(entry.event),
            "about": self._shown(entry.target),
            "detail": self._shown(said[:500]),
        }

    def _shown(self, text: str) -> str:
        return readable(self._redactor.clean(text))
