"""`!report jobs`"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import Card, Mark, code, plain, table, text_file
from bot.clock import Clock
from bot.command import command
from bot.findings import Findings, Judged
from bot.jobfindings import TOPIC, times, troubles
from bot.jobhealth import JobHealth, Verdict
from bot.jobpicture import picture
from bot.jobsurvey import Survey, Surveyor
from bot.ports.chat import File
from bot.request import Request
from bot.strips import png

_SHOWN = 12
"""CronJobs on the card; the rest stand in a file."""


@command(
    "report jobs",
    guide="Monitoring Maintenance Jobs",
    manual=("kubectl get cronjobs,jobs -n monitoring", "the dashboard AKS Maintenance Jobs"),
    examples=("!report jobs",),
)
async def report_jobs(
    *, surveyor: Surveyor, findings: Findings, clock: Clock, zone: ZoneInfo, request: Request
) -> Card:
    """Report how each CronJob fares, against the hours the cluster is really on."""
    survey = await surveyor.survey()
    now = clock.now()
    found = sorted(survey.found, key=lambda each: (each.verdict is Verdict.WELL, each.name))
    judged = await findings.judge(TOPIC, troubles(found, now, zone), request.message_id)
    lines = [line for each in found[:_SHOWN] for line in _lines(each, now, zone)]
    if len(found) > _SHOWN:
        lines.append(f"{len(found) - _SHOWN} more are in the file")
    if survey.blind:
        lines.append(f"? The cluster's hours are not known: {plain(survey.blind)}")
    return Card(
        Mark.WARNING if judged.loud else Mark.OK,
        _title(found, judged),
        (*judged.lines(zone, now), *lines),
        next=judged.next,
        files=(
            *((_file(found, now, zone),) if len(found) > _SHOWN else ()),
            *((await _picture(found, survey, now, zone),) if found else ()),
        ),
    )


async def _picture(
    found: Sequence[JobHealth], survey: Survey, now: datetime, zone: ZoneInfo
) -> File:
    drawn = await asyncio.to_thread(png, picture(found, survey.timetable, now, zone))
    return File(f"cronjobs-{now:%Y-%m-%d}.png", "image/png", drawn)


def _title(found: Sequence[JobHealth], judged: Judged) -> str:
    if not found:
        return "There are no CronJobs"
    wrong = {each.trouble.id.split("/")[1] for each in judged.loud}
    if not wrong:
        return f"All {len(found)} CronJobs are well" if len(found) > 1 else "The CronJob is well"
    new = "" if judged.new else ", nothing new"
    need = "needs" if len(wrong) == 1 else "need"
    return f"{len(wrong)} of {len(found)} CronJobs {need} attention{new}"


_SYMBOLS = {Verdict.WELL: "✔", Verdict.SUSPENDED: "⏸"}


def _lines(each: JobHealth, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    head = f"{_symbol(each)} {code(each.name)} {plain(each.words)} · {_verdict(each)}"
    return head, plain(times(each, now, zone))


def _symbol(each: JobHealth) -> str:
    return _SYMBOLS.get(each.verdict, "✘")


def _verdict(each: JobHealth) -> str:
    """Well, though late: the schedule is to blame, not the run."""
    late = each.outlook is not None and each.outlook.always_late
    return "late, as expected" if late and each.verdict is Verdict.WELL else str(each.verdict)


def _file(found: Sequence[JobHealth], now: datetime, zone: ZoneInfo) -> File:
    rows = [
        (_symbol(each), each.job.namespace, each.name, each.words, _verdict(each),
         times(each, now, zone))
        for each in found
    ]  # fmt: skip
    return text_file("cronjobs.txt", f"{table(rows)}\n")
