"""Whether the cluster is on, until when, and whether a piece of work ends before that."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards import day_moment, duration, moment
from bot.clock import Clock
from bot.command import Command
from bot.errors import AdapterError, ClusterOff, Refused
from bot.flight import unpacked
from bot.hosting import Hosting, Nights, nights
from bot.plan import Finding
from bot.ports.automation import Automation
from bot.ports.azure import Azure, ManagedCluster
from bot.ports.store import Operations, State
from bot.seen import seen

_FRESH = timedelta(seconds=20)
"""How long what Azure said is good enough: its limits count every question."""
_SOON = timedelta(days=2)
_HISTORY = 200
_SAMPLES = 50
_FEW = 5
_MARGIN = timedelta(minutes=5)
_SHARE = 0.25
"""The margin is a quarter of the time it takes, and never less than five minutes."""


@dataclass(frozen=True)
class Power:
    """What was seen at one moment. `nights` is None where no schedules are configured."""

    cluster: ManagedCluster
    nights: Nights | None
    seen: datetime

    @property
    def next_stop(self) -> datetime | None:
        return self.nights.next_stop if self.nights else None

    @property
    def next_start(self) -> datetime | None:
        return self.nights.next_start if self.nights else None


class Stops:
    """Asks Azure, and judges by it. Where Azure is not configured, everything is admitted.

    Args:
        hosting: None when no cluster is configured.
        zone: times are shown in it.
        on_cluster: the ports that answer only while the cluster is on.
    """

    def __init__(
        self,
        *,
        azure: Azure,
        automation: Automation,
        hosting: Hosting | None,
        operations: Operations,
        clock: Clock,
        zone: ZoneInfo,
        on_cluster: Collection[type],
    ) -> None:
        self._azure = azure
        self._automation = automation
        self._hosting = hosting
        self._operations = operations
        self._clock = clock
        self._zone = zone
        self._on_cluster = frozenset(on_cluster)
        self._seen: Power | None = None

    async def power(self, *, fresh: bool = False) -> Power | None:
        """The cluster's power; None when none is configured. Raises AdapterError."""
        if self._hosting is None:
            return None
        now = self._clock.now()
        if fresh or self._seen is None or now - self._seen.seen > _FRESH:
            cluster = await self._azure.cluster()
            known = None
            if self._hosting.automated:
                known = nights(await self._automation.schedules(), self._hosting, now)
            self._seen = Power(cluster, known, now)
        return self._seen

    async def look(self) -> None:
        """Ask Azure anew, as far as it answers: what was seen shortly before is not good enough."""
        await seen(self.power(fresh=True))

    async def state(self) -> str:
        """The cluster's power in a word, for what an approval rests on."""
        if self._hosting is None:
            return "no cluster is configured"
        power = await seen(self.power())
        return power.cluster.state if isinstance(power, Power) else "not seen"

    async def stands(self, command: Command, before: str) -> None:
        """Whether the cluster is as it was when this was approved, for a further step of it.

        Raises Refused for one that is seen to be neither that nor up. A command that moves the
        power itself is not asked.
        """
        if command.while_off or self._hosting is None:
            return
        power = await seen(self.power(fresh=True))
        if not isinstance(power, Power) or power.cluster.up or power.cluster.state == before:
            return
        moved = f"{before} → {power.cluster.state}"
        raise Refused(
            f"Stopped: the cluster's power moved since this was approved: {moved}",
            "`!cluster status` shows how it is now",
        )

    async def moving(self) -> bool:
        """Whether the cluster is on its way up or down, as far as that can be seen."""
        power = await seen(self.power())
        return isinstance(power, Power) and power.cluster.busy

    async def asleep(self) -> bool:
        """Whether the cluster is off, as far as that can be seen."""
        power = await seen(self.power())
        return isinstance(power, Power) and power.cluster.off

    async def admit(self, command: Command) -> None:
        """Raises Refused for a command that needs the cluster while it is off.

        When Azure cannot be asked the command is let through: the cluster itself will answer.
        """
        if command.while_off or self._on_cluster.isdisjoint(command.all_needs.values()):
            return
        before = self._seen
        try:
            power = await self.power()
            if power is before and power is not None and not power.cluster.up:
                # It may have been started since: nobody is refused by what was seen before.
                power = await self.power(fresh=True)
        except AdapterError:
            return
        if power is None or power.cluster.up or not (power.cluster.off or power.cluster.busy):
            return
        raise self._off(power)

    async def judge(self, command: Command, expected: timedelta) -> Finding | None:
        """Whether the work ends before the next stop, as a finding of its plan.

        Raises TooLate when it does not.
        """
        known = self._hosting is not None and self._hosting.automated
        if not known or command.while_off:
            return None
        if self._on_cluster.isdisjoint(command.all_needs.values()):
            return None
        try:
            power = await self.power()
        except AdapterError as error:
            text = f"whether this ends before the next stop is not verified: {error.message}"
            return Finding(text, None)
        stop = power.next_stop if power else None
        if stop is None or stop - self._clock.now() > _SOON:
            return Finding("no stop of the cluster is due")
        takes, whence = await self.takes(command.name, expected)
        margin = max(_MARGIN, takes * _SHARE)
        left = stop - self._clock.now()
        at = moment(stop, self._zone)
        if takes + margin > left:
            raise TooLate(
                f"The cluster stops at {at}, in {duration(left)}; this takes about "
                f"{duration(takes)} {whence}, and {duration(margin)} are kept in reserve."
            )
        return Finding(f"about {duration(takes)} {whence} fit before the stop at {at}")

    async def takes(self, name: str, expected: timedelta) -> tuple[timedelta, str]:
        """How long a command takes: the 95th of 100 of its own runs, or what its plan says.

        With few runs the longer of both counts.
        """
        runs = sorted(await self._runs(name))
        if not runs:
            return expected, "by its plan"
        high = runs[math.ceil(0.95 * len(runs)) - 1]
        if len(runs) < _FEW:
            return max(expected, high), "by its plan and few runs"
        return high, f"by {len(runs)} runs"

    async def _runs(self, name: str) -> list[timedelta]:
        found = []
        for record in await self._operations.recent(_HISTORY):
            flight = unpacked(record)
            if record.command != name or record.state is not State.SUCCEEDED or flight is None:
                continue
            if flight.started and flight.ended:
                found.append(flight.ended - flight.started)
        return found[:_SAMPLES]

    def _off(self, power: Power) -> ClusterOff:
        cluster, start = power.cluster, power.next_start
        back = ""
        if cluster.provisioning == "Starting":
            back = " Ask again in a few minutes."
        elif start:
            left = duration(start - self._clock.now())
            back = f" It starts by itself {day_moment(start, self._zone)}, in {left}."
        state = "is stopped" if cluster.off else f"is {cluster.provisioning.lower()}"
        refusal = ClusterOff(f"{cluster.name} {state}, and this needs it.{back}")
        refusal.next = (
            ("!cluster start", "!cluster status") if cluster.off else ("!cluster status",)
        )
        return refusal


class TooLate(Refused):
    """It would be cut off by the stop."""

    code = "too_late"

    def ways_out(self, line: str) -> TooLate:
        """The same, with the command lines that lead on."""
        self.next = (f"!queue add {line}", "!cluster extend 1h", "!cluster skip-stop")
        return self
