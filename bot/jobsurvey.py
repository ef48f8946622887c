"""Every CronJob Houston looks after, read page by page and judged."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time
from heapq import heappush, heappushpop
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.errors import AdapterError, Denied
from bot.hosting import Hosting, nights
from bot.jobhealth import KEPT, JobHealth, JobRules, health
from bot.ports.automation import Automation
from bot.ports.jobs import Job, Jobs
from bot.power import Days, Timetable, Weekly
from bot.scope import Scope

ALWAYS = Timetable(Weekly(time(0), Days.read("daily"), ZoneInfo("UTC")), None)
"""Of a cluster nothing stops."""


@dataclass(frozen=True)
class Survey:
    """What was found, by namespace and name. `blind` says why the cluster's hours are unknown,
    `unseen` which namespaces Houston has no right on."""

    found: tuple[JobHealth, ...]
    timetable: Timetable
    blind: str = ""
    unseen: tuple[str, ...] = ()


class Surveyor:
    """Reads CronJobs and Jobs."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        automation: Automation,
        hosting: Hosting,
        scope: Scope,
        rules: JobRules,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._automation = automation
        self._hosting = hosting
        self._scope = scope
        self._rules = rules
        self._clock = clock

    async def survey(self, *, partly: bool = False) -> Survey:
        """Read it all now. Raises AdapterError when the cluster cannot be read.

        `partly` goes on without the namespaces Houston has no right on: fit for a list, not for a
        judgement of what has gone.
        """
        timetable, blind = await self.timetable()
        now = self._clock.now()
        found: list[JobHealth] = []
        unseen: list[str] = []
        for namespace in self._scope.namespaces:
            try:
                found += await self._of(namespace, timetable, now)
            except Denied as error:
                if not partly:
                    raise
                unseen.append(f"{namespace}: {error.message}")
        return Survey(tuple(found), timetable, blind, tuple(unseen))

    async def timetable(self) -> tuple[Timetable, str]:
        """The hours the cluster runs, and why they are not known: then as if it never stopped."""
        if not self._hosting.automated:
            return ALWAYS, ""
        try:
            known = nights(await self._automation.schedules(), self._hosting, self._clock.now())
        except AdapterError as error:
            return ALWAYS, error.message
        timetable = known.timetable
        return (timetable if timetable.start else ALWAYS), ""

    async def _of(self, namespace: str, timetable: Timetable, now: datetime) -> list[JobHealth]:
        cron_jobs = [each async for each in self._jobs.cron_jobs(namespace)]
        newest = await self._newest(namespace, {each.uid for each in cron_jobs})
        return [
            health(each, newest.get(each.uid, ()), timetable, self._rules, now)
            for each in cron_jobs
        ]

    async def _newest(self, namespace: str, owners: set[str]) -> dict[str, list[Job]]:
        """The newest Jobs of each CronJob. A page is let go before the next one is asked for."""
        heaps: defaultdict[str, list[tuple[datetime, str, Job]]] = defaultdict(list)
        async for job in self._jobs.jobs(namespace):
            if job.owner is None or job.owner.uid not in owners:
                continue
            heap = heaps[job.owner.uid]
            entry = (job.started or job.created, job.name, job)
            if len(heap) < KEPT:
                heappush(heap, entry)
            else:
                heappushpop(heap, entry)
        return {uid: [job for _, _, job in heap] for uid, heap in heaps.items()}
