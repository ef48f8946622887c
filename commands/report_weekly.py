"""`!report weekly`"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import chart, strips
from bot.brief import Brief
from bot.cards import Card, Mark, counted, day_moment, duration, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import HoustonError
from bot.findings import Findings, Known
from bot.jobfindings import times
from bot.jobpicture import picture
from bot.jobsurvey import Surveyor
from bot.parts import Part, judged
from bot.ports.chat import File
from bot.ports.cost import Budget, Cost
from bot.ports.git import Commit
from bot.ports.history import History
from bot.ports.store import Record, Store
from bot.price import allowance
from bot.request import Request
from bot.seen import seen
from bot.upstream import Upstream, Versions
from bot.uptime import Uptimes
from bot.webpage import Chapter, page

_WEEK = timedelta(days=7)
_MOST = 500
_NEWEST, _NAMED, _SUBJECT = 3, 4, 72
"""Subjects and names on the card, and characters of a subject there; the page has all of them."""

Pushed = list[Commit] | HoustonError


@command(
    "report weekly",
    guide="Monitoring Maintenance Jobs",
    manual=("the commands of `!report daily`, and a page of notes",),
    examples=("!report weekly",),
)
async def report_weekly(
    *,
    brief: Brief,
    findings: Findings,
    surveyor: Surveyor,
    cost: Cost,
    uptimes: Uptimes,
    upstream: Upstream,
    store: Store,
    history: History,
    clock: Clock,
    zone: ZoneInfo,
    request: Request,
) -> Card:
    """Report the week, as one HTML file too: what changed, versions behind, risks that are left."""
    now = clock.now()
    parts = await brief.parts()
    found = await judged(parts, findings, request.message_id)
    changes = await _changed(store, now)
    pushed = await seen(history.since(now - _WEEK, _MOST))
    versions = await upstream.look()
    chapters = [
        Chapter("How everything stands", rows=_standing(parts)),
        Chapter("Risks that are left", rows=_risks(await findings.all(), now, zone)),
        Chapter("What changed through Houston", rows=_changes(changes, zone)),
        _of_colleagues(pushed, zone),
        Chapter("Versions", (versions.rocketchat, *versions.blind), versions.rows),
        *await _jobs(surveyor, now, zone),
        *(hours := await _uptime(uptimes, zone)),
        *await _bill(cost),
    ]
    title = f"The week to {now.astimezone(zone):%-d %B %Y}"
    wrong = f"{counted(len(found.loud), 'thing')} to look at" if found.loud else "nothing is wrong"
    return Card(
        Mark.WARNING if found.loud else Mark.OK,
        f"{title}: {wrong}",
        (*found.lines(zone, now), *_lines(changes, pushed, versions, parts, hours)),
        next=found.next or ("!findings",),
        files=_files(f"Houston: {title}", wrong, chapters, now),
    )


async def _changed(store: Store, now: datetime) -> list[Record]:
    recent = await store.operations.recent(_MOST)
    return [each for each in recent if each.created > now - _WEEK]


def _lines(
    changes: Sequence[Record],
    pushed: Pushed,
    versions: Versions,
    parts: Sequence[Part],
    hours: Sequence[Chapter],
) -> list[str]:
    count = f"{counted(len(changes), 'operation')} in the week"
    told = (*(part.line for part in parts), *(chapter.alt for chapter in hours))
    return [count, *_in_git(pushed), *versions.lines, *told]


def _in_git(pushed: Pushed) -> list[str]:
    """Who else changed the repository, and the newest of it; Houston's own commits are apart."""
    if isinstance(pushed, HoustonError):
        return [f"Commits of colleagues are not seen: {plain(pushed.message)}"]
    theirs = [each for each in pushed if not each.operation]
    own = len(pushed) - len(theirs)
    by = Counter(each.author.name for each in theirs).most_common()
    who = ", ".join(f"{plain(name)} {number}" for name, number in by[:_NAMED])
    who += f", {counted(len(by) - _NAMED, 'other')}" if len(by) > _NAMED else ""
    most = "at least " if len(pushed) == _MOST else ""
    count = f"{most}{counted(len(theirs), 'commit')} by colleagues in the week"
    line = f"{count}{f' ({who})' if who else ''}, {own} by Houston"
    newest = "; ".join(plain(each.subject[:_SUBJECT]) for each in theirs[:_NEWEST])
    return [line, f"The newest: {newest}"] if newest else [line]


