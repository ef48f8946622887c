"""`houston drill`: a drill at a terminal, without any configuration."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TextIO

from bot import scoresheet
from bot.bootstrap import catalogue
from bot.cards import code
from bot.clock import Clock, SystemClock
from bot.doorway import readable
from bot.drill import Drill, Shown, Stages, marked
from bot.drillbook import named
from bot.errors import HoustonError
from bot.patience import Patience
from bot.ports.audit import Entry
from bot.ports.chat import Author
from bot.rehearsal import Rehearsal
from bot.request import code_of
from bot.roles import Role
from bot.roster import Person
from bot.scoresheet import Sheet
from bot.stage import SPEED, SimulatedStages

Echo = Callable[[str], object]
_YOU = Author("uYou", "you")


async def fly(
    name: str,
    echo: Echo,
    *,
    lines: TextIO = sys.stdin,
    speed: float = SPEED,
    stages: Stages | None = None,
    clock: Clock | None = None,
) -> int:
    """Take lines until the drill is over. Gives 0 when it ended verified.

    Args:
        lines: what is typed. From a person each line is taken at once; from a file or a pipe when
            the one before was answered and what it began has ended.
        speed: simulated seconds in one of a person's.

    Raises:
        UsageError: for an unknown name.
    """
    drill = named(name)
    clock = clock or SystemClock()
    you = Person(
        id=_YOU.id, name="You", email="you@drill.invalid", roles=frozenset({Role.OPERATOR})
    )
    stage = await (stages or SimulatedStages(speed)).open(drill, (you,), clock)
    now = clock.now()
    sheet = Sheet(code_of(now.isoformat(), 5), drill.name, now, _YOU.username)

    async def show(shown: Shown) -> None:
        echo("\n" + readable(shown.text))

    rehearsal = Rehearsal(
        stage, drill, sheet, Patience(), commands=catalogue(), clock=clock, show=show, note=_forget
    )
    _begin(drill, echo)
    done = await _played(rehearsal, lines, echo)
    shown = replace(scoresheet.card(done, None), next=(f"houston drill {drill.name}",))
    echo("\n" + readable(marked(shown.text())))
    return 0 if done.verified else 1


async def _played(rehearsal: Rehearsal, lines: TextIO, echo: Echo) -> Sheet:
    """Play until it is over, or no more lines come."""
    playing = asyncio.create_task(rehearsal.play())
    typing = asyncio.create_task(_take(rehearsal, lines, echo))
    await asyncio.wait((playing, typing), return_when=asyncio.FIRST_COMPLETED)
    if not playing.done():
        rehearsal.end("no more lines came")
    typing.cancel()
    return await playing


def _begin(drill: Drill, echo: Echo) -> None:
    first = drill.moves[0]
    echo(f"DRILL {drill.name}: {drill.title}")
    echo(drill.symptom)
    echo(f"First step: {first.line}, {first.why}.")
    echo("`!drill approve CODE` lets a simulated colleague approve, `!drill stop` ends it.")


async def _take(rehearsal: Rehearsal, lines: TextIO, echo: Echo) -> None:
    """Each line to where it belongs, until there are no more."""
    person = lines.isatty()
    while line := await asyncio.to_thread(lines.readline):
        if not line.strip():
            continue
        if not person:
            echo(f"\n> {line.strip()}")
        try:
            said = await _typed(rehearsal, line.strip())
        except HoustonError as error:
            said = f"{error.message} {error.hint}"
        if said:
            echo(f"DRILL · {said}")
        if not person:
            await rehearsal.settled()
    if person:
        return
    # What the last line began may end verified a little later.
    await rehearsal.settled()


async def _typed(rehearsal: Rehearsal, line: str) -> str:
    """Gives what is to be said at once. Raises HoustonError."""
    words = line.split()
    match words:
        case ["!drill", "stop"]:
            rehearsal.end("stopped")
            return "It is stopped"
        case ["!drill", "byhand"]:
            return await rehearsal.by_hand(_YOU)
        case ["!drill", "approve", said]:
            return f"{await rehearsal.approve(said)}, who is simulated, approves"
        case ["!drill", "status"]:
            move = rehearsal.next_move
            return f"Next by the runbook: {move.line}, {move.why}" if move else "All of it is typed"
        case ["!drill", *_]:
            return f"{code(line)} is nothing to type here"
        case _:
            await rehearsal.say(_YOU, line if line.startswith("!") else f"!{line}")
            return ""


async def _forget(entry: Entry) -> None:
    """A drill at a terminal keeps no trail."""
    del entry
