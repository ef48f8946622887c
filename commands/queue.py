"""`!queue add`, `list` and `drop`: what waits for the next start of the cluster."""

from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Line, Says
from bot.cards import Card, Mark, code, day_moment, duration, plain
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.command import Operation, command
from bot.errors import Refused, UsageError
from bot.policy import Policy
from bot.ports.store import DOORS
from bot.queue import Queue
from bot.request import Request
from bot.roles import Role
from bot.stops import Stops


@command("queue add", role=Role.OPERATOR, examples=("!queue add !upgrade 7.13.2",))
async def add(
    line: Annotated[str, Line, Says("COMMAND")],
    *,
    queue: Queue,
    stops: Stops,
    catalogue: Catalogue,
    policy: Policy,
    clock: Clock,
    zone: ZoneInfo,
    request: Request,
) -> Card:
    """Run a command after the next start of the cluster, planned anew and approved then."""
    known, words = catalogue.of(line)
    known.read(words.arguments)
    if not isinstance(known, Operation):
        raise UsageError(f"{code(words.line)} changes nothing: it need not wait.", "Type it now")
    if not policy.may(request.actor.id, known.role):
        raise Refused(f"{code(words.line)} needs the role {known.role}.", "`!whoami`")
    if request.room_id in DOORS:
        raise Refused("What is queued is answered in chat.", "Say it in an ops room")
    power = await stops.power()
    after = power.next_start if power else None
    made = await queue.add(request, words.line, clock.now(), after)
    when = f"{day_moment(after, zone)}, or an earlier one" if after else "whenever that is"
    return Card(
        Mark.WAITING,
        f"{code(made.line)} waits for the next start · {made.code}",
        (f"Next start: {when}. It is planned anew then, and needs its votes then.",),
        next=(f"!queue drop {made.code}", "!queue list"),
    )


@command("queue list", examples=("!queue list",))
async def list_(*, queue: Queue, clock: Clock, zone: ZoneInfo) -> Card:
    """Show what waits for the next start of the cluster."""
    waiting = await queue.all()
    lines = tuple(
        f"{code(each.code)} {code(each.line)} · {plain(each.actor)}, "
        f"{duration(clock.now() - each.at)} ago"
        + (f" · from {day_moment(each.after, zone)}" if each.after else "")
        for each in waiting
    )
    title = f"{len(waiting)} wait for the next start" if waiting else "Nothing waits"
    return Card(Mark.INFO, title, lines, next=tuple(f"!queue drop {w.code}" for w in waiting[:2]))


@command("queue drop", role=Role.OPERATOR, examples=("!queue drop 7F3KA",))
async def drop(code_: Annotated[str, Says("CODE")], *, queue: Queue) -> Card:
    """Take a command out of the queue."""
    gone = await queue.drop(code_)
    return Card(Mark.OK, f"{code(gone.line)} waits no longer", next=(gone.line, "!queue list"))
