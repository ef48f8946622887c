"""Who took over at a change of shift."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import Card, code, day_moment, plain
from bot.clock import Clock
from bot.courier import Courier
from bot.errors import Refused
from bot.policy import Policy
from bot.ports.chat import Author, Post
from bot.ports.engine import Json
from bot.ports.store import Documents
from bot.redact import Redactor
from bot.request import Request, code_of, post_id
from bot.trail import Trail

TAKE = ":handshake:"
_OFFERED, _TAKEN = "handover", "handover-taken"


class Handovers:
    """Remembers each handover's card, and shows on it who took over."""

    def __init__(
        self,
        *,
        documents: Documents,
        courier: Courier,
        policy: Policy,
        redactor: Redactor,
        trail: Trail,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._documents = documents
        self._courier = courier
        self._policy = policy
        self._redactor = redactor
        self._trail = trail
        self._clock = clock
        self._zone = zone

    async def offer(self, request: Request, card: Card) -> None:
        """Remember the card that answers this request, until somebody takes over."""
        await self._documents.add(
            _OFFERED,
            code_of(request.message_id),
            {
                "post": post_id(request.message_id, "answer"),
                "room": request.room_id,
                "text": self._redactor.clean(card.text()),
                "seeds": list(card.taps),
                "by": request.actor.id,
            },
        )

    async def take(self, spoken: str, actor: Author) -> str:
        """Who takes over, in words; written into the audit trail and onto the card.

        Raises Refused when there is no such handover, somebody took over already, or it is one's
        own.
        """
        known = spoken.upper()
        body = await self._documents.get(_OFFERED, known)
        if body is None:
            raise Refused(f"There is no handover {code(known[:12])}.", "`!handover` makes one")
        person = self._policy.person(actor.id)
        if person is None:
            raise Refused("You are not in the roster, so you cannot take over.")
        giver = self._policy.person(str(body["by"]))
        if giver is person:
            raise Refused("You asked for this handover: somebody else takes over.")
        now = self._clock.now()
        await self._documents.add(_TAKEN, known, {"by": person.id, "at": now.isoformat()})
        taken = await self._documents.get(_TAKEN, known) or {}
        if taken["by"] != person.id:
            raise Refused(f"{self._who(taken)} already.", "`!handover` makes a new one")
        detail = {"handover": known, "from": body["by"]}
        await self._trail.note(actor.id, "handover.taken", detail=detail)
        await self._show(body, self._who(taken))
        return self._who(taken)

    def _who(self, taken: Mapping[str, Json]) -> str:
        person = self._policy.person(str(taken["by"]))
        at = day_moment(datetime.fromisoformat(str(taken["at"])), self._zone)
        return f"{plain(person.name if person else 'somebody')} took over, {at}"

    async def _show(self, body: Mapping[str, Json], who: str) -> None:
        first, _, rest = str(body["text"]).partition("\n")
        text = f"{first}\n✔ *{who}*\n{rest}"
        seeds = body["seeds"]
        kept = tuple(map(str, seeds)) if isinstance(seeds, list) else ()
        await self._courier.put(Post(str(body["post"]), str(body["room"]), text, seeds=kept))
