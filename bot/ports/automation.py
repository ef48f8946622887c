"""What Houston needs of Azure Automation: the schedules that start and stop the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Schedule:
    """A schedule as the service keeps it.

    `start` is the first run ever, with the offset of `zone` on that day; from then on the wall
    time of `start` in `zone` counts. `zone` is an IANA or a Windows name, as it was written.
    `days` are English names of days, empty unless `frequency` is Week and days were chosen.
    `next_run` may be set although the schedule is off.
    """

    name: str
    enabled: bool
    start: datetime
    zone: str
    frequency: str
    interval: int
    days: tuple[str, ...]
    next_run: datetime | None
    changed: datetime | None
    description: str = ""


@dataclass(frozen=True)
class Link:
    """Which runbook a schedule runs."""

    id: str
    runbook: str
    schedule: str


class JobState(StrEnum):
    """`GOING_ON` stands for the many words for a job that has not ended."""

    GOING_ON = "going on"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Job:
    """One run of a runbook. `error` is only known of a job that was asked for by its id."""

    id: str
    runbook: str
    state: JobState
    created: datetime
    ended: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Moved:
    """A schedule after a change. `relinked` are runbooks whose link was lost and made again."""

    schedule: Schedule
    relinked: tuple[str, ...] = ()


class Automation(Protocol):
    """The one Automation account. Every method may raise Unavailable or Denied."""

    async def schedules(self) -> list[Schedule]:
        """Every schedule, by name."""
        ...

    async def links(self) -> list[Link]:
        """Which runbook each schedule runs, by schedule."""
        ...

    async def jobs(self) -> list[Job]:
        """The latest runs of every runbook, newest first; the service keeps a month of them."""
        ...

    async def job(self, id: str) -> Job:
        """One run, with its error. Raises Missing."""
        ...

    async def run(self, runbook: str, id: str) -> None:
        """Run a runbook now, with the parameters its schedule gives it.

        `id` becomes the job's: asking twice with the same one is one run. Returns when it is
        accepted. Raises Missing when no schedule is linked to it, UnknownOutcome.
        """
        ...

    async def move(self, name: str, start: datetime, days: Sequence[str]) -> Moved:
        """Let a schedule run at another wall time or on other days, from `start` on.

        `start` is at least five minutes ahead and in the schedule's own zone. All else stays: an
        off schedule stays off, and its links are looked at afterwards and made again when lost.
        Raises Missing, Invalid when the service refuses the time, Conflict, UnknownOutcome.
        """
        ...

    async def enable(self, name: str, *, on: bool) -> Schedule:
        """Turn a schedule on or off. Raises Missing, UnknownOutcome."""
        ...
