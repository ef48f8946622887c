"""When Houston's own link to chat was away: what a change did to everybody's."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.ports.store import Documents

_KIND = "gap"
_KEPT = 200


class Gaps:
    """Each time chat was away, from losing it to hearing it again, durably."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._since: datetime | None = None

    def lost(self, at: datetime) -> None:
        """The link is gone, unless it was already."""
        self._since = self._since or at

    async def back(self, at: datetime) -> None:
        """It is there again. A gap in which Houston itself was stopped is none of these."""
        since, self._since = self._since, None
        if since is None:
            return
        await self._documents.put(_KIND, since.isoformat(), {"back": at.isoformat()})
        known = await self._documents.all(_KIND)
        for key in [*known][:-_KEPT]:
            await self._documents.remove(_KIND, key)

    async def within(self, start: datetime, end: datetime) -> timedelta:
        """For how long chat was away in this time, all gaps that began in it together."""
        known = await self._documents.all(_KIND)
        spans = ((datetime.fromisoformat(k), str(body["back"])) for k, body in known.items())
        lengths = (datetime.fromisoformat(b) - s for s, b in spans if start <= s <= end)
        return sum(lengths, timedelta(0))
