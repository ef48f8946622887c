"""`!schedule list`, `add`, `pause`, `resume`, `run` and `remove`."""

from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Line, Option, Says
from bot.cards import Card, Mark, code, day_moment, duration, plain
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.command import Redirect, command
from bot.errors import Refused
from bot.ports.engine import Json
from bot.request import Request
from bot.roles import Role
from bot.schedule import ScheduleSection, trigger_of
from bot.schedules import Schedules
from bot.settings import ChatSection
from bot.trail import Trail

_GUIDE = "Monitoring Maintenance Jobs"
Name = Annotated[str, Says("NAME")]


@command("schedule list", guide=_GUIDE, manual=("crontab -l",), examples=("!schedule list",))
async def list_(*, schedules: Schedules, clock: Clock, zone: ZoneInfo) -> Card:
    """Show what Houston does by itself, and when next."""
    known = await schedules.all()
    lines = []
    for each, active in known:
        at = schedules.next(each) if active else None
        when = f"next {day_moment(at, zone)}, in {duration(at - clock.now())}" if at else "paused"
        if active and at is None:
            when = "never"
        lines.append(
            f"{code(each.name)} {code(each.command)} · {code(each.cron)} {each.zone} · {when}"
        )
    count = sum(active for _, active in known)
    return Card(
        Mark.INFO,
        f"{count} of {len(known)} schedules are active" if known else "Nothing is scheduled",
        tuple(lines),
        next=('!schedule add morning "30 8 * * mon-fri" !status',),
    )


@command(
    "schedule add",
    role=Role.OPERATOR,
    guide=_GUIDE,
    manual=("crontab -e",),
    examples=('!schedule add morning "30 8 * * mon-fri" !status',),
)
async def add(
    name: Name,
    cron: Annotated[str, Says("CRON")],
    line: Annotated[str, Line, Says("COMMAND")],
    in_zone: Annotated[str | None, Option(), Says("ZONE")] = None,
    room: Annotated[str | None, Option()] = None,
    *,
    schedules: Schedules,
    catalogue: Catalogue,
    settings: ChatSection,
    zone: ZoneInfo,
    trail: Trail,
    request: Request,
) -> Card:
    """Run a command at set times, as the schedule's own account."""
    trigger_of(cron, "UTC")
    known, words = catalogue.of(line)
    known.read(words.arguments)
    wanted = (room or "").lstrip("#")
    if wanted and wanted not in settings.rooms:
        heard = ", ".join(code(f"#{each}") for each in settings.rooms)
        raise Refused(f"I do not talk in {code(f'#{wanted[:40]}')}.", f"There are {heard}")
    made = await schedules.add(
        name=name.lower(),
        cron=cron,
        zone=in_zone or zone.key,
        command=words.line,
        room=wanted,
    )
    await trail.note(request.actor.id, "schedule.added", detail=_detail(made))
    at = schedules.next(made)
    return Card(
        Mark.OK,
        f"{made.name} runs {code(made.command)}",
        (f"Next: {day_moment(at, zone)}, as {code(made.identity)}." if at else "It never fires.",),
        next=(f"!schedule run {made.name}", f"!schedule remove {made.name}"),
    )


@command("schedule pause", role=Role.OPERATOR, examples=("!schedule pause morning",))
async def pause(name: Name, *, schedules: Schedules, trail: Trail, request: Request) -> Card:
    """Let a schedule rest until it is resumed."""
    found = await schedules.pause(name, on=True)
    await trail.note(request.actor.id, "schedule.paused", detail=_detail(found))
    return Card(Mark.OK, f"{found.name} rests", next=(f"!schedule resume {found.name}",))


@command("schedule resume", role=Role.OPERATOR, examples=("!schedule resume morning",))
async def resume(
    name: Name,
    *,
    schedules: Schedules,
    zone: ZoneInfo,
    trail: Trail,
    request: Request,
) -> Card:
    """Let a paused schedule go on; what passed meanwhile is not caught up."""
    found = await schedules.pause(name, on=False)
    await trail.note(request.actor.id, "schedule.resumed", detail=_detail(found))
    at = schedules.next(found)
    when = f"next {day_moment(at, zone)}" if at else "it never fires"
    return Card(Mark.OK, f"{found.name} goes on: {when}", next=("!schedule list",))


@command("schedule run", role=Role.OPERATOR, examples=("!schedule run morning",))
async def run(name: Name, *, schedules: Schedules) -> Redirect:
    """Run a schedule's command now, as yourself."""
    return Redirect((await schedules.named(name)).command)


@command("schedule remove", role=Role.OPERATOR, examples=("!schedule remove morning",))
async def remove(name: Name, *, schedules: Schedules, trail: Trail, request: Request) -> Card:
    """Remove a schedule that was added in chat."""
    if request.actor.id.startswith("schedule:"):
        raise Refused("A schedule does not remove schedules.", "Ask a person to")
    found = await schedules.remove(name)
    await trail.note(request.actor.id, "schedule.removed", detail=_detail(found))
    again = f'!schedule add {found.name} "{found.cron}" {found.command}'
    return Card(Mark.OK, f"{plain(found.name)} is gone", next=(again,))


def _detail(each: ScheduleSection) -> dict[str, Json]:
    return {"schedule": each.name, "cron": each.cron, "line": each.command}
