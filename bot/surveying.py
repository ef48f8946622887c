"""What Argo CD, the repository and the cluster tell of a Rocket.Chat that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from adapters.applications import HttpApplications
from adapters.discovery import namespaces
from adapters.git import DulwichGit
from adapters.http import JsonClient
from adapters.jobs import JobsApi
from adapters.kubernetes import KubernetesApi
from adapters.kubernetes_client import KubernetesClient
from bot.configtext import CronLine, Seen
from bot.errors import AdapterError, Refused
from bot.ports.argocd import Application, Source
from bot.ports.git import File, Signature
from bot.ports.jobs import CronJob
from bot.sections import KubernetesSection, RocketChatSection
from bot.target import Target

_IMAGE = "rocket.chat"
_MONOLITH = "-rocketchat"
_OTHERS = ("kube-system", "kube-public", "kube-node-lease")


@dataclass(frozen=True)
class Deployed:
    """Argo CD's applications, those with a git source, and the one that most likely deploys it."""

    names: list[str]
    sources: Mapping[str, Source]
    likely: str


@dataclass(frozen=True)
class Repository:
    """The repository, with Rocket.Chat's values file and the operations guide, if there is one."""

    url: str
    branch: str
    values: str
    guide: str


async def deployed(url: str, token: str, project: str) -> Deployed:
    """Raises Unavailable, Denied, Refused when the token sees no application."""
    async with aiohttp.ClientSession(headers={"User-Agent": "houston"}) as session:
        bearer = {"Authorization": f"Bearer {token}"}
        client = JsonClient(session, url, system="Argo CD", headers=bearer)
        found = await HttpApplications(client, project=project).applications()
    if not found:
        raise Refused(
            f"Argo CD shows no application of the project {project} to this token",
            "Give its account `applications, get` on them, or name another --project",
        )
    sources = {one.name: one.git for one in found if one.git}
    return Deployed([one.name for one in found], sources, max(found, key=_likeness).name)


def _likeness(one: Application) -> int:
    """The chart's application has Rocket.Chat's chart and the values beside it."""
    charts = [source.chart for source in one.sources if source.chart]
    return 4 * ("rocketchat" in charts) + 2 * ("rocketchat" in one.name) + bool(one.git and charts)


async def repository(url: str, branch: str, username: str, password: str) -> Repository:
    """Raises Unavailable, Denied, Missing, Refused without a values file of Rocket.Chat."""
    git = DulwichGit(
        url, branch, username=username, password=password, committer=Signature("Houston", "-")
    )
    files = await git.files()
    values = [file.path for file in files if file.path.endswith((".yaml", ".yml")) and _of_it(file)]
    if not values:
        raise Refused(
            f"{branch} of {url} has no values file of Rocket.Chat",
            "Its image.repository names rocket.chat; is this the repository Argo CD deploys from?",
        )
    guides = [file.path for file in files if file.path.upper().endswith("OPERATIONS.MD")]
    return Repository(url, branch, min(values, key=len), min(guides, key=len, default=""))


def _of_it(file: File) -> bool:
    """Whether it is a values file of Rocket.Chat."""
    section = RocketChatSection()
    shape = Target("", "", section.release, file.path, section.microservice_images)
    try:
        return _IMAGE in shape.parts(file.content)[0].image
    except Refused:
        return False


async def cluster(kubeconfig: str, context: str) -> Seen:
    """Raises ConfigError, Unavailable, Denied."""
    client = await KubernetesClient.connect(
        kubeconfig=Path(kubeconfig) if kubeconfig else None, context=context or None
    )
    try:
        return await _look(client)
    finally:
        await client.close()


async def _look(client: KubernetesClient) -> Seen:
    all_of_them = await namespaces(client)
    assumed = (RocketChatSection().namespace, *KubernetesSection().namespaces)
    names = [name for name in all_of_them or assumed if name not in _OTHERS]
    own, release = await _release(client, names)
    jobs = [job for name in names for job in await _cron_jobs(client, name)]
    busy = {job.namespace for job in jobs} | set(assumed)
    return Seen(
        own,
        release,
        tuple(name for name in names if name in busy and name != own),
        tuple(CronLine(job.namespace, job.name, job.schedule) for job in jobs),
        next((job.name for job in jobs if "image" in job.name and "prune" in job.name), ""),
    )


async def _release(client: KubernetesClient, names: list[str]) -> tuple[str, str]:
    """Where the Deployment of the monolith is, and what its release is called."""
    for name in names:
        try:
            found = await KubernetesApi(client).rollouts(name)
        except AdapterError:
            continue
        for one in found:
            whose = any(_IMAGE in image for image in one.images)
            if whose and one.name.endswith(_MONOLITH):
                return name, one.name.removesuffix(_MONOLITH)
    raise Refused(
        f"no Deployment of Rocket.Chat is to be seen in {', '.join(names)}",
        "Is this its cluster, and may the account list Deployments there?",
    )


async def _cron_jobs(client: KubernetesClient, namespace: str) -> list[CronJob]:
    try:
        return [job async for job in JobsApi(client).cron_jobs(namespace)]
    except AdapterError:
        return []
