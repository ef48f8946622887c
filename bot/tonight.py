"""The stop of one night: found, moved, and moved back when the night is over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.cards import day_moment, duration
from bot.clock import Clock
from bot.errors import HoustonError, Refused
from bot.hosting import Hosting, nights, weekly
from bot.plan import Finding
from bot.ports.automation import Automation, Schedule
from bot.ports.azure import Azure
from bot.ports.cost import Cost
from bot.ports.engine import Json
from bot.power import Weekly, zone_of
from bot.price import price
from bot.shift import LEAD, Shift, next_usual, numbers, usual_time
from bot.temporary import Ledger, Temporary

RESTORER = "stop"
"""The name in the ledger; it must never change."""
AFTERWARDS = timedelta(minutes=10)
"""How long after the moved stop it is moved back: the runbook has begun by then."""


async def moved_before(ledger: Ledger, schedule: str) -> list[Temporary]:
    """What has moved this schedule already and will move it back."""
    return [
        state
        for state in await ledger.all()
        if state.restorer == RESTORER and state.restore.get("schedule") == schedule
    ]


async def way_back(ledger: Ledger, schedule: Schedule) -> tuple[tuple[str, str], ...]:
    """The usual time: the one an earlier move goes back to, else the one there is now."""
    usual = usual_time(schedule)
    for state in await moved_before(ledger, schedule.name):
        usual = {key: str(state.restore[key]) for key in usual}
    return tuple(usual.items())


@dataclass(frozen=True)
class Night:
    """The stop of this night, and what moving it rests on."""

    azure: Azure
    automation: Automation
    cost: Cost
    hosting: Hosting
    clock: Clock

    async def stop(self) -> tuple[Schedule, datetime]:
        """The schedule that stops the cluster, and when it does next (UTC).

        Raises Refused when nothing stops it, or Houston may not change it.
        """
        if not self.hosting.automated:
            raise Refused(
                "No schedule stops this cluster.",
                "Add azure.automation_account to the configuration",
            )
        if not self.hosting.change_schedules:
            raise Refused(
                "Houston may not change schedules in Azure.",
                "Set azure.change_schedules, or move the stop by hand in the portal",
            )
        found = {each.name: each for each in await self.automation.schedules()}
        stop = found.get(self.hosting.stop_schedule)
        usual = weekly(stop) if stop else None
        if stop is None or usual is None or not stop.enabled:
            raise Refused(
                f"The schedule {self.hosting.stop_schedule} is not there, off, or not weekly.",
                "`!cluster schedule` shows what there is",
            )
        now = self.clock.now()
        due = stop.next_run if stop.next_run and stop.next_run > now else None
        return stop, (due or usual.after(max(now, stop.start))).astimezone(UTC)

    async def findings(self, moved: Shift) -> tuple[Finding, ...]:
        """Whether the stop can still be moved, whether the cluster runs, and what it costs."""
        cluster = await self.azure.cluster()
        return (
            _ahead(moved, self.clock.now()),
            Finding(f"{cluster.name} is {cluster.power} with {cluster.nodes} nodes", cluster.up),
            await self._dearer(moved.start - moved.usual, cluster.nodes),
        )

    async def _dearer(self, length: timedelta, nodes: int) -> Finding:
        """What running so much longer costs; the price never stops a plan."""
        hours = f"{length / timedelta(hours=1):.1f} h more"
        try:
            schedules, spent = await asyncio.gather(self.automation.schedules(), self.cost.month())
        except HoustonError as error:
            return Finding(f"{hours}; the price is not known: {error.message}", heed=True)
        timetable = nights(schedules, self.hosting, self.clock.now()).timetable
        rate = price(spent, timetable, nodes, self.hosting)
        if rate is None:
            return Finding(f"{hours}; the price is not known: set azure.node_rate", heed=True)
        return Finding(
            f"{hours} cost about {rate.currency} {rate.more(length):.2f} ({rate.source})"
        )


def _ahead(moved: Shift, now: datetime) -> Finding:
    if moved.usual - now < LEAD:
        return Finding(
            "the stop is less than six minutes away: Azure may have begun it already", ok=False
        )
    return Finding(f"the stop is {duration(moved.usual - now)} away: it can still be moved")


class StopRestorer:
    """Moves the stop back to its usual time; nothing when it is there already."""

    def __init__(self, automation: Automation, clock: Clock) -> None:
        self._automation = automation
        self._clock = clock

    async def __call__(self, restore: Mapping[str, Json]) -> str:
        """Gives how things are now. Raises AdapterError, Refused when the schedule is gone."""
        name, zone = str(restore["schedule"]), zone_of(str(restore["zone"]))
        usual = Weekly(time.fromisoformat(str(restore["at"])), numbers(str(restore["days"])), zone)
        found = {each.name: each for each in await self._automation.schedules()}
        if name not in found:
            raise Refused(f"The schedule {name} is not there any more.", "Make it by Terraform")
        if weekly(found[name]) == usual:
            return f"the stop is at {usual.at:%H:%M} {usual.days} as usual"
        start = next_usual(usual, self._clock.now())
        moved = await self._automation.move(name, start, usual.days.names)
        following = moved.schedule.next_run or start
        shown = day_moment(following, zone)
        return f"the stop is at {usual.at:%H:%M} {usual.days} again, next {shown}"
