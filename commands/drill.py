"""`!drill list`, `start`, `stop` and what is typed while one runs."""

from typing import Annotated

from bot import scoresheet
from bot.arguments import Says
from bot.cards import Card, Mark, code, counted, duration, plain
from bot.clock import Clock
from bot.command import command
from bot.drillbook import DRILLS, named
from bot.drills import Drills
from bot.request import Request
from bot.roles import Role


@command("drill list", examples=("!drill list",))
async def list_() -> Card:
    """Show the drills: simulated faults to practise on with the real commands."""
    lines = tuple(f"{code(drill.name)} {plain(drill.title)}" for drill in DRILLS.values())
    first = next(iter(DRILLS))
    title = f"{counted(len(DRILLS), 'drill')}, each in a world of its own: nothing real is touched"
    return Card(Mark.INFO, title, lines, next=(f"!drill start {first}", "!drill scores"))


@command("drill start", role=Role.OPERATOR, examples=("!drill start mongo-missing-configmap",))
async def start(name: Annotated[str, Says("NAME")], *, drills: Drills, request: Request) -> Card:
    """Begin a drill: this thread leads to its simulated world until it is over."""
    drill, code_ = await drills.start(name, request)
    first = drill.moves[0]
    return Card(
        Mark.RUNNING,
        f"{plain(drill.title)} · drill {drill.name} · {code_}",
        (
            plain(drill.symptom),
            "Type in *this thread*: it leads to a simulated world, and no other message does.",
            f"First step: {code(first.line)}, {plain(first.why)}.",
            "`!drill approve CODE` lets a simulated colleague approve, when you fly alone.",
        ),
        next=(first.line, "!drill status", "!drill stop"),
    )


@command("drill status", examples=("!drill status",))
async def status(*, drills: Drills, clock: Clock, request: Request) -> Card:
    """Show how the drill of this thread stands, and the next step of its runbook."""
    rehearsal = drills.here(request)
    drill, sheet = rehearsal.drill, rehearsal.sheet
    move = rehearsal.next_move
    gone = duration(clock.now() - sheet.started)
    return Card(
        Mark.RUNNING,
        f"Drill {drill.name} runs for {gone} · {sheet.code}",
        (
            *scoresheet.rows(sheet, so_far=True),
            *((f"Next by the runbook: {code(move.line)}, {plain(move.why)}",) if move else ()),
        ),
        next=(*((move.line,) if move else ()), "!drill stop"),
    )


@command("drill approve", role=Role.OPERATOR, examples=("!drill approve 7F3K",))
async def approve(code_: Annotated[str, Says("CODE")], *, drills: Drills, request: Request) -> Card:
    """In a drill, let a simulated colleague on call approve; the next one each time."""
    name = await drills.approve(request, code_)
    return Card(Mark.OK, f"{name}, who is simulated, approves {plain(code_)}")


@command("drill byhand", role=Role.OPERATOR, examples=("!drill byhand",))
async def byhand(*, drills: Drills, request: Request) -> Card:
    """In a drill, have done what has to be done outside of Houston."""
    return Card(Mark.OK, plain(await drills.by_hand(request)))


@command("drill stop", role=Role.OPERATOR, examples=("!drill stop",))
async def stop(*, drills: Drills, request: Request) -> Card:
    """End the drill of this thread; its sheet is posted as it is."""
    rehearsal = drills.here(request)
    rehearsal.end(f"stopped by {request.actor.username}")
    return Card(Mark.OK, f"Drill {rehearsal.drill.name} is stopped", next=("!drill scores",))


@command("drill scores", examples=("!drill scores",))
async def scores(*, drills: Drills) -> Card:
    """Show the score sheets of the last drills."""
    return await drills.scores()


@command("drill runbook", examples=("!drill runbook disk-pressure",))
async def runbook(name: Annotated[str, Says("NAME")]) -> Card:
    """Show every line by which a drill can be flown."""
    drill = named(name)
    lines = tuple(f"{n}. {code(m.line)}: {plain(m.why)}" for n, m in enumerate(drill.moves, 1))
    by_hand = (f"By hand: {plain(drill.by_hand)}",) if drill.by_hand else ()
    title = f"{plain(drill.title)} · {drill.name}"
    return Card(Mark.INFO, title, (*lines, *by_hand), next=(f"!drill start {drill.name}",))
