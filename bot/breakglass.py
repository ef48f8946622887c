"""When a second door takes what is dangerous: while chat is measured to be away, for a while."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import moment, plain
from bot.clock import Clock
from bot.errors import Closed
from bot.operators import DoorSection
from bot.outage import Outage
from bot.plan import Tier
from bot.ports.engine import Json
from bot.ports.store import DOORS, Documents
from bot.settings import ChatSection
from bot.trail import HOUSTON, Trail, door_of

_KIND, _KEY = "door-open", "dangerous"
DANGEROUS = frozenset({Tier.HIGH, Tier.CRITICAL})
"""What belongs into chat, before everybody's eyes, as long as there is a chat."""


class BreakGlass:
    """Opens when both looks at chat agree that it is away; not knowing is no.

    Once open it stays so for the configured time, so that votes can come together although chat
    may be back; then it is measured again. Every opening is in the audit trail.
    """

    def __init__(
        self,
        *,
        section: DoorSection,
        outage: Outage,
        documents: Documents,
        clock: Clock,
        trail: Trail,
        chat: ChatSection,
        zone: ZoneInfo,
    ) -> None:
        self._section = section
        self._outage = outage
        self._documents = documents
        self._clock = clock
        self._trail = trail
        self._chat = chat
        self._zone = zone

    async def permit(self, room_id: str, tier: Tier) -> None:
        """Raises Refused for what this room does not take now, with where to type it."""
        if room_id not in DOORS or tier not in DANGEROUS or await self.open_until():
            return
        looks = await self._outage.look()
        seen = "; ".join(plain(str(look)) for look in looks)
        if not all(look.away for look in looks):
            raise Closed(
                f"Tier {tier} is taken at the {DOORS[room_id]} only while chat is measured to be "
                f"away from two sides. {seen}.",
                f"Type it in #{self._chat.rooms[0]}",
            )
        until = self._clock.now() + self._section.opens_for
        await self._documents.put(_KIND, _KEY, {"until": until.isoformat()})
        detail: dict[str, Json] = {"why": seen, "until": until.isoformat(), **door_of(room_id)}
        await self._trail.note(HOUSTON, "door.opened", detail=detail)

    async def open_until(self) -> datetime | None:
        """Until when dangerous commands are taken, by configuration or an earlier measurement."""
        known = await self._documents.get(_KIND, _KEY)
        measured = datetime.fromisoformat(str(known["until"])) if known else None
        ends = [end for end in (measured, self._section.open_until) if end]
        latest = max(ends, default=None)
        return latest if latest and self._clock.now() < latest else None

    async def text(self) -> str:
        """How it stands, in a sentence."""
        if until := await self.open_until():
            return f"High-tier commands are taken here until {moment(until, self._zone)}."
        return "High-tier commands are taken here only while chat is measured to be away."
