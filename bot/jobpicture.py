"""The picture of the CronJobs' last runs, before the hours the cluster was meant to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards import duration
from bot.jobhealth import JobHealth
from bot.ports.jobs import Job, Outcome
from bot.power import Timetable
from bot.strips import Kind, Mark, Row, Strips

WEEK = timedelta(days=7)
_MOST = 8
_KINDS = {Outcome.SUCCEEDED: Kind.GOOD, Outcome.FAILED: Kind.BAD}


def picture(
    found: Sequence[JobHealth], timetable: Timetable, now: datetime, zone: ZoneInfo
) -> Strips:
    """The last week of the first CronJobs; a bar is as tall as its run took."""
    begin = now - WEEK
    return Strips(
        "Runs of the last 7 days",
        "the cluster is meant to be on",
        begin,
        now,
        zone,
        timetable.running(begin, now),
        [_row(each, begin) for each in found[:_MOST]],
    )


def _row(each: JobHealth, begin: datetime) -> Row:
    runs = [job for job in each.history if job.started and job.started >= begin]
    longest = max((job.took or timedelta(0) for job in runs), default=timedelta(0))
    last = each.durations[-1] if each.durations else None
    took = f"last took {duration(last)}" if last else "none kept"
    trend = f", {each.trend}" if each.trend else ""
    return Row(each.name, took + trend, [_mark(job, longest) for job in runs])


def _mark(job: Job, longest: timedelta) -> Mark:
    size = job.took / longest if job.took and longest else 0.3
    return Mark(job.started or job.created, _KINDS.get(job.outcome, Kind.OPEN), size)
