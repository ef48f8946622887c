"""When the cluster really ran, beside the hours it is meant to, and the picture of both."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.errors import HoustonError
from bot.hosting import Hosting, nights
from bot.ports.automation import Automation, Job, JobState
from bot.ports.azure import Azure, ManagedCluster
from bot.ports.chat import File
from bot.ports.store import Operations, Record, State
from bot.power import Timetable
from bot.strips import Kind, Row, Strips, png

_WEEK = timedelta(days=7)
_MOST = 200
_OURS = {"cluster start": True, "cluster stop": False}
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Uptime:
    """From `begin` to `end`: when it was meant to be on, and when it was."""

    name: str
    begin: datetime
    end: datetime
    meant: Sequence[Span]
    real: Sequence[Span]

    @property
    def line(self) -> str:
        """The picture in a sentence."""
        real, meant = _hours(self.real), _hours(self.meant)
        both = _hours(_common(self.real, self.meant))
        text = f"On for {real:.1f} h in the last 7 days, {meant:.1f} h by the schedule"
        lacking, more = meant - both, real - both
        if lacking >= 0.1:
            text += f"; off for {lacking:.1f} h of them"
        return text + (f"; {more:.1f} h besides" if more >= 0.1 else "")

    def picture(self, zone: ZoneInfo) -> Strips:
        """One row: pale where it is meant to be on, full where it was."""
        inside = [(a, b, Kind.GOOD) for a, b in _common(self.real, self.meant)]
        outside = [(a, b, Kind.OPEN) for a, b in _without(self.real, self.meant)]
        note = f"{_hours(self.real):.1f} of {_hours(self.meant):.1f} h"
        return Strips(
            "On in the last 7 days",
            "meant to be on",
            self.begin,
            self.end,
            zone,
            self.meant,
            [Row(self.name, note, (), [*inside, *outside])],
            ((Kind.GOOD, "was on"), (Kind.OPEN, "on besides")),
        )


@dataclass(frozen=True)
class Uptimes:
    """Reads what switched the cluster on and off."""

    azure: Azure
    automation: Automation
    operations: Operations
    hosting: Hosting
    clock: Clock

    async def look(self) -> Uptime:
        """Of the last week. Raises AdapterError, and Unconfigured where nothing switches it."""
        cluster, schedules, jobs, records = await asyncio.gather(
            self.azure.cluster(),
            self.automation.schedules(),
            self.automation.jobs(),
            self.operations.recent(_MOST),
        )
        now = self.clock.now()
        timetable = nights(schedules, self.hosting, now).timetable
        return uptime(cluster, timetable, switched(jobs, records, self.hosting), now)


async def attached(found: Uptime | HoustonError, zone: ZoneInfo) -> tuple[File, ...]:
    """The picture as a file, drawn beside the loop; none where nothing is known."""
    if isinstance(found, HoustonError):
        return ()
    drawn = await asyncio.to_thread(png, found.picture(zone))
    return (File(f"uptime-{found.end:%Y-%m-%d}.png", "image/png", drawn),)


Change = tuple[datetime, bool]
"""When it was switched, and whether on."""


def switched(jobs: Sequence[Job], records: Sequence[Record], hosting: Hosting) -> list[Change]:
    """By the runs of the runbooks and Houston's own operations, oldest first."""
    return sorted([*_runs(jobs, hosting), *_operations(records)])


def uptime(
    cluster: ManagedCluster, timetable: Timetable, changes: Sequence[Change], now: datetime
) -> Uptime:
    """Of the last week, by what switched the cluster, oldest first.

    Before the first of them it was the other way round; where nothing is known to have switched it,
    it was always as it is now.
    """
    begin = now - _WEEK
    up = not changes[0][1] if changes else cluster.up
    spans: list[Span] = []
    since = begin
    for at, becomes in changes:
        if up and not becomes:
            spans.append((since, at))
        elif becomes and not up:
            since = at
        up = becomes
    if up:
        spans.append((since, now))
    real = _within(spans, begin, now)
    return Uptime(cluster.name, begin, now, timetable.running(begin, now), real)


def _runs(jobs: Sequence[Job], hosting: Hosting) -> list[Change]:
    kinds = {hosting.start_runbook: True, hosting.stop_runbook: False}
    return [
        (job.ended or job.created, kinds[job.runbook])
        for job in jobs
        if job.runbook in kinds and job.state is JobState.COMPLETED
    ]


def _operations(records: Sequence[Record]) -> list[Change]:
    return [
        (record.updated, _OURS[record.command])
        for record in records
        if record.command in _OURS and record.state is State.SUCCEEDED
    ]


def _within(spans: Sequence[Span], begin: datetime, end: datetime) -> list[Span]:
    cut = ((max(a, begin), min(b, end)) for a, b in spans)
    return [(a, b) for a, b in cut if a < b]


def _common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    return [span for a, b in others for span in _within(some, a, b)]


def _without(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What is left of some beside the others, which are in order and apart."""
    left = list(some)
    for begin, end in others:
        left = [
            span
            for a, b in left
            for span in ((a, min(b, begin)), (max(a, end), b))
            if span[0] < span[1]
        ]
    return left


def _hours(spans: Sequence[Span]) -> float:
    return sum((b - a for a, b in spans), timedelta(0)) / timedelta(hours=1)
