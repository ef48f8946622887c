"""From the configuration to the real adapters. The only module that names them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any, cast

import aiohttp

from adapters.applications import HttpApplications
from adapters.argocd import HttpArgoCD
from adapters.arm import Arm, Identity
from adapters.automation import ArmAutomation
from adapters.azure import ArmAzure
from adapters.calendar import HttpCalendar
from adapters.charts import HttpCharts
from adapters.cost import ArmCost
from adapters.engine import DbosEngine
from adapters.fence import Fence
from adapters.git import DulwichGit
from adapters.grafana import HttpGrafana
from adapters.grafana_read import SYSTEM as GRAFANA
from adapters.history import DulwichHistory
from adapters.http import JsonClient
from adapters.jobs import JobsApi
from adapters.kubernetes import KubernetesApi
from adapters.kubernetes_client import KubernetesClient
from adapters.leadership import leadership
from adapters.metrics import HttpMetrics, PodScraper
from adapters.metrics_read import HUB
from adapters.nodes import NodesApi
from adapters.pods import PodsApi
from adapters.registry import Endpoint, RegistryV2
from adapters.releases import HttpReleases
from adapters.resources import ResourcesApi
from adapters.rocketchat import RocketChat
from adapters.secrets import SecretsApi
from adapters.store import SqlStore
from adapters.traces import GrafanaTraces
from adapters.traces_read import SYSTEM as TRACES
from adapters.vault import VAULT_SCOPE, ArmIdentities, KeyVault
from bot.absent import Absent, no_automation, no_azure, no_grafana, no_identities, no_vault
from bot.azure_settings import AzureSection
from bot.clock import Clock, SystemClock
from bot.drill import Drill, Stage
from bot.metrics_settings import MetricsSection
from bot.outside import Ports
from bot.ports.automation import Automation
from bot.ports.azure import Azure
from bot.ports.cost import Cost
from bot.ports.git import Signature
from bot.ports.grafana import Grafana
from bot.ports.metrics import Metrics
from bot.ports.store import Store
from bot.ports.traces import Traces
from bot.ports.vault import Identities, Vault
from bot.roster import Person
from bot.settings import Settings
from bot.telemetry import export
from bot.upstream_settings import ChartsEndpoint, RegistryEndpoint

_USER_AGENT = "houston"
_NOWHERE = "http://metrics.invalid"


class _Stages:
    """Loads the simulated world when a drill needs it, not with every Houston."""

    async def open(self, drill: Drill, people: Sequence[Person], clock: Clock) -> Stage:
        """See the protocol."""
        from bot.stage import SimulatedStages

        return await SimulatedStages().open(drill, people, clock)


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Ports]:
    """Make every adapter, on one HTTP session; close them all at the end."""
    async with AsyncExitStack() as stack:
        session = await _session(stack, settings)
        kubernetes = await KubernetesClient.connect(
            kubeconfig=settings.kubernetes.kubeconfig, context=settings.kubernetes.context
        )
        stack.push_async_callback(kubernetes.close)
        azure, automation, cost = _azure(stack, settings)
        argocd, git = _argocd(session, settings), _git(settings)
        grafana, traces = _grafana(session, settings)
        yield Ports(
            chat=_chat(session, settings),
            git=git,
            history=DulwichHistory(git),
            argocd=HttpArgoCD(argocd, project=settings.argocd.project),
            applications=HttpApplications(argocd, project=settings.argocd.project),
            kubernetes=KubernetesApi(kubernetes),
            pods=PodsApi(kubernetes),
            jobs=JobsApi(kubernetes),
            nodes=NodesApi(kubernetes),
            resources=ResourcesApi(kubernetes),
            secrets=SecretsApi(kubernetes),
            registry=RegistryV2(session, _endpoints(settings.registries)),
            charts=HttpCharts(session, _endpoints(settings.charts)),
            releases=HttpReleases(_releases(session, settings)),
            metrics=_metrics(session, settings),
            scraper=_scraper(kubernetes, settings),
            grafana=grafana,
            traces=traces,
            calendar=_calendar(session, settings),
            azure=azure,
            automation=automation,
            cost=cost,
            vault=_vault(stack, settings),
            identities=_identities(stack, settings),
            **_memory(settings),
            stages=_Stages(),
        )


async def _session(stack: AsyncExitStack, settings: Settings) -> aiohttp.ClientSession:
    """What every adapter shares; traces are recorded for as long as it is there."""
    if settings.telemetry:
        stack.callback(export(settings.telemetry.endpoint, version=version("houston")))
    headers = {"User-Agent": _USER_AGENT}
    return await stack.enter_async_context(aiohttp.ClientSession(headers=headers))


@asynccontextmanager
async def remembered(settings: Settings) -> AsyncIterator[Store]:
    """The store alone, open: for reading what was written down, whatever else is reachable."""
    store = SqlStore(settings.store.url, by=settings.audit.seal)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _memory(settings: Settings) -> dict[str, Any]:
    """What Houston remembers in, and who may write there, by the ports' names."""
    url, fence = settings.store.url, Fence()
    return {
        "leadership": leadership(url, fence, settings.store.lease),
        "engine": DbosEngine(url, poll=settings.pace.engine, fence=fence),
        "store": SqlStore(url, fence, settings.audit.seal),
    }


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


