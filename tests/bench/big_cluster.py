"""A simulated API server with as many objects as asked for, in a process of its own.

Prints its address, serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from adapters.sim import podmaker
from adapters.sim.chatroom import ChatRoom
from adapters.sim.cluster import Cluster
from adapters.sim.objectstore import ObjectStore
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from adapters.sim.servers import kubernetes as server
from adapters.sim.servers.loopback import serve
from adapters.sim.world import World
from bot.clock import LoopClock

TOKEN = "opens nothing"
NAMESPACES = ("rocketchat", "monitoring", "external-secrets")
START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
JOBS_EACH = 20
_SINCE = "2026-11-24T09:00:00Z"
_BAD = 100
"""One pod of so many is in trouble."""


def fill(objects: ObjectStore, pods: int, cron_jobs: int) -> None:
    """Put them in, with twenty Jobs to a CronJob."""
    for number in range(pods):
        objects.put(_pod(number))
    for number in range(cron_jobs):
        made = objects.put(_cron_job(number))
        for run in range(JOBS_EACH):
            objects.put(_job(made, run))


def _pod(number: int) -> dict[str, Any]:
    bad = number % _BAD == 0
    state: dict[str, Any] = {"running": {"startedAt": _SINCE}}
    if bad:
        state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"service-{number:05}",
            "namespace": NAMESPACES[number % 2],
            "creationTimestamp": _SINCE,
            "labels": {"app.kubernetes.io/name": f"service-{number:05}"},
        },
        "spec": {
            "nodeName": podmaker.NODE,
            "containers": [
                {
                    "name": "main",
                    "image": "registry.example/service:1.2.3",
                    "env": [{"name": f"VARIABLE_{n}", "value": "x" * 40} for n in range(10)],
                }
            ],
        },
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(not bad)}],
            "containerStatuses": [
                {
                    "name": "main",
                    "image": "registry.example/service:1.2.3",
                    "imageID": f"registry.example/service@sha256:{'0' * 64}",
                    "ready": not bad,
                    "restartCount": 7 if bad else 0,
                    "state": state,
                }
            ],
        },
    }


def _cron_job(number: int) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "alpine:3.20"}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": f"job-{number:04}", "namespace": "monitoring"},
        "spec": {
            "schedule": f"{number % 60} 9 * * *",
            "timeZone": "UTC",
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"template": {"spec": pod}}},
        },
        "status": {"lastScheduleTime": _SINCE, "lastSuccessfulTime": _SINCE},
    }


def _job(cron_job: dict[str, Any], run: int) -> dict[str, Any]:
    began = f"2026-11-{run + 4:02}T09:00:00Z"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{cron_job['metadata']['name']}-{run:08}",
            "namespace": "monitoring",
            "creationTimestamp": began,
            "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": began},
            "ownerReferences": [podmaker.reference(cron_job)],
        },
        "spec": cron_job["spec"]["jobTemplate"]["spec"],
        "status": {
            "startTime": began,
            "completionTime": began.replace("09:00:00", "09:00:20"),
            "succeeded": 1,
            "conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": began}],
        },
    }


async def _main(pods: int, cron_jobs: int) -> None:
    world = World(LoopClock(START), Remote.in_memory(*seed()), ChatRoom(), Cluster(), latency=0.0)
    fill(world.cluster.objects, pods, cron_jobs)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(world.close)
        sys.stdout.write(await serve(stack, server.app(world, TOKEN)) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2])))
