"""`!report daily`"""

import asyncio
from zoneinfo import ZoneInfo

from bot.brief import Brief
from bot.cards import Card, Mark, code, counted
from bot.chain import anchor
from bot.clock import Clock
from bot.command import command
from bot.errors import HoustonError
from bot.findings import Findings
from bot.parts import judged
from bot.ports.audit import Audit
from bot.request import Request
from bot.seen import seen
from bot.uptime import Uptimes, attached


@command(
    "report daily",
    guide="Check Application Status",
    manual=("argocd app list", "kubectl get pods -A", "kubectl get nodes", "the Azure portal"),
    examples=("!report daily",),
)
async def report_daily(
    *,
    brief: Brief,
    findings: Findings,
    uptimes: Uptimes,
    audit: Audit,
    clock: Clock,
    zone: ZoneInfo,
    request: Request,
) -> Card:
    """Report how everything stands, from the cluster's power to who is on call."""
    parts, week = await asyncio.gather(brief.parts(), seen(uptimes.look()))
    found = await judged(parts, findings, request.message_id)
    blind = sum(part.ok is None for part in parts)
    wrong = len(found.loud)
    new = sum(each in found.new for each in found.loud)
    said = () if isinstance(week, HoustonError) else (week.line,)
    trail = f"The audit trail ends at {code(anchor(await audit.head()))}."
    title = "All is well"
    if wrong:
        title = f"{counted(wrong, 'thing')} to look at, {new or 'none'} new"
    elif blind:
        title = f"Nothing is wrong where Houston can see; {counted(blind, 'part')} cannot be seen"
    return Card(
        Mark.WARNING if wrong or blind else Mark.OK,
        title,
        (*found.lines(zone, clock.now()), *(part.line for part in parts), *said, trail),
        next=found.next or ("!report weekly",),
        files=await attached(week, zone),
    )