def _argocd(session: aiohttp.ClientSession, settings: Settings) -> JsonClient:
    bearer = {"Authorization": f"Bearer {settings.argocd.token.get_secret_value()}"}
    return JsonClient(session, settings.argocd.url, system="Argo CD", headers=bearer)


def _endpoints(known: Mapping[str, RegistryEndpoint | ChartsEndpoint]) -> dict[str, Endpoint]:
    return {
        host: Endpoint(
            url=endpoint.url or f"https://{host}",
            username=endpoint.username,
            password=endpoint.password.get_secret_value(),
        )
        for host, endpoint in known.items()
    }


def _releases(session: aiohttp.ClientSession, settings: Settings) -> JsonClient:
    return JsonClient(session, settings.releases.url, system="Rocket.Chat releases")


def _calendar(session: aiohttp.ClientSession, settings: Settings) -> HttpCalendar:
    feeds = {one.name: one.url.get_secret_value() for one in settings.calendars}
    return HttpCalendar(session, feeds)


def _scraper(kubernetes: KubernetesClient, settings: Settings) -> PodScraper:
    section = settings.metrics or MetricsSection(url=_NOWHERE)
    return PodScraper(kubernetes, port=section.agent_port)


def _metrics(session: aiohttp.ClientSession, settings: Settings) -> Metrics:
    section = settings.metrics
    if section is None:
        return cast(Metrics, Absent("The hub of metrics", "`metrics.url`, `metrics.token`"))
    token = section.token.get_secret_value()
    headers = {
        **({"Authorization": f"Bearer {token}"} if token else {}),
        **({"X-Scope-OrgID": section.tenant} if section.tenant else {}),
    }
    client = JsonClient(session, section.url, system=HUB, headers=headers)
    return HttpMetrics(client, SystemClock(), datasource=section.datasource)


def _grafana(session: aiohttp.ClientSession, settings: Settings) -> tuple[Grafana, Traces]:
    section = settings.grafana
    if section is None:
        return no_grafana()
    bearer = {"Authorization": f"Bearer {section.token.get_secret_value()}"}
    panels = JsonClient(session, section.url, system=GRAFANA, headers=bearer)
    tempo = JsonClient(session, section.url, system=TRACES, headers=bearer)
    traces = GrafanaTraces(tempo, section.url, datasource=section.traces)
    return HttpGrafana(panels, section.url), traces


def _azure(stack: AsyncExitStack, settings: Settings) -> tuple[Azure, Automation, Cost]:
    section = settings.azure
    if section is None:
        return no_azure()
    arm = Arm(_identity(section), url=section.url)
    stack.push_async_callback(arm.close)
    subscription, group = section.subscription, section.resource_group
    azure = ArmAzure(arm, subscription=subscription, group=group, cluster=section.cluster)
    account = section.automation_account
    automation = (
        ArmAutomation(arm, subscription=subscription, group=group, account=account)
        if account
        else no_automation()
    )
    cost = ArmCost(
        arm, azure, subscription=subscription, budget=section.budget, clock=SystemClock()
    )
    return azure, automation, cost


def _vault(stack: AsyncExitStack, settings: Settings) -> Vault:
    section, secrets = settings.azure, settings.secrets
    if section is None or not secrets.vault:
        return no_vault()
    url = secrets.vault_endpoint or secrets.vault
    arm = Arm(_identity(section), url=url, scope=VAULT_SCOPE)
    stack.push_async_callback(arm.close)
    return KeyVault(arm)


def _identities(stack: AsyncExitStack, settings: Settings) -> Identities:
    section, name = settings.azure, settings.secrets.identity
    if section is None or not name:
        return no_identities()
    arm = Arm(_identity(section), url=section.url)
    stack.push_async_callback(arm.close)
    return ArmIdentities(
        arm,
        subscription=section.subscription,
        group=section.resource_group,
        cluster=section.cluster,
        identity=name,
    )


def _identity(section: AzureSection) -> Identity:
    return Identity(
        section.identity.value,
        tenant_id=section.tenant_id,
        client_id=section.client_id,
        client_secret=section.client_secret.get_secret_value(),
        token_file=str(section.token_file or ""),
        authority=section.authority,
        ca_file=section.ca_file,
    )


async def account(settings: Settings) -> str:
    """Inspect Houston's account and rooms on the chat server."""
    from adapters.provisioning import inspect

    chat, told = settings.chat, settings.announce.room
    rooms = (*chat.rooms, told) if told else chat.rooms
    return await inspect(chat.url, chat.user_id, chat.token.get_secret_value(), rooms)
