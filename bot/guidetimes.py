"""What an operations guide says of times, held against schedules and the cluster's hours. Pure."""

from __future__ import annotations

from datetime import timedelta

from bot import guideclaims as c
from bot.cron import Cron
from bot.cronwords import in_words
from bot.errors import UsageError
from bot.guideclaims import Claim
from bot.guidefacts import Facts, Timed, Verdict
from bot.joblint import Outlook, outlook
from bot.power import Days, Weekly, zone_of

_WEEKEND = frozenset({5, 6})


def hour(claim: c.Hour, facts: Facts) -> Verdict:
    """Against the schedule that starts or stops the cluster."""
    what = "starts" if claim.starts else "stops"
    said = f"the cluster {what} at {claim.at:%H:%M}"
    table = facts.timetable
    if table is None:
        return Verdict(claim, None, said, facts.why("hours"))
    live = table.start if claim.starts else table.stop
    if live is None:
        return Verdict(claim, False, said, f"no schedule {what} it")
    return Verdict(claim, live.at == claim.at, said, f"the schedule {what} it {_weekly(live)}")


def weekend(claim: c.Weekend, facts: Facts) -> Verdict:
    """Against the days it is started on."""
    said = "the cluster is off at weekends"
    if facts.timetable is None or facts.timetable.start is None:
        return Verdict(claim, None, said, facts.why("hours"))
    start = facts.timetable.start
    return Verdict(claim, not start.days.numbers & _WEEKEND, said, f"it starts {_weekly(start)}")


def runs(claim: c.Runs, facts: Facts) -> Verdict:
    """Against the CronJob as it is, and against the hours the cluster runs."""
    days = f"{claim.days} " if claim.days else ""
    said = f"{claim.job} runs {days}at {claim.at:%H:%M} {claim.zone}".rstrip()
    job = _job(claim.job, facts)
    if job is None:
        return _no_job(claim, said, claim.job, facts)
    try:
        cron, words = Cron.read(job.schedule), in_words(job.schedule, job.zone)
    except ValueError as error:
        return Verdict(claim, False, said, f"{job.where}: {error}")
    evidence = f"{job.where}: {words}"
    if job.suspended:
        evidence += ", but it is suspended: it does not run"
    if job.suspended or not _as_said(claim, cron, job):
        return Verdict(claim, False, said, evidence)
    look = _outlook(cron, job, facts)
    if look is None:
        return Verdict(claim, True, said, f"{evidence}; the cluster's hours: {facts.why('hours')}")
    if look.on_time == 0 and look.due:
        late = "at the next start" if look.late else "never"
        text = f"{evidence}, but the cluster is off at each of these times: it runs {late}"
        return Verdict(claim, False, said, text)
    return Verdict(claim, True, said, evidence)


def _as_said(claim: c.Runs, cron: Cron, job: Timed) -> bool:
    minutes = claim.at.hour * 60 + claim.at.minute
    same = cron.times == (minutes,) and _same_days(cron, claim.days)
    return same and _same_zone(claim, job)


def alert(claim: c.Alert, facts: Facts) -> Verdict:
    """Against the longest pause between two runs, with the hours the cluster is off."""
    limit = claim.limit / timedelta(hours=1)
    said = f"alert when {claim.job} has not run for {limit:g} h"
    job = _job(claim.job, facts)
    if job is None:
        return _no_job(claim, said, claim.job, facts)
    try:
        look = _outlook(Cron.read(job.schedule), job, facts, claim.limit)
    except ValueError as error:
        return Verdict(claim, False, said, f"{job.where}: {error}")
    if job.suspended:
        return Verdict(claim, False, said, f"it fires for ever: {job.where}, it is suspended")
    if look is None:
        return Verdict(claim, None, said, facts.why("hours"))
    if fires := _fires(look, claim.limit):
        return Verdict(claim, False, said, fires)
    return Verdict(claim, True, said, "no pause between two runs is as long, by its schedule")


def _fires(look: Outlook, limit: timedelta) -> str:
    """When such an alert fires though nobody broke anything; empty when it does not."""
    if look.runs == 0:
        why = "no time of its schedule comes" if look.due == 0 else "it never can run"
        return f"it fires for ever: by the schedule and the cluster's hours {why}"
    if not look.alarms:
        return ""
    gap = (max(end - begin for begin, end in look.alarms) + limit) / timedelta(hours=1)
    return (
        f"it fires {len(look.alarms)} times a year though all is well: by the schedule and the "
        f"cluster's hours up to {gap:g} h lie between two runs"
    )


def job_name(claim: c.JobName, facts: Facts) -> Verdict:
    """Whether there is such a CronJob."""
    said = f"there is a CronJob {claim.name}"
    job = _job(claim.name, facts)
    if job is None:
        return _no_job(claim, said, claim.name, facts)
    return Verdict(claim, True, said, job.where)


def _job(name: str, facts: Facts) -> Timed | None:
    """Live before declared: what runs is what counts."""
    live = (facts.jobs or {}).get(name)
    return live or (facts.declared.jobs.get(name) if facts.jobs is None else None)


def _no_job(claim: Claim, said: str, name: str, facts: Facts) -> Verdict:
    if facts.jobs is None:
        return Verdict(claim, None, said, facts.why("jobs"))
    file = facts.declared.jobs.get(name)
    more = f"; {file.where} declares it" if file else ""
    return Verdict(claim, False, said, f"the cluster has no CronJob of that name{more}")


def _outlook(
    cron: Cron, job: Timed, facts: Facts, limit: timedelta | None = None
) -> Outlook | None:
    table = facts.timetable
    if table is None or cron.every is not None:
        return None
    begin = facts.now.replace(second=0, microsecond=0)
    zone = zone_of(job.zone)
    return outlook(cron, zone, table, begin, deadline=job.deadline, limit=limit)


def _same_days(cron: Cron, days: Days | None) -> bool:
    """Cron counts from Sunday, `Days` from Monday."""
    if days is None:
        return True
    weekly = frozenset((number - 1) % 7 for number in cron.weekdays)
    return not cron.either and len(cron.days) == 31 and weekly == days.numbers


def _same_zone(claim: c.Runs, job: Timed) -> bool:
    """Whether both mean one zone; a guide that names none means any, and an abbreviation counts
    as its zone's."""
    if not claim.zone:
        return True
    try:
        return zone_of(claim.zone) == zone_of(job.zone)
    except UsageError:
        return False


def _weekly(weekly: Weekly) -> str:
    return f"{weekly.days} at {weekly.at:%H:%M} ({weekly.zone.key})"
