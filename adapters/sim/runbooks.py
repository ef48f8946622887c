"""The simulated Automation account: schedules, the runbooks they run, and the jobs that come of it.

Laws: a schedule that is on runs its linked runbook at its wall time in its zone; the stop runbook
drains the build agents for a minute first; a job is done when the cluster is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

from adapters.sim.power import DONE, GOING_ON, ArmRefusal

if TYPE_CHECKING:
    from adapters.sim.world import World

ACCOUNT = "aa-aks-fernhill"
START, STOP = "start-aks-weekday-morning", "stop-aks-weekday-evening"
START_RUNBOOK, STOP_RUNBOOK = "Start-AKS-Cluster", "Stop-AKS-Cluster"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
WEEK = (*WEEKDAYS, "Saturday", "Sunday")
_EARLIEST = timedelta(minutes=5)
_TICK = 20.0
_DRAIN = 60.0


@dataclass(frozen=True)
class Timer:
    """One schedule. `start` is its first run."""

    name: str
    start: datetime
    zone: str
    days: tuple[str, ...]
    created: datetime
    changed: datetime
    enabled: bool = True
    description: str = ""

    def next_run(self, now: datetime) -> datetime:
        """The first run after now, with the zone's offset then."""
        zone = ZoneInfo(win_tz.get(self.zone, self.zone))
        first = self.start.astimezone(zone)
        day = max(first, now.astimezone(zone)).date() - timedelta(days=1)
        while True:
            run = datetime.combine(day, first.time(), zone)
            late = run.astimezone(UTC) > now and run.astimezone(UTC) >= self.start
            if WEEK[day.weekday()] in self.days and late:
                return run
            day += timedelta(days=1)


@dataclass
class Task:
    """One job. `error` is what its exception says."""

    id: str
    runbook: str
    parameters: dict[str, str]
    created: datetime
    status: str = "Running"
    ended: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Tie:
    """A job schedule: it ties a runbook to a schedule."""

    id: str
    runbook: str
    schedule: str
    parameters: dict[str, str]


