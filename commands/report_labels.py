"""`!report labels`"""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.brief import Brief
from bot.cards import Card, Mark, day_moment, duration, plain, table
from bot.clock import Clock
from bot.command import command
from bot.coverage import png, shares
from bot.errors import HoustonError
from bot.findings import Findings
from bot.links import first_broken
from bot.parts import judged
from bot.pipeline import Pipeline
from bot.ports.chat import File
from bot.ports.metrics import Metrics, Series
from bot.request import Request
from bot.seen import seen

_WIDEST = 24
_ID = "labels/lost"


@command(
    "report labels",
    guide='Incident: Grafana "Rocket.Chat Metrics" Dashboard shows N/A / No data',
    manual=("rocketchat_info in Grafana Explore, and compare its labels",),
    examples=("!report labels",),
)
async def report_labels(
    *,
    brief: Brief,
    metrics: Metrics,
    pipeline: Pipeline,
    findings: Findings,
    clock: Clock,
    zone: ZoneInfo,
    request: Request,
) -> Card:
    """Report the labels the dashboard filters by: expected, found, since when they are lost."""
    part = await brief.labels()
    series = await seen(metrics.query(pipeline.query))
    found = await judged([part], findings, request.message_id)
    now, known = clock.now(), {each.trouble.id: each for each in await findings.all()}
    lines = found.lines(zone, now)
    if _ID in known:
        since = known[_ID].since
        lines = (*lines, f"Lost since {day_moment(since, zone)}, {duration(now - since)}")
    broken = first_broken(await brief.scraping.links())
    if isinstance(series, HoustonError):
        lines = (*lines, f"? {plain(series.message)}")
        series = []
    well = part.ok is True
    title = f"All {len(pipeline.labels)} labels are on {len(series)} series"
    if broken is not None:
        word = "lost" if broken.ok is False else "not seen"
        title = f"The labels are {word}: {plain(broken.name)}, {plain(broken.text)}"
    return Card(
        Mark.OK if well else Mark.WARNING,
        title,
        lines,
        block=_table(pipeline, series),
        files=await _files(pipeline, series, now),
        next=("!metrics check",) if not well else ("!report daily",),
    )


async def _files(pipeline: Pipeline, series: list[Series], now: datetime) -> tuple[File, ...]:
    if not pipeline.labels:
        return ()
    drawn = await asyncio.to_thread(png, shares(pipeline.labels, series))
    return (File(f"labels-{now:%Y-%m-%d}.png", "image/png", drawn),)


def _table(pipeline: Pipeline, series: list[Series]) -> str:
    rows = [("", "LABEL", "EXPECTED", "FOUND")]
    for label, expected in pipeline.labels.items():
        values = sorted({one.labels.get(label, "") for one in series})
        shown = ", ".join(value or "(none)" for value in values) or "no series"
        good = values == [expected] or (bool(values) and not expected and "" not in values)
        rows.append(("✔" if good else "✘", label, _cut(expected or "any"), _cut(shown)))
    return table(rows)


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
