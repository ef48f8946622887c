"""The jobs port over the simulated world."""

from __future__ import annotations

from collections.abc import AsyncIterator

from adapters.kubernetes_read import SYSTEM
from adapters.kubernetes_read_jobs import job_from, read_cron_job, read_job
from adapters.sim.jobrunner import JOB_NAME
from adapters.sim.kubernetes_call import changing, each, reading
from adapters.sim.pods import SimPods
from adapters.sim.world import World
from bot.errors import Missing
from bot.ports.jobs import CronJob, Job


class SimJobs:
    """The CronJobs and Jobs of the world's cluster."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pods = SimPods(world)

    async def cron_jobs(self, namespace: str | None = None) -> AsyncIterator[CronJob]:
        """See the port."""
        async for item in each(self._world, "cronjobs", namespace):
            yield read_cron_job(item)

    async def cron_job(self, namespace: str, name: str) -> CronJob:
        """See the port."""
        async with reading(self._world):
            return read_cron_job(self._world.cluster.api.get("cronjobs", namespace, name))

    async def jobs(self, namespace: str | None = None) -> AsyncIterator[Job]:
        """See the port."""
        async for item in each(self._world, "jobs", namespace):
            yield read_job(item)

    async def job(self, namespace: str, name: str) -> Job:
        """See the port."""
        async with reading(self._world):
            return read_job(self._world.cluster.api.get("jobs", namespace, name))

    async def start(self, namespace: str, cron_job: str, name: str, *, dry: bool = False) -> Job:
        """See the port."""
        api = self._world.cluster.api
        async with changing(self._world, "kubernetes.create"):
            made = job_from(api.get("cronjobs", namespace, cron_job), name)
            return read_job(api.create("jobs", namespace, made, dry=dry))

    async def logs(self, namespace: str, job: str, *, tail: int = 200) -> str:
        """See the port."""
        found = [pod async for pod in self._pods.pods(namespace, labels={JOB_NAME: job})]
        if not found:
            raise Missing(SYSTEM, f"the Job {job} has no pod any more")
        newest = max(found, key=lambda pod: (pod.created, pod.name))
        return await self._pods.logs(namespace, newest.name, tail=tail)

    async def delete(self, namespace: str, name: str, uid: str) -> None:
        """See the port."""
        options = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        async with changing(self._world, "kubernetes.delete"):
            self._world.cluster.api.delete("jobs", namespace, name, options)
