"""`!findings`, `!ack FINDING` and `!mute FINDING TIME REASON`"""

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Rest, Says
from bot.cards import Card, Mark, code, day_moment, duration, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import UsageError
from bot.findings import Findings, Known, Severity
from bot.request import Request
from bot.roles import Role
from bot.trail import Trail

Id = Annotated[str, Says("FINDING")]
_LONGEST = timedelta(days=30)


@command("findings", examples=("!findings",))
async def findings_(*, findings: Findings, clock: Clock, zone: ZoneInfo) -> Card:
    """Show everything reports found wrong, since when, and what is muted until when."""
    known, mutes = await findings.all(), {each.id: each for each in await findings.mutes()}
    lines = []
    for each in known:
        mute = mutes.get(each.trouble.id)
        quiet = f" · muted until {day_moment(mute.until, zone)} by {plain(mute.by)}" if mute else ""
        lines.append(_line(each, clock, zone) + quiet)
    loud = [each for each in known if each.trouble.severity > Severity.NOTE]
    return Card(
        Mark.WARNING if loud else Mark.OK,
        f"{len(known)} findings" if known else "Nothing is known to be wrong",
        tuple(lines),
        next=(f"!ack {known[0].trouble.id}",) if known else ("!report jobs",),
    )


def _line(each: Known, clock: Clock, zone: ZoneInfo) -> str:
    age = f"since {day_moment(each.since, zone)}, {duration(clock.now() - each.since)}"
    taken = f" · {plain(each.by)} deals with it" if each.by else ""
    trouble = each.trouble
    level = trouble.severity.name.lower()
    return f"{code(trouble.id)} {level}: {plain(trouble.text)} · {age}{taken}"


@command("ack", role=Role.OPERATOR, examples=("!ack jobs/k3s-image-prune/late",))
async def ack(finding: Id, *, findings: Findings, trail: Trail, request: Request) -> Card:
    """Say that you deal with a finding: reports fold it from now on."""
    taken = await findings.acknowledge(finding, request.actor.username)
    await trail.note(request.actor.id, "finding.acknowledged", detail={"finding": taken.trouble.id})
    return Card(
        Mark.OK,
        f"{plain(request.actor.username)} deals with {code(taken.trouble.id)}",
        (plain(taken.trouble.text),),
        next=taken.trouble.next or ("!findings",),
    )


@command("mute", role=Role.OPERATOR, examples=("!mute jobs/k3s-image-prune/late 3d moved in May",))
async def mute(
    finding: Id,
    time: timedelta,
    reason: Annotated[str, Rest],
    *,
    findings: Findings,
    clock: Clock,
    zone: ZoneInfo,
    trail: Trail,
    request: Request,
) -> Card:
    """Let no report show a finding for a while, at most 30 days."""
    if not timedelta(0) < time <= _LONGEST:
        raise UsageError(
            "A finding is muted for at most 30 days.", f"`!mute {finding} 3d {reason}`"
        )
    until = clock.now() + time
    muted = await findings.mute(finding, until, reason, request.actor.username)
    await trail.note(
        request.actor.id,
        "finding.muted",
        detail={"finding": muted.trouble.id, "until": until.isoformat(), "reason": reason},
    )
    return Card(
        Mark.OK,
        f"{code(muted.trouble.id)} is muted until {day_moment(until, zone)}",
        (plain(reason),),
        next=("!findings",),
    )
