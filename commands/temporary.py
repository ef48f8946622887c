"""`!temporary` and `!temporary end CODE`: states that are meant to end."""

from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Says
from bot.cards import Card, Mark, code, counted, day_moment, duration, plain
from bot.clock import Clock
from bot.command import command
from bot.request import Request
from bot.roles import Role
from bot.temporary import Ledger
from bot.trail import Trail


@command("temporary", examples=("!temporary",))
async def temporary(*, ledger: Ledger, clock: Clock, zone: ZoneInfo) -> Card:
    """Show every temporary state: whose, why, until when, and what ends it."""
    states = await ledger.all()
    now = clock.now()
    lines = []
    for each in states:
        left = each.expires - now
        when = f"in {duration(left)}" if each.expires > now else f"over for {duration(-left)}"
        lines.append(
            f"{code(each.code)} {plain(each.title)} · {plain(each.owner)}: {plain(each.reason)} · "
            f"until {day_moment(each.expires, zone)}, {when}"
        )
        if each.trouble:
            lines.append(f"✘ {plain(each.trouble)}")
    stuck = any(each.trouble for each in states)
    return Card(
        Mark.WARNING if stuck else Mark.INFO,
        counted(len(states), "temporary state") if states else "Nothing is temporary",
        tuple(lines),
        next=tuple(f"!temporary end {each.code}" for each in states[:2]),
    )


@command("temporary end", role=Role.OPERATOR, examples=("!temporary end 7F3K",))
async def end(
    code_: Annotated[str, Says("CODE")],
    *,
    ledger: Ledger,
    clock: Clock,
    trail: Trail,
    request: Request,
) -> Card:
    """Take a temporary state back before its time."""
    state = await ledger.expire(code_, clock.now())
    await trail.note(request.actor.id, "temporary.shortened", target=state.title)
    return Card(
        Mark.OK, f"{plain(state.title)} is taken back within a minute", next=("!temporary",)
    )
