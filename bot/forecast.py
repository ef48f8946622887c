"""What a plan does to people in chat, said before it is approved: whom it cuts off, how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from bot.cards import code, counted, day_moment, duration, moment, plain
from bot.clock import Clock
from bot.crowd import Crowd
from bot.errors import HoustonError
from bot.flight import Flight, unpacked
from bot.gaps import Gaps
from bot.plan import Disruption, Plan
from bot.ports.store import Operations
from bot.sections import AnnounceSection
from bot.stops import Stops

_HISTORY = 200
_SAMPLES = 20
_AHEAD = timedelta(hours=24)


@dataclass(frozen=True)
class Forecast:
    """`lines` stand on the plan, `told` is said to people elsewhere. `returns`: chat comes back by
    itself."""

    lines: tuple[str, ...]
    told: str
    returns: bool


class Forecaster:
    """Knows from live counts and from past runs; what it does not know it says."""

    def __init__(
        self,
        *,
        crowd: Crowd,
        gaps: Gaps,
        operations: Operations,
        stops: Stops,
        clock: Clock,
        zone: ZoneInfo,
        announce: AnnounceSection,
    ) -> None:
        self._crowd = crowd
        self._gaps = gaps
        self._operations = operations
        self._stops = stops
        self._clock = clock
        self._zone = zone
        self._room = announce.room

    async def foreseen(self, flight: Flight, command: str, plan: Plan[Any]) -> Flight:
        """With what the plan does to people in chat. That is no part of what is approved: people
        come and go."""
        if plan.disrupts is None:
            return flight
        found = await self.of(command, plan.disrupts)
        return replace(
            flight,
            forecast=found.lines,
            told=found.told,
            returns=found.returns,
            announce=self._room,
        )

    async def of(self, command: str, disrupts: Disruption) -> Forecast:
        """For a plan of this command."""
        workloads = disrupts.workloads
        whole = not workloads or any(self._crowd.answers(name) for name in workloads)
        long = await self._long(command, disrupts)
        if not whole and not any(self._crowd.holds(name) for name in workloads):
            what = f"Cuts off no live session; what {_named(workloads)} does pauses {long}"
            return Forecast(
                (what,), f"{_named(workloads)} pauses {long}.", disrupts.away is not None
            )
        found = await self._crowd.connected(workloads)
        number = found if isinstance(found, str) else round(found * disrupts.share)
        quiet = await self._quiet(number)
        # Houston and who reads the plan are connected as everybody is.
        mine = "*yours and this card included*"
        if isinstance(number, str):
            first = (
                f"Cuts off live sessions, {mine}, {long}; how many is not known: {plain(number)}"
            )
            told = f"Your connection may break {long}."
        else:
            sessions = f"about {counted(number, 'live session')}"
            first = f"Cuts off {sessions}, {mine}, {long}"
            told = f"{sessions.capitalize()} may break {long}."
        return Forecast((first, *quiet), told, disrupts.away is not None)

    async def _long(self, command: str, disrupts: Disruption) -> str:
        """`for about 40 s, by 3 past runs`."""
        if disrupts.until:
            return f"until {day_moment(disrupts.until, self._zone)}"
        if disrupts.away is None:
            return "until somebody brings it back"
        past = await self._past(command)
        if not past:
            return f"for about {duration(disrupts.away)}, by its plan"
        usual = timedelta(seconds=median(each.total_seconds() for each in past))
        return f"for about {duration(usual)}, by {counted(len(past), 'past run')}"

    async def _past(self, command: str) -> list[timedelta]:
        """For how long chat was away in each of the last runs that cut it off."""
        found = []
        for record in await self._operations.recent(_HISTORY):
            flight = unpacked(record)
            if record.command != command or flight is None or not flight.forecast:
                continue
            if flight.started and flight.ended and flight.done:
                found.append(await self._gaps.within(flight.started, flight.ended))
        return [each for each in found[:_SAMPLES] if each]

    async def _quiet(self, number: int | str) -> tuple[str, ...]:
        """A line on a quieter hour before the cluster's next stop, when one is known."""
        if isinstance(number, str) or not number:
            return ()
        found = await self._crowd.quieter(number, await self._left())
        if found is None:
            return ()
        return (
            f"Quieter: about {moment(found.at, self._zone)}, {found.sessions:.0f} sessions "
            f"by the mean of {found.samples} looks",
        )

    async def _left(self) -> timedelta:
        """Until the cluster's next stop, a day at most."""
        try:
            power = await self._stops.power()
        except HoustonError:
            return timedelta(0)
        stop = power.next_stop if power else None
        return min(_AHEAD, stop - self._clock.now()) if stop else _AHEAD


def _named(workloads: tuple[str, ...]) -> str:
    return ", ".join(code(name) for name in workloads)
