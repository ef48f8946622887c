"""The objects a plan is about, as they stand: what of them may not move before the start.

Only what somebody chose is here, by name and in words a card can show. What moves by itself, as a
status or a resource version, would void votes for nothing.
"""

from __future__ import annotations

import asyncio

from bot.errors import Missing
from bot.ports.argocd import Application, ArgoCD
from bot.ports.jobs import CronJob
from bot.ports.kubernetes import Kubernetes, Rollout

_GONE = "not there"


async def deployments(kubernetes: Kubernetes, namespace: str, *names: str) -> dict[str, str]:
    """How many replicas are asked for, of which image, by which version of its description.

    One that is not there is said to be so. Raises Unavailable, Denied.
    """

    async def look(name: str) -> Rollout | None:
        try:
            return await kubernetes.rollout(namespace, name)
        except Missing:
            return None

    seen = await asyncio.gather(*(look(name) for name in names))
    return {
        key: value
        for name, found in zip(names, seen, strict=True)
        for key, value in _rollout(f"deployment/{name}", found).items()
    }


def _rollout(thing: str, found: Rollout | None) -> dict[str, str]:
    if found is None:
        return {thing: _GONE}
    return {
        f"{thing} replicas": str(found.wanted),
        f"{thing} image": ", ".join(found.images),
        f"{thing} generation": str(found.generation),
    }


async def application(argocd: ArgoCD, name: str) -> dict[str, str]:
    """As `of_application`. Raises Missing, Unavailable, Denied."""
    return of_application(await argocd.application(name))


def of_application(found: Application) -> dict[str, str]:
    """What it follows, and what it runs."""
    thing = f"application/{found.name}"
    return {
        f"{thing} follows": ", ".join(source.target_revision for source in found.sources),
        f"{thing} runs": ", ".join(source.revision or "nothing" for source in found.sources),
    }


def of_cron_job(found: CronJob) -> dict[str, str]:
    """When it runs, whether it does, and by which version of its description."""
    thing = f"cronjob/{found.name}"
    return {
        f"{thing} schedule": f"{found.schedule} {found.zone or ''}".strip(),
        f"{thing} suspended": "yes" if found.suspended else "no",
        f"{thing} generation": str(found.generation),
    }
