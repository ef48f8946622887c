"""What every part of the configuration is made of, and hours on a wall clock."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        raise ValueError("is no time zone: use a name like Europe/London") from None
    return name


def _day(name: str) -> str:
    if name not in DAYS:
        raise ValueError(f"is no day: use {', '.join(DAYS)}")
    return name


def _clock(given: object) -> object:
    """Raises for a number, which pydantic takes for seconds after midnight: 8 is not 08:00."""
    if isinstance(given, int | float):
        raise PydanticCustomError("time_type", "is no time of day")
    return given


ClockTime = Annotated[time, BeforeValidator(_clock)]
ZoneName = Annotated[str, AfterValidator(_zone)]
Day = Annotated[str, AfterValidator(_day)]


class Section(BaseModel):
    """A part of the configuration: no unknown key, no change after the start."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )


class Window(Section):
    """Hours on a zone's wall clock; end ≤ start: over midnight."""

    days: tuple[Day, ...] = DAYS
    """The days on which the window begins."""
    start: ClockTime = time(0)
    """When it begins, on the clock of `zone`."""
    end: ClockTime = time(0)
    """When it ends; at or before `start` means on the next day."""
    zone: ZoneName = "UTC"
    """The zone of both, with its summer time."""

    def covers(self, at: datetime) -> bool:
        """Whether this moment lies inside."""
        local = at.astimezone(ZoneInfo(self.zone))
        today, clock = DAYS[local.weekday()], local.time()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        yesterday = DAYS[(local.weekday() - 1) % 7]
        return (today in self.days and clock >= self.start) or (
            yesterday in self.days and clock < self.end
        )

    @property
    def text(self) -> str:
        """`mon, tue 09:00–17:00 Europe/London`."""
        days = "every day" if self.days == DAYS else ", ".join(self.days)
        return f"{days} {self.start:%H:%M}–{self.end:%H:%M} {self.zone}"
