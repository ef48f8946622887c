"""Looks between reports: one incident card for what breaks, updated in place, closed when all of it
is well again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from bot.brief import Brief
from bot.cards import Card, Mark, counted, plain
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.courier import Courier
from bot.diagnosis import diagnose
from bot.errors import HoustonError
from bot.findings import Findings, Severity, Trouble
from bot.gathering import Gatherer
from bot.incident import Incident, Incidents, Told, card, diagnosed, explained
from bot.jobfindings import by_schedule
from bot.patience import Patience
from bot.policy import Policy
from bot.ports.chat import Post, Room
from bot.redact import Redactor
from bot.report_settings import ReportsSection
from bot.request import post_id
from bot.scope import Scope
from bot.seen import seen
from bot.sighting import Cause
from bot.stops import Stops
from bot.taps import Taps

log = structlog.get_logger()

_LOOKS = 2
"""Looks in a row that must agree before a trouble is told, or said to be over."""
_CALM = 12
"""The most looks that must find well what came back again and again."""
_FLAPPING = timedelta(hours=6)
"""For how long it is remembered that a trouble was over."""
_SETTLE = timedelta(minutes=15)
"""After a start of the cluster, until what is seen counts: pods come back one by one."""


@dataclass
class _Looks:
    """By the id of a trouble: how many looks in a row have seen it, missed it or seen it worse than
    it was told, and when it was over. `awake` is since when the cluster has been seen up, `slept`
    that it was not up before. A restart begins anew."""

    seen: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    worse: dict[str, int] = field(default_factory=dict)
    ended: dict[str, list[datetime]] = field(default_factory=dict)
    awake: datetime | None = None
    slept: bool = False


class Watch:
    """Looks for ever.

    Args:
        every: the pause between two looks.
        rooms: those that are heard, the first of them gets the cards; none while chat is away.
    """

    def __init__(
        self,
        *,
        brief: Brief,
        stops: Stops,
        gatherer: Gatherer,
        scope: Scope,
        catalogue: Catalogue,
        taps: Taps,
        findings: Findings,
        incidents: Incidents,
        courier: Courier,
        patience: Patience,
        policy: Policy,
        redactor: Redactor,
        section: ReportsSection,
        every: timedelta,
        clock: Clock,
        zone: ZoneInfo,
        rooms: Callable[[], tuple[Room, ...]],
    ) -> None:
        self._brief = brief
        self._stops = stops
        self._gatherer = gatherer
        self._scope = scope
        self._catalogue = catalogue
        self._taps = taps
        self._findings = findings
        self._incidents = incidents
        self._courier = courier
        self._patience = patience
        self._policy = policy
        self._redactor = redactor
        self._every = every
        self._section = section
        self._clock = clock
        self._zone = zone
        self._rooms = rooms
        self._looks = _Looks()

    async def run(self) -> None:
        """Look, wait, look again; a look that fails is followed by the next."""
        while True:
            await asyncio.sleep(self._every.total_seconds())
            try:
                if await self._ready():
                    await self._look()
            except HoustonError as error:
                log.info("watch.failed", why=error.message)

    async def _ready(self) -> bool:
        """Whether chat hears, and the cluster has been up for long enough."""
        if not self._rooms() or await self._stops.asleep() or await self._stops.moving():
            self._looks.slept, self._looks.awake = True, None
            self._looks.seen.clear()
            return False
        now = self._clock.now()
        self._looks.awake = self._looks.awake or now
        if self._looks.slept and now - self._looks.awake < _SETTLE:
            return False
        self._looks.slept = False
        return True

    async def _look(self) -> None:
        parts = [part for part in await self._brief.watched() if part.ok is not None]
        topics = {part.topic for part in parts}
        found = {each.id: each for part in parts for each in part.troubles if _live(each)}
        for mute in await self._findings.mutes():
            found.pop(mute.id, None)
        incident = await self._incidents.open()
        self._count(found, incident, topics)
        await self._settle(found, incident)

    def _count(
        self, found: Mapping[str, Trouble], incident: Incident | None, topics: set[str]
    ) -> None:
        """How many looks in a row have seen each trouble, or missed one that was told.

        A part that was not seen says nothing of what was told of it.
        """
        self._looks.seen = {id: self._looks.seen.get(id, 0) + 1 for id in found}
        told = {each.trouble.id for each in incident.left} if incident else set()
        gone = {id for id in told if id not in found and id.split("/")[0] in topics}
        kept = {id: n for id, n in self._looks.missed.items() if id in told and id not in found}
        self._looks.missed = kept | {id: kept.get(id, 0) + 1 for id in gone}
        worse = {
            each.trouble.id
            for each in (incident.left if incident else ())
            if each.trouble.id in found and found[each.trouble.id].severity > each.trouble.severity
        }
        self._looks.worse = {id: self._looks.worse.get(id, 0) + 1 for id in worse}

    async def _settle(self, found: Mapping[str, Trouble], incident: Incident | None) -> None:
        now = self._clock.now()
        known = {each.trouble.id for each in incident.left} if incident else set()
        quiet = any(window.covers(now) for window in self._section.quiet)
        new = [
            Told(trouble, now)
            for id, trouble in found.items()
            if id not in known
            and self._looks.seen[id] >= _LOOKS
            and (not quiet or trouble.severity is Severity.CRITICAL)
        ]
        over = {id for id, times in self._looks.missed.items() if times >= self._calm(id, now)}
        worse = {id: found[id] for id, times in self._looks.worse.items() if times >= _LOOKS}
        rooms = self._rooms()
        if incident is None and not (new and rooms):  # chat may have gone since the look began
            return
        before = incident or Incident(now, rooms[0].id, ())
        told = [_as_now(each, over, worse, now) for each in before.told]
        after = replace(before, told=(*told, *new))
        if after != incident:
            for id in over:
                self._looks.ended[id] = [*self._looks.ended.get(id, ()), now]
            fresh = [*worse.values(), *(each.trouble for each in new)]
            after = await self._explained(after, fresh) if fresh else after
            # Told by halves it would be told anew as another incident, or not at all.
            await self._patience.until_done(partial(self._told, after, fresh), "the incident card")

    def _calm(self, id: str, now: datetime) -> int:
        """How many looks must find it well: twice as many each time that it came back, or what
        comes and goes would be a card each time."""
        lately = [at for at in self._looks.ended.get(id, ()) if at > now - _FLAPPING]
        return int(min(_LOOKS * 2 ** len(lately), _CALM))

    async def _told(self, incident: Incident, fresh: list[Trouble]) -> None:
        """In the room, and in private to who must act; again it says the same in the same posts."""
        await self._tell(incident)
        await self._call(fresh, incident)

    async def _tell(self, incident: Incident) -> None:
        """Show it as it is now, and remember it for as long as something is left."""
        shown = card(incident, self._clock.now(), self._zone)
        text = self._redactor.clean(shown.text())
        post = Post(incident.post, incident.room_id, text, seeds=tuple(incident.taps))
        await self._taps.offer(incident.post, incident.taps)
        await self._courier.put(post)
        if not incident.left:
            await self._taps.withdraw(incident.post)
        await self._incidents.keep(incident)

    async def _explained(self, incident: Incident, new: Sequence[Trouble]) -> Incident:
        """With the cause of what is new. A diagnosis that cannot be made keeps nothing from being
        told."""
        causes: Sequence[Cause] = ()
        if diagnosed(new):
            looked = await seen(self._gatherer.look(self._scope.namespaces))
            causes = () if isinstance(looked, HoustonError) else diagnose(looked)
        return explained(incident, new, causes, self._catalogue)

    async def _call(self, new: list[Trouble], incident: Incident) -> None:
        """Tell who is on call, in private, what they must act on now."""
        worst = [each for each in new if each.severity is Severity.CRITICAL]
        if not worst:
            return
        now = self._clock.now()
        told = Card(
            Mark.WARNING,
            plain(worst[0].text),
            (f"You are on call. {counted(len(incident.left), 'thing')} on the card in the room.",),
            next=worst[0].next,
        )
        text = self._redactor.clean(told.text())
        for person in self._policy.people:
            if self._policy.on_call(person, now):
                id = post_id("incident", incident.post, worst[0].id, person.id)
                await self._courier.put(Post(id, f"@{person.id}", text))


def _live(each: Trouble) -> bool:
    """Something that broke, and not what a schedule can never do: that is for the reports."""
    return each.severity > Severity.NOTE and not by_schedule(each)


def _as_now(each: Told, over: set[str], worse: Mapping[str, Trouble], now: datetime) -> Told:
    """Over, or worse than it was told, or as it was."""
    if each.over is not None:
        return each
    if each.trouble.id in over:
        return replace(each, over=now)
    return replace(each, trouble=worse.get(each.trouble.id, each.trouble))
