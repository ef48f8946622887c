"""What is wrong with CronJobs, as findings: what their runs say, and what their schedule cannot do.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards import day_moment, duration
from bot.cronwords import in_words
from bot.findings import Severity, Trouble
from bot.jobhealth import JobHealth, Verdict
from bot.joblint import Outlook
from bot.ports.jobs import Outcome

TOPIC = "jobs"
_MOST_WEEKS = 0.8
_WEEKS = 52


def troubles(found: Sequence[JobHealth], now: datetime, zone: ZoneInfo) -> list[Trouble]:
    """Every finding on these CronJobs; `zone` is for the times in their texts."""
    return [
        trouble
        for each in found
        for trouble in (_of_runs(each, now, zone), _of_schedule(each), _of_alert(each, zone))
        if trouble is not None
    ]


def _of_runs(each: JobHealth, now: datetime, zone: ZoneInfo) -> Trouble | None:
    name = each.name
    lines = (f"!jobs logs {name}", f"!jobs run {name}")
    last = f"last success {_ago(each.success, now)}"
    match each.verdict:
        case Verdict.FAILING:
            why = next(
                (j.reason for j in reversed(each.history) if j.outcome is Outcome.FAILED), ""
            )
            text = (
                f"{name} failed {-each.streak} times in a row{f' ({why})' if why else ''}; {last}"
            )
            return Trouble(_id(each, "failing"), Severity.CRITICAL, text, lines)
        case Verdict.OVERDUE:
            text = f"{name} should have run and did not; {last}"
            return Trouble(_id(each, "overdue"), Severity.WARNING, text, lines)
        case Verdict.STALE:
            limit = duration(each.limit or timedelta(0))
            text = f"{name} has not succeeded for more than {limit}; {last}"
            return Trouble(_id(each, "stale"), Severity.WARNING, text, lines)
        case Verdict.UNREADABLE:
            text = f"{name} has a schedule nobody can read: {each.job.schedule}"
            return Trouble(_id(each, "unreadable"), Severity.WARNING, text)
        case Verdict.WELL | Verdict.SUSPENDED:
            return None


def _of_schedule(each: JobHealth) -> Trouble | None:
    look = each.outlook
    if look is None or not (look.never or look.always_late or look.due == 0):
        return None
    if look.due == 0:
        text = f"{each.name}: {each.words} never comes"
        return Trouble(_id(each, "never"), Severity.WARNING, text)
    beginning = f"{each.name}: {each.words} never comes while the cluster runs"
    if look.never:
        said = f"{beginning}: none of {look.due} times a year can run"
        return Trouble(_id(each, "never"), Severity.WARNING, said + _better(each), _fix(each))
    late = duration(look.latest)
    said = f"{beginning}: {look.late} of {look.due} times a year run, up to {late} late"
    return Trouble(_id(each, "late"), Severity.WARNING, said + _better(each), _fix(each))


def _of_alert(each: JobHealth, zone: ZoneInfo) -> Trouble | None:
    look = each.outlook
    if look is None or not look.alarms or each.limit is None or look.never:
        return None
    limit = f"{each.limit / timedelta(hours=1):g} h"
    text = (
        f"{each.name}: an alert on more than {limit} since the last run fires {_when(look, zone)} "
        f"though all is well; Houston does not count it"
    )
    return Trouble(_id(each, "alert"), Severity.NOTE, text, _fix(each))


def by_schedule(trouble: Trouble) -> bool:
    """Whether the schedule is to blame and no run: that does not break, and is not mended by
    waiting."""
    kinds = ("/late", "/never", "/alert", "/unreadable")
    return trouble.id.startswith(f"{TOPIC}/") and trouble.id.endswith(kinds)


def _when(look: Outlook, zone: ZoneInfo) -> str:
    """How often the alert fires, and the weekday it ends on when that is always the same."""
    days = {f"{end.astimezone(zone):%A}" for _, end in look.alarms}
    times = f"{len(look.alarms)} times a year"
    if len(days) == 1 and len(look.alarms) >= _MOST_WEEKS * _WEEKS:
        return f"until every {days.pop()}, {times},"
    return times


def _better(each: JobHealth) -> str:
    if each.proposal is None:
        return ""
    return f"; {in_words(each.proposal, each.job.zone)} is the nearest time that works"


def _fix(each: JobHealth) -> tuple[str, ...]:
    return (f"!schedule fix {each.name}",) if each.proposal else ()


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{duration(now - at)} ago" if at else "never seen"


def _id(each: JobHealth, kind: str) -> str:
    return f"{TOPIC}/{each.name}/{kind}"


def times(each: JobHealth, now: datetime, zone: ZoneInfo) -> str:
    """One line on its last and its next run."""
    parts = []
    if each.last is not None and each.last.started is not None:
        took = f" in {duration(each.last.took)}" if each.last.took else ""
        began = day_moment(each.last.started, zone)
        parts.append(f"last {began}, {_ago(each.last.started, now)}, {each.last.outcome}{took}")
    else:
        parts.append("no run is kept")
    if each.success and (each.last is None or each.last.outcome is not Outcome.SUCCEEDED):
        parts.append(f"last success {_ago(each.success, now)}")
    if each.starts:
        late = "" if each.starts == each.due else " when the cluster starts"
        parts.append(f"next {day_moment(each.starts, zone)}{late}")
    if abs(each.streak) > 1:
        parts.append(f"{abs(each.streak)} {'ok' if each.streak > 0 else 'failed'} in a row")
    if each.trend in {"slower", "faster"}:
        parts.append(f"gets {each.trend}")
    return " · ".join(parts)