def _of_colleagues(pushed: Pushed, zone: ZoneInfo) -> Chapter:
    title = "What colleagues changed in git"
    if isinstance(pushed, HoustonError):
        return Chapter(title, (pushed.message,))
    theirs = [each for each in pushed if not each.operation]
    rows = ((day_moment(c.at, zone), c.subject, c.author.name, c.id[:7]) for c in theirs)
    return Chapter(title, rows=[("when", "what", "who", "commit"), *rows])


def _files(title: str, lead: str, chapters: Sequence[Chapter], now: datetime) -> tuple[File, ...]:
    """The page, and its pictures beside it for who reads on a phone."""
    day = f"{now:%Y-%m-%d}"
    pictures = (
        File(f"{chapter.title.lower()}-{day}.png", "image/png", chapter.picture)
        for chapter in chapters
        if chapter.picture
    )
    return (File(f"week-{day}.html", "text/html", page(title, lead, chapters)), *pictures)


def _standing(parts: Sequence[Part]) -> list[tuple[str, ...]]:
    words = {True: "well", False: "to look at", None: "not seen"}
    return [("part", "", "what"), *((part.topic, words[part.ok], part.text) for part in parts)]


def _risks(known: Sequence[Known], now: datetime, zone: ZoneInfo) -> list[tuple[str, ...]]:
    return [
        ("since", "what", "who"),
        *(
            (
                f"{day_moment(each.since, zone)}, {duration(now - each.since)}",
                each.trouble.text,
                each.by or "nobody yet",
            )
            for each in known
        ),
    ]


def _changes(changes: Sequence[Record], zone: ZoneInfo) -> list[tuple[str, ...]]:
    return [
        ("when", "what", "who", "end"),
        *((day_moment(c.created, zone), c.title, c.requester, str(c.state)) for c in changes),
    ]


async def _jobs(surveyor: Surveyor, now: datetime, zone: ZoneInfo) -> list[Chapter]:
    survey = await seen(surveyor.survey())
    if isinstance(survey, HoustonError):
        return [Chapter("CronJobs", (survey.message,))]
    drawn = picture(survey.found, survey.timetable, now, zone)
    png = await asyncio.to_thread(strips.png, drawn)
    rows = [
        ("job", "when", "verdict", "runs"),
        *((e.name, e.words, str(e.verdict), times(e, now, zone)) for e in survey.found),
    ]
    return [Chapter("CronJobs", rows=rows, picture=png, alt="Each run, as in the table below")]


async def _uptime(uptimes: Uptimes, zone: ZoneInfo) -> list[Chapter]:
    week = await seen(uptimes.look())
    if isinstance(week, HoustonError):
        return []
    drawn = await asyncio.to_thread(strips.png, week.picture(zone))
    return [Chapter("Uptime", (week.line,), picture=drawn, alt=week.line)]


async def _bill(cost: Cost) -> list[Chapter]:
    spent, budget = await seen(cost.month()), await seen(cost.budget())
    if isinstance(spent, HoustonError) or not spent.days:
        return []
    total, level = f"{spent.total:.2f} {spent.currency} so far", None
    if isinstance(budget, Budget):
        level = ("budget by day", allowance(budget, spent.days[0][0]))
        total += f"; budget {budget.spent:.0f} of {budget.amount:.0f} {budget.currency}"
    bars = chart.Bars(
        f"{spent.currency} by day of this month", spent.currency, spent.days, level=level
    )
    png = await asyncio.to_thread(chart.png, bars)
    return [Chapter("Bill", (total,), picture=png, alt=total)]
