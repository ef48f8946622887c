"""Calendars in the simulated world."""

from __future__ import annotations

from datetime import datetime

from adapters.sim.world import World
from bot.errors import Missing
from bot.ports.calendar import Shift


class SimCalendar:
    """The calendars of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def shifts(self, name: str, start: datetime, end: datetime) -> list[Shift]:
        """See the port."""
        async with self._world.look("calendar.get", f"calendar {name}"):
            if name not in self._world.calendars:
                raise Missing(f"calendar {name}", "there is no such calendar")
            found = [s for s in self._world.calendars[name] if s.end > start and s.start < end]
        return sorted(found, key=lambda shift: (shift.start, shift.who))