@dataclass
class Runbooks:
    """State and laws.

    `loses_links`: changing a schedule unties its runbooks. `turns_on`: changing a schedule that is
    off turns it on. `conflicts` is how many of the next changes are refused with 409.
    """

    zone: str = "Europe/London"
    loses_links: bool = False
    turns_on: bool = True
    conflicts: int = 0
    timers: dict[str, Timer] = field(default_factory=dict)
    ties: dict[str, Tie] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    _following: dict[str, tuple[Timer, datetime]] = field(default_factory=dict)

    def bind(self, world: World) -> None:
        """Belong to a world; the guide's hours are set up."""
        self._world = world
        self.schedule("08:30", "23:00")
        names = {"resourcegroupname": world.power.group, "clustername": world.power.name}
        for number, (runbook, timer) in enumerate(
            ((START_RUNBOOK, START), (STOP_RUNBOOK, STOP)), start=1
        ):
            id = f"b0a7c1d2-0000-4000-8000-00000000000{number}"
            self.ties[id] = Tie(id, runbook, timer, names)

    def schedule(self, start: str, stop: str, days: Iterable[str] = WEEKDAYS) -> None:
        """Let the cluster run from one wall time to another on these days."""
        now = self._world.clock.now()
        for name, wall in ((START, start), (STOP, stop)):
            zone = ZoneInfo(win_tz.get(self.zone, self.zone))
            first = datetime.combine(now.astimezone(zone).date(), time.fromisoformat(wall), zone)
            since = first.astimezone(UTC) - timedelta(days=30)
            self.timers[name] = Timer(name, since, self.zone, tuple(days), since, since)

    def keep_up(self, hours: int) -> None:
        """Have been started an hour ago and stop in so many hours, on every day."""
        now = self._world.clock.now().astimezone(ZoneInfo(win_tz.get(self.zone, self.zone)))
        start, stop = ((now + timedelta(hours=h)).strftime("%H:00") for h in (-1, hours))
        self.schedule(start, stop, WEEK)

    def run_for_ever(self) -> None:
        """Begin to act on the schedules."""
        self._world.begin(self._watch())

    def timer(self, name: str) -> Timer:
        """Raises ArmRefusal."""
        if name not in self.timers:
            raise ArmRefusal(404, "NotFound", f"Schedule {name} was not found.", flat=True)
        return self.timers[name]

    def put(self, name: str, start: datetime, zone: str, days: tuple[str, ...], text: str) -> Timer:
        """Make or change a schedule. Raises ArmRefusal."""
        now = self._world.clock.now()
        if self.conflicts:
            self.conflicts -= 1
            raise ArmRefusal(409, "Conflict", f"The schedule {name} is being changed.", flat=True)
        if start - now < _EARLIEST:
            raise ArmRefusal(
                400,
                "BadRequest",
                "Argument scheduleAllData with value Orchestrator.Schedules.DataAccess.Models."
                "ScheduleAllData is not valid. Error message: The start time of the schedule must "
                "be at least 5 minutes after the time you create the schedule.",
                flat=True,
            )
        old = self.timers.get(name)
        made = Timer(name, start.astimezone(UTC), zone, days, old.created if old else now, now)
        enabled = old is None or old.enabled or self.turns_on
        self.timers[name] = replace(made, enabled=enabled, description=text)
        if old and self.loses_links:
            self.ties = {id: tie for id, tie in self.ties.items() if tie.schedule != name}
        return self.timers[name]

    def patch(self, name: str, **changed: Any) -> Timer:
        """Turn a schedule on or off, or describe it. Raises ArmRefusal."""
        made = replace(self.timer(name), **changed, changed=self._world.clock.now())
        self.timers[name] = made
        return made

    def tie(self, id: str, runbook: str, schedule: str, parameters: dict[str, str]) -> Tie:
        """Let a schedule run a runbook. Raises ArmRefusal."""
        self.timer(schedule)
        if id in self.ties:
            raise ArmRefusal(409, "Conflict", f"The job schedule {id} exists already.", flat=True)
        self.ties[id] = Tie(id, runbook, schedule, parameters)
        return self.ties[id]

    def run(self, id: str, runbook: str, parameters: dict[str, str]) -> Task:
        """Run a runbook now. Raises ArmRefusal."""
        if runbook not in {START_RUNBOOK, STOP_RUNBOOK}:
            raise ArmRefusal(404, "NotFound", f"Runbook {runbook} was not found.", flat=True)
        if id in self.tasks:
            raise ArmRefusal(409, "Conflict", f"The job {id} exists already.", flat=True)
        task = Task(id, runbook, parameters, self._world.clock.now())
        self.tasks[id] = task
        self._world.begin(self._carry_out(task))
        return task

    async def _watch(self) -> None:
        seen = self._world.clock.now()
        while True:
            await self._world.pause(_TICK)
            now = self._world.clock.now()
            for tie in tuple(self.ties.values()):
                timer = self.timers.get(tie.schedule)
                if timer and timer.enabled and self._due(timer, seen) <= now:
                    id = f"{timer.name}-{now:%Y%m%d%H%M}"
                    if id not in self.tasks:
                        self.run(id, tie.runbook, tie.parameters)
            seen = now

    def _due(self, timer: Timer, since: datetime) -> datetime:
        """Its first run after that, worked out once for each run."""
        known = self._following.get(timer.name)
        if known is None or known[0] is not timer or known[1] <= since:
            known = self._following[timer.name] = timer, timer.next_run(since).astimezone(UTC)
        return known[1]

    async def _carry_out(self, task: Task) -> None:
        power = self._world.power
        verb = "start" if task.runbook == START_RUNBOOK else "stop"
        if verb == "stop":
            await self._world.pause(_DRAIN)
        try:
            run = power.change(verb)
        except ArmRefusal as refusal:
            self._end(task, f"({refusal.code}) {refusal.message}")
            return
        while run.status == GOING_ON:
            await self._world.pause(5.0)
        failed = run.status != DONE and run.error
        self._end(task, "({}) {}".format(*failed) if failed else "")

    def _end(self, task: Task, error: str) -> None:
        task.error, task.ended = error, self._world.clock.now()
        task.status = "Failed" if error else "Completed"
