"""What Houston needs of CronJobs and the Jobs they leave behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.ports.pods import Owner


@dataclass(frozen=True)
class CronJob:
    """A CronJob. `schedule` is its cron line; `zone` is None when the controller's zone counts.

    `last_schedule` is the time the last started run was due, not when it started. `last_success`
    is when a Job of it last completed. `active` are names of scheduled Jobs that run.
    `keeps` are how many succeeded and failed Jobs are kept. `deadline` is how late a run may start.
    `generation` counts the changes of its description, and of nothing that moves by itself.
    """

    namespace: str
    name: str
    uid: str
    schedule: str
    created: datetime
    zone: str | None = None
    suspended: bool = False
    concurrency: str = "Allow"
    last_schedule: datetime | None = None
    last_success: datetime | None = None
    active: tuple[str, ...] = ()
    keeps: tuple[int, int] = (3, 1)
    deadline: timedelta | None = None
    generation: int = 0


class Outcome(StrEnum):
    RUNNING = "running"
    SUSPENDED = "suspended"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        return self in {Outcome.SUCCEEDED, Outcome.FAILED}


@dataclass(frozen=True)
class Job:
    """A Job. `owner` is its CronJob. `scheduled` is when it was due; None for one begun by hand.

    `ended` is when it completed or was given up. `reason` and `message` say why it failed.
    `failures` counts pods that failed, also in a Job that succeeded in the end.
    """

    namespace: str
    name: str
    uid: str
    outcome: Outcome
    created: datetime
    owner: Owner | None = None
    scheduled: datetime | None = None
    manual: bool = False
    started: datetime | None = None
    ended: datetime | None = None
    reason: str = ""
    message: str = ""
    failures: int = 0

    @property
    def took(self) -> timedelta | None:
        """From its start to its end; None while it has not ended."""
        return self.ended - self.started if self.ended and self.started else None


class Jobs(Protocol):
    """CronJobs and Jobs of one cluster. Every method may raise Unavailable or Denied."""

    def cron_jobs(self, namespace: str | None = None) -> AsyncIterator[CronJob]:
        """By namespace and name, asked for page by page; of all namespaces for None."""
        ...

    async def cron_job(self, namespace: str, name: str) -> CronJob:
        """Raises Missing."""
        ...

    def jobs(self, namespace: str | None = None) -> AsyncIterator[Job]:
        """Every Job, by namespace and name, asked for page by page."""
        ...

    async def job(self, namespace: str, name: str) -> Job:
        """Raises Missing."""
        ...

    async def start(self, namespace: str, cron_job: str, name: str, *, dry: bool = False) -> Job:
        """Create the Job `name` exactly as `kubectl create job --from=cronjob/…` does.

        `dry` lets the cluster judge it and keeps nothing. Raises Missing without the CronJob,
        Conflict when a Job of that name is there, Invalid, UnknownOutcome.
        """
        ...

    async def logs(self, namespace: str, job: str, *, tail: int = 200) -> str:
        """The end of what its newest pod wrote, not redacted. Raises Missing without a pod."""
        ...

    async def delete(self, namespace: str, name: str, uid: str) -> None:
        """Delete exactly that Job, and its pods. Raises Missing, Conflict, UnknownOutcome."""
        ...
