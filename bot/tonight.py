"""The stop of one night: found, moved, and moved back when the night is over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from bot.cards import day_moment
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
from bot.shift import next_usual, numbers

RESTORER = "stop"
"""The name in the ledger; it must never change."""
AFTERWARDS = timedelta(minutes=10)
"""How long after the moved stop it is moved back: the runbook has begun by then."""


async def tonights(
    automation: Automation, hosting: Hosting, now: datetime
) -> tuple[Schedule, datetime]:
    """The schedule that stops the cluster, and when it does next (UTC).

    Raises Refused when nothing stops it, or Houston may not change it.
    """
    if not hosting.automated:
        raise Refused(
            "No schedule stops this cluster.", "Add azure.automation_account to the configuration"
        )
    if not hosting.change_schedules:
        raise Refused(
            "Houston may not change schedules in Azure.",
            "Set azure.change_schedules, or move the stop by hand in the portal",
        )
    found = {each.name: each for each in await automation.schedules()}
    stop = found.get(hosting.stop_schedule)
    usual = weekly(stop) if stop else None
    if stop is None or usual is None or not stop.enabled:
        raise Refused(
            f"The schedule {hosting.stop_schedule} is not there, off, or not weekly.",
            "`!cluster schedule` shows what there is",
        )
    due = stop.next_run if stop.next_run and stop.next_run > now else None
    return stop, (due or usual.after(max(now, stop.start))).astimezone(UTC)


async def dearer(
    length: timedelta,
    azure: Azure,
    automation: Automation,
    cost: Cost,
    hosting: Hosting,
    *,
    now: datetime,
) -> Finding:
    """What running so much longer costs, as a finding; the price never stops a plan."""
    hours = f"{length / timedelta(hours=1):.1f} h more"
    try:
        cluster, schedules, spent = await asyncio.gather(
            azure.cluster(), automation.schedules(), cost.month()
        )
    except HoustonError as error:
        return Finding(f"{hours}; the price is not known: {error.message}")
    rate = price(spent, nights(schedules, hosting, now).timetable, cluster.nodes, hosting)
    if rate is None:
        return Finding(f"{hours}; the price is not known: set azure.node_rate")
    return Finding(f"{hours} cost about {rate.currency} {rate.more(length):.2f} ({rate.source})")


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
