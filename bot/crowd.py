"""How many people are connected to Rocket.Chat, now and at other hours."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.clock import Clock
from bot.errors import HoustonError
from bot.pipeline import Pipeline
from bot.ports.metrics import Metrics
from bot.ports.store import Documents
from bot.target import MONOLITH, Target

log = structlog.get_logger()

_STREAMER = "ddpStreamer"
SERIES = {MONOLITH: "rocketchat_ddp_sessions_count", _STREAMER: "users_connected"}
"""Open sessions by the part people are connected to: the monolith's gauge (`metrics.ts` of
Rocket.Chat) and the one its ddp-streamer registers with Moleculer, of the same ports that
`rocketchat_info` is scraped from."""
_KIND = "crowd"
_SATURDAY = 5
_EVERY = timedelta(minutes=15)
_ENOUGH = 3
"""Samples of an hour before anything is said of it."""
_QUIETER = 0.5
"""An hour is worth waiting for when it has at most half of the people of now."""


@dataclass(frozen=True)
class Quiet:
    """An hour that comes with fewer people: when, how many by mean, of how many samples."""

    at: datetime
    sessions: float
    samples: int


class Crowd:
    """Asks the hub, and remembers by the hour."""

    def __init__(
        self,
        *,
        metrics: Metrics,
        pipeline: Pipeline,
        target: Target,
        documents: Documents,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._metrics = metrics
        self._pipeline = pipeline
        self._target = target
        self._documents = documents
        self._clock = clock
        self._zone = zone

    async def connected(self, workloads: tuple[str, ...]) -> int | str:
        """Sessions to these Deployments, to all without any; or why that is not known."""
        found = [await self._sessions(name) for name in self._asked(workloads)]
        known = [number for number in found if isinstance(number, int)]
        if not known and found:
            return next(why for why in found if isinstance(why, str))
        return sum(known)

    def holds(self, workload: str) -> bool:
        """Whether people are connected to this Deployment."""
        return workload in {self._target.deployment(part) for part in SERIES}

    def answers(self, workload: str) -> bool:
        """Whether nothing is answered to anybody while this Deployment is away."""
        return workload == self._target.deployment(MONOLITH)

    async def quieter(self, now: int, until: timedelta) -> Quiet | None:
        """The quietest hour that comes within this time, when it is much quieter than `now`."""
        hours = math.floor(until / timedelta(hours=1))
        start = self._clock.now().astimezone(self._zone).replace(minute=0, second=0, microsecond=0)
        known = await self._documents.all(_KIND)
        found = []
        for hour in range(1, hours + 1):
            at = start + timedelta(hours=hour)
            body = known.get(_key(at))
            if body and int(str(body["samples"])) >= _ENOUGH:
                samples = int(str(body["samples"]))
                found.append(Quiet(at, float(str(body["sum"])) / samples, samples))
        best = min(found, key=lambda one: one.sessions, default=None)
        return best if best and best.sessions <= now * _QUIETER else None

    async def run(self) -> None:
        """Take a sample every quarter of an hour, for ever."""
        while True:
            await asyncio.sleep(_EVERY.total_seconds())
            try:
                await self._sample()
            except HoustonError as error:
                log.info("crowd.unknown", why=error.message)

    async def _sample(self) -> None:
        number = await self.connected(())
        if isinstance(number, str):
            return
        key = _key(self._clock.now().astimezone(self._zone))
        body = await self._documents.get(_KIND, key) or {"sum": 0, "samples": 0}
        total = float(str(body["sum"])) + number
        await self._documents.put(
            _KIND, key, {"sum": total, "samples": int(str(body["samples"])) + 1}
        )

    def _asked(self, workloads: tuple[str, ...]) -> list[str]:
        """The series to read."""
        if not workloads or any(self.answers(name) for name in workloads):
            return [*SERIES.values()]
        parts = {self._target.deployment(part): series for part, series in SERIES.items()}
        return [parts[name] for name in workloads if name in parts]

    async def _sessions(self, series: str) -> int | str:
        own = ",".join(
            f'{name}="{self._pipeline.labels[name]}"' for name in self._pipeline.external
        )
        try:
            found = await self._metrics.query(f"{series}{{{own}}}")
            numbers = [float(one.value) for one in found]
        except HoustonError as error:
            return error.message
        except ValueError:
            return f"`{series}` holds no numbers"
        whole = [number for number in numbers if math.isfinite(number)]
        return round(sum(whole)) if whole else f"no series `{series}` reaches the hub"


def _key(at: datetime) -> str:
    """The hour on the local clock, of working days or of weekends: `weekday-16`."""
    return f"{'weekend' if at.weekday() >= _SATURDAY else 'weekday'}-{at:%H}"
