"""What is measured of a bot, one round after the other."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from tests.bench.stage import SLOW_SECONDS, Stage, name

_READY_SECONDS = 60.0
_ROUND_TRIPS = 300
_ROUND_SECONDS = 30.0
REAL_SECONDS = 0.01
"""How long the server takes for a call where it is not to answer at once."""
_BURST_PEOPLE, _BURST_EACH = 50, 4
_BURST_SECONDS = 5.0
"""Of silence, after which what has not come is lost."""
_SLOW, _QUICK = 20, 10
_QUICK_SECONDS = 3.0
_AWAY_SECONDS = 3.0
_TALK, _TALK_RATE = 10_000, 1_000
_IDLE_SECONDS = 15.0
_LET_SETTLE = 2.0


@dataclass
class Figures:
    """Seconds, megabytes, per cent. None is what could not be measured, for it never came."""

    ready: float | None = None
    trips: list[float] = field(default_factory=list)
    real_trips: list[float] = field(default_factory=list)
    burst: float | None = None
    asked: int = 0
    lost: int = 0
    doubled: int = 0
    beside_slow: float | None = None
    under_talk: float | None = None
    back: float | None = None
    idle_memory: float = 0.0
    talk_memory: float = 0.0
    talk_cpu: float = 0.0
    idle_cpu: float = 0.0


def percentile(found: Sequence[float], percent: int) -> float | None:
    if len(found) < 2:
        return found[0] if found else None
    return quantiles(found, n=100, method="inclusive")[percent - 1]


async def measure(stage: Stage, part: float = 1.0) -> Figures:
    """Every round, in an order in which none disturbs the next.

    Args:
        part: of the round trips, the talk and the idle time; less is quicker and says less.
    """
    found, trips = Figures(), round(_ROUND_TRIPS * part)
    found.ready = await _first(stage, stage.began)
    if found.ready is None:
        return found
    await asyncio.sleep(_LET_SETTLE)
    found.idle_memory = stage.memory()
    found.idle_cpu = await _idle(stage, _IDLE_SECONDS * part)
    found.trips = await _trips(stage, trips, found)
    stage.chat.world.latency = REAL_SECONDS
    found.real_trips = await _trips(stage, trips, found)
    stage.chat.world.latency = 0.0
    await _burst(stage, found)
    found.beside_slow = await _beside_slow(stage, found)
    await _talk(stage, round(_TALK * part / _TALK_RATE), found)
    stage.chat.set_up(False)
    await asyncio.sleep(_AWAY_SECONDS)
    stage.chat.set_up(True)
    stage.listen()
    found.back = await _first(stage, time.perf_counter())
    return found


async def _first(stage: Stage, since: float) -> float | None:
    """Seconds to the first answer, when somebody asks again and again."""
    before, end = stage.answers.total(), since + _READY_SECONDS
    while time.perf_counter() < end and stage.alive():
        stage.ask(stage.person())
        for _ in range(4):
            await asyncio.sleep(0.05)
            if stage.answers.total() > before:
                return stage.last - since
    return None


async def _trips(stage: Stage, count: int, into: Figures) -> list[float]:
    """Seconds from a command to its answer, one at a time; what does not come is lost."""
    await asyncio.sleep(_LET_SETTLE)
    found: list[float] = []
    end = time.perf_counter() + _ROUND_SECONDS
    for number in range(count):
        if time.perf_counter() > end:
            break
        who = name(number % 200 + 1)
        wanted = Counter({who: stage.answers[who] + 1})
        began = time.perf_counter()
        stage.ask(who)
        into.asked += 1
        if await stage.answered(wanted, _QUICK_SECONDS):
            found.append(stage.last - began)
        else:
            into.lost += 1
            if into.lost > 5 and not found:
                break
    return found


async def _burst(stage: Stage, into: Figures) -> None:
    """200 commands of 50 people in one moment."""
    people = [name(number) for number in range(1, _BURST_PEOPLE + 1)]
    before = Counter(stage.answers)
    wanted = before + Counter(dict.fromkeys(people, _BURST_EACH))
    began = time.perf_counter()
    for _ in range(_BURST_EACH):
        for who in people:
            stage.ask(who)
    if await stage.answered(wanted, _BURST_SECONDS):
        into.burst = stage.last - began
    await asyncio.sleep(_LET_SETTLE)
    into.asked += _BURST_PEOPLE * _BURST_EACH
    into.lost += (wanted - stage.answers).total()
    into.doubled += (stage.answers - wanted).total()


async def _beside_slow(stage: Stage, into: Figures) -> float | None:
    """The median of quick commands while slow ones run; all of them are answered in the end."""
    before = Counter(stage.answers)
    slow = [name(number) for number in range(301, 301 + _SLOW)]
    for who in slow:
        stage.ask(who, "!slow")
    await asyncio.sleep(0.3)
    quick: list[float] = []
    for number in range(_QUICK):
        who = name(201 + number)
        began = time.perf_counter()
        stage.ask(who)
        if await stage.answered(Counter({who: before[who] + 1}), SLOW_SECONDS):
            quick.append(stage.last - began)
        else:
            quick.append(SLOW_SECONDS)
    wanted = before + Counter(dict.fromkeys(slow, 1))
    wanted += Counter(name(201 + number) for number in range(_QUICK))
    await stage.answered(wanted, SLOW_SECONDS + _QUICK_SECONDS)
    into.asked += _SLOW + _QUICK
    into.lost += (wanted - stage.answers).total()
    into.doubled += (stage.answers - wanted).total()
    return percentile(quick, 50)


async def _talk(stage: Stage, seconds: int, into: Figures) -> None:
    """Messages that mean nothing to a bot, a thousand in a second, with commands between."""
    before = stage.cpu()
    quick: list[float] = []
    began = time.perf_counter()
    for number in range(seconds):
        quick += await _trips_among(stage, name(201 + number), into)
        ahead = began + number + 1 - time.perf_counter()
        await asyncio.sleep(max(ahead, 0.0))
    await asyncio.sleep(_LET_SETTLE)
    into.talk_cpu = stage.cpu() - before
    into.under_talk = percentile(quick, 50)
    into.talk_memory = stage.memory()


async def _trips_among(stage: Stage, who: str, into: Figures) -> list[float]:
    """A second's talk, with one command in its middle."""
    wanted, began = Counter({who: stage.answers[who] + 1}), 0.0
    for number in range(_TALK_RATE):
        stage.chat.say(f"u{name(number % 300 + 1)}", f"nothing for a bot, number {number}")
        if number == _TALK_RATE // 2:
            began = time.perf_counter()
            stage.ask(who)
            into.asked += 1
        if number % 20 == 0:
            await asyncio.sleep(0.012)
    if await stage.answered(wanted, _QUICK_SECONDS):
        return [stage.last - began]
    into.lost += 1
    return [_QUICK_SECONDS]


async def _idle(stage: Stage, seconds: float) -> float:
    """Per cent of one processor while nobody says a word."""
    before, began = stage.cpu(), time.perf_counter()
    await asyncio.sleep(seconds)
    return 100 * (stage.cpu() - before) / (time.perf_counter() - began)
