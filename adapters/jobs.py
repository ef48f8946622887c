"""CronJobs and Jobs over the Kubernetes API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from adapters.kubernetes_client import KubernetesClient, namespaced, selector
from adapters.kubernetes_read_jobs import job_from, read_cron_job, read_job
from adapters.kubernetes_read_pods import read_pod
from adapters.pods import PodsApi
from bot.errors import Missing
from bot.ports.jobs import CronJob, Job

_BATCH = "batch/v1"
JOB_NAME = "batch.kubernetes.io/job-name"


class JobsApi:
    """The CronJobs and Jobs of one cluster."""

    def __init__(self, client: KubernetesClient) -> None:
        self._client = client
        self._pods = PodsApi(client)

    async def cron_jobs(self, namespace: str | None = None) -> AsyncIterator[CronJob]:
        """See the port."""
        async for item in self._client.each(namespaced(_BATCH, namespace, "cronjobs")):
            yield read_cron_job(item)

    async def cron_job(self, namespace: str, name: str) -> CronJob:
        """See the port."""
        return read_cron_job(await self._cron_job(namespace, name))

    async def jobs(self, namespace: str | None = None) -> AsyncIterator[Job]:
        """See the port."""
        async for item in self._client.each(namespaced(_BATCH, namespace, "jobs")):
            yield read_job(item)

    async def job(self, namespace: str, name: str) -> Job:
        """See the port."""
        return read_job(await self._client.get(_job(namespace, name)))

    async def start(self, namespace: str, cron_job: str, name: str, *, dry: bool = False) -> Job:
        """See the port."""
        made = job_from(await self._cron_job(namespace, cron_job), name)
        query = {
            "fieldManager": "kubectl-create",
            "fieldValidation": "Strict",
            "dryRun": "All" if dry else "",
        }
        path = namespaced(_BATCH, namespace, "jobs")
        return read_job(await self._client.post(path, made, query))

    async def logs(self, namespace: str, job: str, *, tail: int = 200) -> str:
        """See the port."""
        path = namespaced("v1", namespace, "pods")
        query = {"labelSelector": selector({JOB_NAME: job})}
        pods = [read_pod(item) async for item in self._client.each(path, query)]
        if not pods:
            raise Missing("Kubernetes", f"the Job {job} has no pod any more")
        newest = max(pods, key=lambda pod: (pod.created, pod.name))
        return await self._pods.logs(namespace, newest.name, tail=tail)

    async def delete(self, namespace: str, name: str, uid: str) -> None:
        """See the port."""
        # The API's own default leaves a Job's pods behind.
        await self._client.delete(_job(namespace, name), uid, propagationPolicy="Background")

    async def _cron_job(self, namespace: str, name: str) -> Any:
        return await self._client.get(namespaced(_BATCH, namespace, "cronjobs") + f"/{name}")


def _job(namespace: str, name: str) -> str:
    return namespaced(_BATCH, namespace, "jobs") + f"/{name}"
