"""The simulated cluster's laws for Jobs: one that is made runs and ends; CronJobs start theirs when
they are due; finished ones are kept as long as their CronJob says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from adapters.kubernetes_read import read_time
from adapters.sim import podmaker
from adapters.sim.objectstore import ObjectStore
from bot.cron import Cron
from bot.ports.jobs import Outcome

if TYPE_CHECKING:
    from adapters.sim.controllers import Controllers
    from adapters.sim.world import World

Object = dict[str, Any]

_LOOK = 30.0
_PULL = 2.0
_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
JOB_NAME = "batch.kubernetes.io/job-name"


class JobRunner:
    """Runs Jobs. Seconds are simulated ones.

    `seconds` is how long a Job takes. `failing` are names of CronJobs, or of Jobs without one,
    whose Jobs fail. `output` is what the Jobs of such a name write.
    """

    def __init__(self, objects: ObjectStore, controllers: Controllers) -> None:
        self._objects = objects
        self._controllers = controllers
        self.seconds = 20.0
        self.failing: set[str] = set()
        self.output: dict[str, str] = {}

    def bind(self, world: World) -> None:
        self._world = world

    def begin(self, job: Object) -> Object:
        """Keep the Job and let it run."""
        job["status"] = {"startTime": self._objects.stamp(), "active": 1, "ready": 0}
        kept = self._objects.put(job)
        self._world.begin(self._run(kept))
        return kept

    def caught_up(self, at: datetime) -> None:
        """Every CronJob ran when the cluster was started at that time, the last one it missed."""
        for cron_job in self._objects.select("cronjobs"):
            spec = cron_job["spec"]
            due = Cron.read(spec["schedule"]).before(at, ZoneInfo(spec.get("timeZone") or "UTC"))
            if due is not None:
                named = (("lastScheduleTime", due), ("lastSuccessfulTime", at))
                stamps = {key: f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for key, when in named}
                cron_job["status"] = stamps
                self._objects.put(cron_job)

    async def schedule(self) -> None:
        """Start what is due, for ever; what a stopped cluster has missed, when it runs again."""
        began = self._world.clock.now()
        while True:
            await self._world.pause(_LOOK)
            for cron_job in self._objects.select("cronjobs") if self._world.cluster.awake else ():
                self._due(cron_job, began)

    def _due(self, cron_job: Object, began: datetime) -> None:
        spec, status = cron_job["spec"], cron_job["status"]
        if spec.get("suspend"):
            return
        last = max(read_time(status.get("lastScheduleTime")) or began, began)
        due = self._latest(spec, last)
        if due is None or self._too_late(spec, due):
            return
        if spec.get("concurrencyPolicy") == "Forbid" and status.get("active"):
            return
        self._start(cron_job, due)

    def _latest(self, spec: Object, last: datetime) -> datetime | None:
        """The latest time since the last run: of several that were missed only that one is run."""
        cron, zone = Cron.read(spec["schedule"]), ZoneInfo(spec.get("timeZone") or "UTC")
        now = self._world.clock.now()
        if cron.every is not None:
            due = cron.after(last, zone)
            return due if due and due <= now else None
        due = cron.before(now, zone)
        return due if due and due > last else None

    def _too_late(self, spec: Object, due: datetime) -> bool:
        deadline = spec.get("startingDeadlineSeconds")
        late = (self._world.clock.now() - due).total_seconds()
        return deadline is not None and late > deadline

    def _start(self, cron_job: Object, due: datetime) -> None:
        metadata, template = cron_job["metadata"], cron_job["spec"]["jobTemplate"]
        inner = template.get("metadata") or {}
        stamp = due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        job = self.begin(
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {
                    "name": f"{metadata['name']}-{int(due.timestamp()) // 60}",
                    "namespace": metadata["namespace"],
                    "labels": dict(inner.get("labels") or {}),
                    "annotations": {**(inner.get("annotations") or {}), _SCHEDULED: stamp},
                    "ownerReferences": [podmaker.reference(cron_job)],
                },
                "spec": template["spec"],
            }
        )
        cron_job["status"]["lastScheduleTime"] = stamp
        active = cron_job["status"].setdefault("active", [])
        active.append({"kind": "Job", "name": job["metadata"]["name"]})
        self._objects.put(cron_job)
        text = f"Created job {job['metadata']['name']}"
        self._controllers.event(cron_job, "SuccessfulCreate", text, warning=False)

    async def _run(self, job: Object) -> None:
        metadata = job["metadata"]
        pod = self._pod(job)
        await self._world.pause(_PULL)
        if not self._there(job):
            return
        if why := self._world.tracing.unpullable(podmaker.containers(pod)[0]["image"]):
            podmaker.creating(pod, "ImagePullBackOff", why)
            self._objects.put(pod)
            return
        podmaker.running(pod, self._objects.stamp())
        self._objects.put(pod)
        job["status"] |= {"ready": 1}
        self._objects.put(job)
        await self._world.pause(max(0.0, self.seconds - _PULL))
        if not self._there(job):
            return
        name = self._named(job)
        failed = name in self.failing
        text = self.output.get(name, f"{name}: {'failed' if failed else 'done'}")
        container = podmaker.containers(pod)[0]["name"]
        self._world.cluster.logs.write(
            self._world.clock.now(), metadata["namespace"], pod["metadata"]["name"], container, text
        )
        if self._objects.find("pods", metadata["namespace"], pod["metadata"]["name"]):
            podmaker.ended(pod, self._objects.stamp(), 1 if failed else 0)
            self._objects.put(pod)
        self._world.tracing.ended(pod, Outcome.FAILED if failed else Outcome.SUCCEEDED)
        self._end(job, failed)

    def _pod(self, job: Object) -> Object:
        metadata = job["metadata"]
        name = f"{metadata['name']}-{podmaker.letters(metadata['name'], 5)}"
        pod = podmaker.pod_of(job, name, self._objects.stamp())
        pod["metadata"]["labels"] |= {
            JOB_NAME: metadata["name"],
            "job-name": metadata["name"],
            "batch.kubernetes.io/controller-uid": metadata["uid"],
        }
        return self._objects.put(pod)

    def _there(self, job: Object) -> bool:
        metadata = job["metadata"]
        return self._objects.find("jobs", metadata["namespace"], metadata["name"]) is job

    def _end(self, job: Object, failed: bool) -> None:
        stamp = self._objects.stamp()
        condition = {
            "type": "Failed" if failed else "Complete",
            "status": "True",
            "lastTransitionTime": stamp,
        }
        job["status"] = {"startTime": job["status"]["startTime"], "conditions": [condition]}
        if failed:
            condition |= {
                "reason": "BackoffLimitExceeded",
                "message": "Job has reached the specified backoff limit",
            }
            job["status"]["failed"] = 1
        else:
            job["status"] |= {"succeeded": 1, "completionTime": stamp}
        self._objects.put(job)
        cron_job = self._owner(job)
        if cron_job is not None:
            self._finished(cron_job, job, stamp, failed)

    def _finished(self, cron_job: Object, job: Object, stamp: str, failed: bool) -> None:
        status = cron_job["status"]
        name = job["metadata"]["name"]
        status["active"] = [ref for ref in status.get("active") or () if ref["name"] != name]
        if not failed:
            status["lastSuccessfulTime"] = stamp
        self._objects.put(cron_job)
        self._forget(cron_job)

    def _forget(self, cron_job: Object) -> None:
        """Keep only as many finished Jobs as the CronJob asks for, the newest ones."""
        spec, metadata = cron_job["spec"], cron_job["metadata"]
        for kind, limit in (
            ("Complete", spec.get("successfulJobsHistoryLimit", 3)),
            ("Failed", spec.get("failedJobsHistoryLimit", 1)),
        ):
            ended = [
                job
                for job in self._objects.select("jobs", metadata["namespace"])
                if self._owner(job) is cron_job
                and any(c["type"] == kind for c in job["status"].get("conditions") or ())
            ]
            ended.sort(key=lambda job: job["status"]["startTime"])
            for job in ended[: max(0, len(ended) - limit)]:
                self.delete(job)

    def delete(self, job: Object, *, orphan: bool = False) -> None:
        """Remove the Job, and its pods unless they are orphaned."""
        metadata = job["metadata"]
        self._objects.remove("jobs", metadata["namespace"], metadata["name"])
        selector = f"{JOB_NAME}={metadata['name']}"
        for pod in self._objects.select("pods", metadata["namespace"], selector):
            if not orphan:
                self._objects.remove("pods", metadata["namespace"], pod["metadata"]["name"])

    def _owner(self, job: Object) -> Object | None:
        for reference in job["metadata"].get("ownerReferences") or ():
            found = self._objects.find("cronjobs", job["metadata"]["namespace"], reference["name"])
            if found is not None and found["metadata"]["uid"] == reference["uid"]:
                return found
        return None

    def _named(self, job: Object) -> str:
        """The CronJob's name, or the Job's own."""
        owner = self._owner(job)
        return str((owner or job)["metadata"]["name"])
