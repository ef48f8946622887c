"""The Automation port over the simulated world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.sim.azure import SYSTEM, refusals
from adapters.sim.power import ArmRefusal
from adapters.sim.runbooks import Runbooks, Task, Timer
from adapters.sim.world import World
from bot.errors import Missing
from bot.ports.automation import Job, JobState, Link, Moved, Schedule

_STATES = {"Completed": JobState.COMPLETED, "Failed": JobState.FAILED, "Stopped": JobState.STOPPED}


class SimAutomation:
    """The one Automation account of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _account(self) -> Runbooks:
        return self._world.runbooks

    async def schedules(self) -> list[Schedule]:
        """See the port."""
        async with self._world.look("automation.schedules", SYSTEM):
            with refusals(self._world):
                return [self._schedule(timer) for _, timer in sorted(self._account.timers.items())]

    async def links(self) -> list[Link]:
        """See the port."""
        async with self._world.look("automation.links", SYSTEM):
            with refusals(self._world):
                ties = sorted(self._account.ties.values(), key=lambda tie: tie.schedule)
                return [Link(tie.id, tie.runbook, tie.schedule) for tie in ties]

    async def jobs(self) -> list[Job]:
        """See the port."""
        async with self._world.look("automation.jobs", SYSTEM):
            with refusals(self._world):
                tasks = self._account.tasks.values()
                newest = sorted(tasks, key=lambda task: task.created, reverse=True)
                return [_job(task, error="") for task in newest]

    async def job(self, id: str) -> Job:
        """See the port."""
        async with self._world.look("automation.job", SYSTEM):
            with refusals(self._world):
                task = self._account.tasks.get(id)
                if task is None:
                    raise ArmRefusal(404, "NotFound", f"The job {id} was not found.")
                return _job(task, error=task.error)

    async def run(self, runbook: str, id: str) -> None:
        """See the port."""
        ties = [tie for tie in self._account.ties.values() if tie.runbook == runbook]
        async with self._world.call("automation.run", SYSTEM):
            with refusals(self._world):
                if not ties:
                    raise Missing(SYSTEM, f"no schedule is linked to the runbook {runbook}")
                if id not in self._account.tasks:
                    self._account.run(id, runbook, ties[0].parameters)

    async def move(self, name: str, start: datetime, days: Sequence[str]) -> Moved:
        """See the port."""
        account = self._account
        async with self._world.look("automation.schedules", SYSTEM):
            with refusals(self._world):
                old = account.timer(name)
        ties = [tie for tie in account.ties.values() if tie.schedule == name]
        if (self._schedule(old).next_run, set(old.days)) != (start, set(days)):
            async with self._world.call("automation.move", SYSTEM):
                with refusals(self._world):
                    account.put(name, start, old.zone, tuple(days), old.description)
        if account.timer(name).enabled != old.enabled:
            account.patch(name, enabled=old.enabled)
        lost = [tie for tie in ties if tie.id not in account.ties]
        for tie in lost:
            account.tie(f"{tie.id}-again", tie.runbook, name, tie.parameters)
        return Moved(self._schedule(account.timer(name)), tuple(tie.runbook for tie in lost))

    async def enable(self, name: str, *, on: bool) -> Schedule:
        """See the port."""
        async with self._world.call("automation.enable", SYSTEM):
            with refusals(self._world):
                return self._schedule(self._account.patch(name, enabled=on))

    def _schedule(self, timer: Timer) -> Schedule:
        next_run = timer.next_run(self._world.clock.now())
        return Schedule(
            name=timer.name,
            enabled=timer.enabled,
            start=timer.start.astimezone(next_run.tzinfo),
            zone=timer.zone,
            frequency="Week",
            interval=1,
            days=timer.days,
            next_run=next_run,
            changed=timer.changed,
            description=timer.description,
        )


def _job(task: Task, *, error: str) -> Job:
    state = _STATES.get(task.status, JobState.GOING_ON)
    return Job(task.id, task.runbook, state, task.created, task.ended, error)
