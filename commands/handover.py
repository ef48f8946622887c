"""`!handover` and `!handover accept CODE`"""

import asyncio
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Says
from bot.brief import Brief
from bot.cards import Card, Mark, code, counted, day_moment, plain
from bot.clock import Clock
from bot.command import command
from bot.findings import Findings, Known, Severity
from bot.handovers import TAKE, Handovers
from bot.incident import Incidents, Told
from bot.ports.store import Record, Store
from bot.request import Request, code_of

_MOST = 100


@command(
    "handover",
    guide="the rota",
    manual=(
        "argocd app list",
        "kubectl get events -A --field-selector type=Warning",
        "git log --since=12.hours",
        "read what was said in the room since the shift began",
    ),
    examples=("!handover", "!handover 24h"),
)
async def handover(
    time: timedelta = timedelta(hours=12),
    *,
    brief: Brief,
    findings: Findings,
    store: Store,
    incidents: Incidents,
    handovers: Handovers,
    clock: Clock,
    zone: ZoneInfo,
    request: Request,
) -> Card:
    """Say what the next one on call must know: what is open, what is temporary, what changed."""
    parts, known, recent = await asyncio.gather(
        brief.standing(), findings.all(), store.operations.recent(_MOST)
    )
    since = clock.now() - time
    changed = [each for each in recent if each.created > since]
    muted = {each.id for each in await findings.mutes()}
    wrong = [each for each in known if each.trouble.severity > Severity.NOTE]
    loud = [each for each in wrong if each.trouble.id not in muted]
    accept = f"!handover accept {code_of(request.message_id)}"
    card = Card(
        Mark.WARNING if loud else Mark.OK,
        f"{counted(len(loud), 'thing')} open, {counted(len(changed), 'operation')} since "
        f"{day_moment(since, zone)}",
        (
            *(_open(each, zone) for each in await incidents.left()),
            *(_finding(each, zone, quiet=each.trouble.id in muted) for each in wrong),
            *(part.line for part in parts),
            *(_operation(each, zone) for each in changed),
            f"Who takes over reacts with {TAKE}, or types {code(accept)}",
        ),
        next=("!report daily", "!oncall"),
        taps={TAKE: accept},
    )
    await handovers.offer(request, card)
    return card


@command(
    "handover accept",
    guide="the rota",
    manual=("write in the room that you take over",),
    examples=("!handover accept 7F3K",),
)
async def accept(
    code_: Annotated[str, Says("CODE")], *, handovers: Handovers, request: Request
) -> Card:
    """Say that you take over: it is written down, and shown on the handover itself."""
    return Card(Mark.OK, await handovers.take(code_, request.actor), next=("!oncall take 12h",))


def _open(each: Told, zone: ZoneInfo) -> str:
    since = day_moment(each.since, zone)
    return f"✘ open incident: {plain(each.trouble.text)} {code(each.trouble.id)} · since {since}"


def _finding(each: Known, zone: ZoneInfo, *, quiet: bool) -> str:
    who = f"{plain(each.by)} deals with it" if each.by else "nobody deals with it yet"
    muted = " · muted" if quiet else ""
    since = day_moment(each.since, zone)
    return f"✘ {plain(each.trouble.text)} {code(each.trouble.id)} · since {since} · {who}{muted}"


def _operation(each: Record, zone: ZoneInfo) -> str:
    when = day_moment(each.created, zone)
    return (
        f"{code(each.code)} {plain(each.title)} · {plain(each.requester)} · {when} · {each.state}"
    )
