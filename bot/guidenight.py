"""Holds the operations guide against the facts every night: a claim that does not hold any more is
a finding, said once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.cards import Card, Mark, code, counted
from bot.clock import Clock
from bot.courier import Courier
from bot.errors import HoustonError, Refused
from bot.findings import Findings, Judged, Severity, Trouble
from bot.guidecheck import GuideCheck
from bot.guidefacts import Verdict
from bot.ports.chat import Post, Room
from bot.ports.store import Documents
from bot.redact import Redactor
from bot.request import post_id
from bot.scope import Guide
from bot.stops import Stops

log = structlog.get_logger()

TOPIC = "guide"
_KIND, _KEY = "guide", "night"
_LOOK = timedelta(minutes=1)
_DAY = timedelta(days=1)


class GuideNight:
    """Looks once a night; while the cluster is off or chat is away, as soon as both are back.

    Args:
        at: the time of day, in the zone times are shown in.
        rooms: those that are heard, the first of them is told; none while chat is away.
    """

    def __init__(
        self,
        *,
        guide_check: GuideCheck,
        findings: Findings,
        documents: Documents,
        courier: Courier,
        stops: Stops,
        redactor: Redactor,
        guide: Guide,
        clock: Clock,
        zone: ZoneInfo,
        at: time,
        rooms: Callable[[], tuple[Room, ...]],
    ) -> None:
        self._guide_check = guide_check
        self._findings = findings
        self._documents = documents
        self._courier = courier
        self._stops = stops
        self._redactor = redactor
        self._guide = guide
        self._clock = clock
        self._zone = zone
        self._at = at
        self._rooms = rooms

    async def run(self) -> None:
        """Look every minute whether it is time, for ever; a night that fails is tried again."""
        while True:
            try:
                await self._look()
            except HoustonError as error:
                log.info("guide.failed", why=error.message)
            await asyncio.sleep(_LOOK.total_seconds())

    async def _look(self) -> None:
        rooms, slot = self._rooms(), self._slot()
        done = await self._documents.get(_KIND, _KEY)
        if done is None:
            await self._done(slot)
            return
        due = datetime.fromisoformat(str(done["slot"])) < slot
        if due and rooms and not (await self._stops.asleep() or await self._stops.moving()):
            await self._check(rooms[0], slot)
            await self._done(slot)

    async def _check(self, room: Room, slot: datetime) -> None:
        """The night's look. Asked again with the same slot it says the same, in the same post."""
        try:
            found = await self._guide_check.verdicts()
        except Refused as error:  # there is no guide: nothing it says can be wrong
            log.info("guide.none", why=error.message)
            return
        known = {each.trouble.id: each.trouble for each in await self._findings.all()}
        judged = await self._findings.judge(TOPIC, _troubles(found, known), slot.isoformat())
        if judged.new or judged.resolved:
            text = self._redactor.clean(self._card(judged).text())
            await self._courier.put(Post(post_id("guide", slot.isoformat()), room.id, text))

    def _card(self, judged: Judged) -> Card:
        title = f"{code(self._guide.path)}: {counted(len(judged.new), 'claim')} found not to hold"
        if not judged.new:
            count = counted(len(judged.resolved), "claim")
            title = f"{code(self._guide.path)}: {count} corrected"
        return Card(
            Mark.WARNING if judged.new else Mark.OK,
            title,
            judged.lines(self._zone, self._clock.now()),
            next=("!guide check", "!findings"),
        )

    async def _done(self, slot: datetime) -> None:
        await self._documents.put(_KIND, _KEY, {"slot": slot.isoformat()})

    def _slot(self) -> datetime:
        """The latest time it was due, in UTC."""
        now = self._clock.now()
        local = now.astimezone(self._zone)
        due = datetime.combine(local.date(), self._at, self._zone)
        due = due if due <= local else datetime.combine(local.date() - _DAY, self._at, self._zone)
        return due.astimezone(UTC)


def _troubles(found: Sequence[Verdict], known: dict[str, Trouble]) -> list[Trouble]:
    """What does not hold, and of what is not seen now what did not hold before."""
    wrong = [_trouble(each) for each in found if each.ok is False]
    blind = [known[_id(each)] for each in found if each.ok is None and _id(each) in known]
    return [*wrong, *blind]


def _trouble(each: Verdict) -> Trouble:
    text = f"line {each.claim.line.number}, {each.said}: {each.evidence}"
    return Trouble(_id(each), Severity.NOTE, text, ("!guide check",))


def _id(each: Verdict) -> str:
    """The same for the same claim, on whatever line it stands."""
    mark = hashlib.sha256(each.said.encode()).hexdigest()[:6]
    return f"{TOPIC}/{type(each.claim).__name__.lower()}-{mark}"
