"""From the configuration to the real adapters. The only module that names them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from adapters.argocd import HttpArgoCD
from adapters.engine import DbosEngine
from adapters.git import DulwichGit
from adapters.http import JsonClient
from adapters.jobs import JobsApi
from adapters.kubernetes import KubernetesApi
from adapters.kubernetes_client import KubernetesClient
from adapters.nodes import NodesApi
from adapters.pods import PodsApi
from adapters.provisioning import inspect
from adapters.registry import Endpoint, RegistryV2
from adapters.releases import HttpReleases
from adapters.resources import ResourcesApi
from adapters.rocketchat import RocketChat
from adapters.secrets import SecretsApi
from adapters.store import SqlStore
from bot.bootstrap import Ports
from bot.ports.git import Signature
from bot.ports.store import Store
from bot.settings import Settings

_USER_AGENT = "houston"


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Ports]:
    """Make every adapter, on one HTTP session; close them all at the end."""
    headers = {"User-Agent": _USER_AGENT}
    async with aiohttp.ClientSession(headers=headers) as session:
        kubernetes = await KubernetesClient.connect(
            kubeconfig=settings.kubernetes.kubeconfig, context=settings.kubernetes.context
        )
        try:
            yield Ports(
                chat=_chat(session, settings),
                git=_git(settings),
                argocd=_argocd(session, settings),
                kubernetes=KubernetesApi(kubernetes),
                pods=PodsApi(kubernetes),
                jobs=JobsApi(kubernetes),
                nodes=NodesApi(kubernetes),
                resources=ResourcesApi(kubernetes),
                secrets=SecretsApi(kubernetes),
                registry=_registry(session, settings),
                releases=HttpReleases(
                    JsonClient(session, settings.releases.url, system="Rocket.Chat releases")
                ),
                engine=DbosEngine(settings.store.url, poll=settings.pace.engine),
                store=SqlStore(settings.store.url),
            )
        finally:
            await kubernetes.close()


@asynccontextmanager
async def remembered(settings: Settings) -> AsyncIterator[Store]:
    """The store alone, open: for reading what was written down, whatever else is reachable."""
    store = SqlStore(settings.store.url)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _chat(session: aiohttp.ClientSession, settings: Settings) -> RocketChat:
    chat = settings.chat
    return RocketChat(
        session,
        url=chat.url,
        user_id=chat.user_id,
        token=chat.token.get_secret_value(),
        rooms=chat.rooms,
        dice=random.Random(),  # noqa: S311  # jitter, not a secret
    )


def _git(settings: Settings) -> DulwichGit:
    git = settings.git
    return DulwichGit(
        git.url,
        git.branch,
        username=git.username,
        password=git.password.get_secret_value(),
        committer=Signature(git.committer_name, git.committer_email),
        timeout=git.timeout,
    )


def _argocd(session: aiohttp.ClientSession, settings: Settings) -> HttpArgoCD:
    argocd = settings.argocd
    bearer = {"Authorization": f"Bearer {argocd.token.get_secret_value()}"}
    client = JsonClient(session, argocd.url, system="Argo CD", headers=bearer)
    return HttpArgoCD(client, project=argocd.project)


def _registry(session: aiohttp.ClientSession, settings: Settings) -> RegistryV2:
    hosts = {
        host: Endpoint(
            url=endpoint.url or f"https://{host}",
            username=endpoint.username,
            password=endpoint.password.get_secret_value(),
        )
        for host, endpoint in settings.registries.items()
    }
    return RegistryV2(session, hosts)


async def account(settings: Settings) -> str:
    """Inspect Houston's account and rooms on the chat server."""
    chat = settings.chat
    return await inspect(chat.url, chat.user_id, chat.token.get_secret_value(), chat.rooms)
