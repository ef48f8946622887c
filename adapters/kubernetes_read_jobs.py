"""CronJobs and Jobs from the Kubernetes API's JSON, and the Job kubectl makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adapters.kubernetes_read import decoding, read_created, read_owner, read_time
from bot.ports.jobs import CronJob, Job, Outcome

_MANUAL = "cronjob.kubernetes.io/instantiate"
_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def read_cron_job(payload: Any) -> CronJob:
    """A CronJob. Raises Unavailable when it is none."""
    with decoding("a CronJob"):
        metadata, spec = payload["metadata"], payload["spec"]
        status = payload.get("status") or {}
        deadline = spec.get("startingDeadlineSeconds")
        return CronJob(
            namespace=str(metadata.get("namespace", "")),
            name=str(metadata["name"]),
            uid=str(metadata["uid"]),
            schedule=str(spec["schedule"]),
            created=read_created(metadata),
            zone=spec.get("timeZone"),
            suspended=bool(spec.get("suspend")),
            concurrency=str(spec.get("concurrencyPolicy") or "Allow"),
            last_schedule=read_time(status.get("lastScheduleTime")),
            last_success=read_time(status.get("lastSuccessfulTime")),
            active=tuple(str(found["name"]) for found in status.get("active") or ()),
            keeps=(
                int(spec.get("successfulJobsHistoryLimit", 3)),
                int(spec.get("failedJobsHistoryLimit", 1)),
            ),
            deadline=timedelta(seconds=int(deadline)) if deadline is not None else None,
            generation=int(metadata.get("generation", 0)),
        )


def read_job(payload: Any) -> Job:
    """A Job. Raises Unavailable when it is none."""
    with decoding("a Job"):
        metadata = payload["metadata"]
        status = payload.get("status") or {}
        annotations = metadata.get("annotations") or {}
        outcome, condition = _outcome(status)
        ended = status.get("completionTime")
        if outcome is Outcome.FAILED:
            # A Job that failed has no completionTime.
            ended = condition.get("lastTransitionTime")
        return Job(
            namespace=str(metadata.get("namespace", "")),
            name=str(metadata["name"]),
            uid=str(metadata["uid"]),
            outcome=outcome,
            created=read_created(metadata),
            owner=read_owner(metadata),
            scheduled=read_time(annotations.get(_SCHEDULED)),
            manual=annotations.get(_MANUAL) == "manual",
            started=read_time(status.get("startTime")),
            ended=read_time(ended),
            reason=str(condition.get("reason") or ""),
            message=str(condition.get("message") or ""),
            failures=int(status.get("failed", 0)),
        )


_CONDITIONS = {
    "Complete": Outcome.SUCCEEDED,
    "Failed": Outcome.FAILED,
    "Suspended": Outcome.SUSPENDED,
}


def _outcome(status: Mapping[str, Any]) -> tuple[Outcome, Mapping[str, Any]]:
    for found in status.get("conditions") or ():
        if found.get("status") == "True" and found.get("type") in _CONDITIONS:
            return _CONDITIONS[found["type"]], found
    return Outcome.RUNNING, {}


def job_from(cron_job: Any, name: str) -> dict[str, Any]:
    """The Job that `kubectl create job NAME --from=cronjob/…` sends.

    Its owner reference does not block the owner's deletion: that would need a right on finalizers.
    """
    with decoding("a CronJob"):
        metadata, template = cron_job["metadata"], cron_job["spec"]["jobTemplate"]
        inner = template.get("metadata") or {}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": name,
                "namespace": metadata["namespace"],
                "annotations": {_MANUAL: "manual", **(inner.get("annotations") or {})},
                "labels": inner.get("labels") or {},
                "ownerReferences": [
                    {
                        "apiVersion": "batch/v1",
                        "kind": "CronJob",
                        "name": metadata["name"],
                        "uid": metadata["uid"],
                        "controller": True,
                    }
                ],
            },
            "spec": template["spec"],
        }
