"""How a CronJob fares: what its Jobs say, against the hours the cluster runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from statistics import median
from zoneinfo import ZoneInfo

from bot.cron import Cron
from bot.cronwords import in_words
from bot.joblint import Outlook, outlook
from bot.jobtime import nearest
from bot.ports.jobs import CronJob, Job, Outcome
from bot.power import Timetable

KEPT = 20
"""Jobs of each CronJob that are looked at, the newest ones."""
_FEW = 3
_SLOWER = 1.5
_MOMENT = 10.0
"""Seconds that are no difference."""
_BACK = timedelta(days=8)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class JobRules:
    """From the configuration.

    `limits` are how long ago the last success may be, by patterns of names; `failures` in a row are
    too many; a run that has not begun `grace` after it could is overdue.
    """

    limits: tuple[tuple[str, timedelta], ...]
    failures: int
    grace: timedelta

    def limit(self, name: str) -> timedelta | None:
        """The limit of the first pattern that fits the name."""
        return next((limit for pattern, limit in self.limits if fnmatchcase(name, pattern)), None)


class Verdict(StrEnum):
    WELL = "well"
    FAILING = "failing"
    OVERDUE = "overdue"
    STALE = "stale"
    SUSPENDED = "suspended"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class JobHealth:
    """One CronJob. Instants are in UTC.

    `due` is the next time of its schedule, `starts` when the cluster lets it run; both None when
    nothing is due. `streak` counts equal outcomes from the newest on, negative for failures.
    `durations` are those of the succeeded Jobs, oldest first.
    """

    job: CronJob
    words: str
    verdict: Verdict
    last: Job | None
    success: datetime | None
    due: datetime | None
    starts: datetime | None
    streak: int
    durations: tuple[timedelta, ...]
    history: tuple[Job, ...]
    limit: timedelta | None
    outlook: Outlook | None = None
    proposal: str | None = None

    @property
    def name(self) -> str:
        return self.job.name

    @property
    def trend(self) -> str:
        """Whether its runs take longer than they did."""
        if len(self.durations) < 2 * _FEW:
            return ""
        seconds = [took.total_seconds() for took in self.durations]
        late, early = median(seconds[-_FEW:]), median(seconds[:-_FEW])
        if abs(late - early) < _MOMENT or max(late, early) < min(late, early) * _SLOWER:
            return "steady"
        return "slower" if late > early else "faster"


def health(
    job: CronJob, jobs: Iterable[Job], timetable: Timetable, rules: JobRules, now: datetime
) -> JobHealth:
    """Judge one CronJob by its newest Jobs, in any order."""
    history = tuple(sorted(jobs, key=lambda each: each.started or each.created)[-KEPT:])
    ended = [each for each in history if each.outcome.final]
    success = max(
        (at for at in (job.last_success, *_successes(ended)) if at is not None), default=None
    )
    took = tuple(j.took for j in ended if j.outcome is Outcome.SUCCEEDED and j.took)
    limit = rules.limit(job.name)
    streak = _streak(ended)
    try:
        cron, zone = Cron.read(job.schedule), ZoneInfo(job.zone or "UTC")
        words = in_words(job.schedule, job.zone)
    except (ValueError, KeyError, OSError):
        return JobHealth(
            job, job.schedule, Verdict.UNREADABLE, history[-1] if history else None, success,
            None, None, streak, took, history, limit,
        )  # fmt: skip
    plan = _Plan(job, cron, zone, timetable=timetable, grace=rules.grace, now=now)
    look = plan.outlook(limit)
    off = look is not None and bool(look.always_late or look.never or look.alarms)
    return JobHealth(
        job, words, plan.verdict(rules, streak, success, limit), history[-1] if history else None,
        success, plan.due, plan.starts, streak, took, history, limit, look,
        nearest(cron, zone, timetable, plan.begin) if off else None,
    )  # fmt: skip


class _Plan:
    """What should have run and what will."""

    def __init__(
        self,
        job: CronJob,
        cron: Cron,
        zone: ZoneInfo,
        *,
        timetable: Timetable,
        grace: timedelta,
        now: datetime,
    ) -> None:
        self._job = job
        self._cron = cron
        self._zone = zone
        self._timetable = timetable
        self._now = now
        # The same all week, so that what is calculated of a year is kept.
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.begin = day - timedelta(days=day.weekday())
        self._last = max(job.last_schedule or job.created, job.created)
        self.expected = None if job.suspended else self._expected(now - grace, grace)
        self.due = None if job.suspended else cron.after(max(self._last, now), zone)
        self.starts = self._start(self.due) if self.due else None

    def outlook(self, limit: timedelta | None) -> Outlook | None:
        """What becomes of its times in a year; None where that cannot be said."""
        if self._cron.every is not None or self._job.suspended:
            return None
        return outlook(
            self._cron,
            self._zone,
            self._timetable,
            self.begin,
            deadline=self._job.deadline,
            limit=limit,
        )

    def verdict(
        self, rules: JobRules, streak: int, success: datetime | None, limit: timedelta | None
    ) -> Verdict:
        """An expected miss is none: only a time that could have run counts."""
        if self._job.suspended:
            return Verdict.SUSPENDED
        if streak <= -rules.failures:
            return Verdict.FAILING
        if self.expected is None:
            return Verdict.WELL
        if self.expected > self._last and not self._job.active:
            return Verdict.OVERDUE
        # A run that failed did run: how often that may be is the other rule's.
        ran = streak < 0 or limit is None
        old = not ran and self._now - (success or self._job.created) > (limit or _BACK)
        return Verdict.STALE if old and self.expected > (success or _NEVER) else Verdict.WELL

    def _expected(self, until: datetime, grace: timedelta) -> datetime | None:
        """The latest time of the schedule that the cluster let run, and long enough ago."""
        spans = self._timetable.running(until - _BACK, until)
        if not spans or self._cron.every is not None:
            return None
        opens, closes = spans[-1]
        # What is due just before a stop may be cut off, and begins at the next start.
        end = until if closes >= until else closes - grace
        due = self._cron.before(max(end, opens), self._zone)
        lost = due and self._job.deadline and opens - due > self._job.deadline
        return None if lost or due is None or due <= self._job.created else due

    def _start(self, due: datetime) -> datetime | None:
        """When the cluster lets it run: at its time, or at the next start."""
        spans = self._timetable.running(due, due + _BACK)
        return spans[0][0] if spans else None


def _successes(ended: Iterable[Job]) -> list[datetime | None]:
    return [each.ended for each in ended if each.outcome is Outcome.SUCCEEDED]


def _streak(ended: Sequence[Job]) -> int:
    """How many of the newest ended alike; negative when they failed."""
    count = 0
    for each in reversed(ended):
        if each.outcome is not ended[-1].outcome:
            break
        count += 1
    return -count if ended and ended[-1].outcome is Outcome.FAILED else count
