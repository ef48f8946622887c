"""What Houston needs of calendars: whose shift it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Shift:
    """One shift as the calendar has it. Aware times, `end` exclusive; `who` are the names and mail
    addresses it gives: its title, its organizer and attendees."""

    start: datetime
    end: datetime
    who: tuple[str, ...]


class Calendar(Protocol):
    """Calendars by the names the configuration gives them."""

    async def shifts(self, name: str, start: datetime, end: datetime) -> list[Shift]:
        """Every shift that touches the time from `start` to `end`, earliest first.

        Repeated ones are unrolled, cancelled ones left out. Raises Missing when no calendar has
        that name, Unavailable when it cannot be read, Invalid when it is none.
        """
        ...
