"""A whole Houston's outside from one simulated world, in this process: no socket, no credential."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from adapters.sim.applications import SimApplications
from adapters.sim.argocd import SimArgoCD
from adapters.sim.automation import SimAutomation
from adapters.sim.azure import SimAzure
from adapters.sim.calendar import SimCalendar
from adapters.sim.charts import SimCharts
from adapters.sim.chat import SimChat
from adapters.sim.cost import SimCost
from adapters.sim.custody import VAULT, files
from adapters.sim.directory import HOUSTON
from adapters.sim.git import SimGit
from adapters.sim.grafana import SimGrafana
from adapters.sim.history import SimHistory
from adapters.sim.jobs import SimJobs
from adapters.sim.kubernetes import SimKubernetes
from adapters.sim.leadership import Seat, SimLeadership
from adapters.sim.metrics import SimMetrics, SimScraper
from adapters.sim.monitoring import expected
from adapters.sim.nodes import SimNodes
from adapters.sim.panels import board_of
from adapters.sim.pods import SimPods
from adapters.sim.power import SUBSCRIPTION
from adapters.sim.registry import SimRegistry
from adapters.sim.releases import SimReleases
from adapters.sim.resources import SimResources
from adapters.sim.runbooks import ACCOUNT
from adapters.sim.secrets import SimSecrets
from adapters.sim.traces import SimTraces
from adapters.sim.tracing import job
from adapters.sim.vault import SimIdentities, SimVault
from adapters.sim.world import World
from bot.absent import no_automation, no_azure, no_grafana, no_stages
from bot.drill import Stages
from bot.outside import Ports
from bot.ports.engine import Engine
from bot.ports.git import Signature
from bot.ports.leadership import Leadership
from bot.ports.store import Store
from bot.roster import Person
from bot.rules import PolicyData
from bot.settings import Settings

COMMITTER = Signature("Houston", "houston@x.example")
_NOWHERE = "http://simulated.invalid"
_NO_SECRET = "not-a-secret"  # noqa: S105 - nobody asks for it


def simulated(
    world: World,
    configured: Settings,
    *,
    engine: Engine,
    store: Store,
    leadership: Leadership | None = None,
    git: SimGit | None = None,
    stages: Stages | None = None,
) -> Ports:
    """Every port over the world. Without `stages`, no drill can be started from inside of it."""
    git, stages = git or SimGit(world, committer=COMMITTER), stages or no_stages()
    return Ports(
        chat=SimChat(world, configured.chat.rooms),
        git=git,
        history=SimHistory(world, git),
        argocd=SimArgoCD(world),
        applications=SimApplications(world),
        kubernetes=SimKubernetes(world),
        pods=SimPods(world),
        jobs=SimJobs(world),
        nodes=SimNodes(world),
        resources=SimResources(world),
        secrets=SimSecrets(world),
        metrics=SimMetrics(world),
        scraper=SimScraper(world),
        **_grafana(world, configured),
        registry=SimRegistry(world),
        releases=SimReleases(world),
        charts=SimCharts(world),
        **_azure(world, configured),
        vault=SimVault(world),
        identities=SimIdentities(world),
        calendar=SimCalendar(world),
        leadership=leadership or SimLeadership(Seat()),
        engine=engine,
        store=store,
        stages=stages,
    )


def configuration(world: World, people: tuple[Person, ...], zone: ZoneInfo) -> Settings:
    """For a Houston in this world: its names, these people, and addresses that lead nowhere."""
    host = expected(world.remote, world.cluster.values)
    return Settings(
        chat={"url": _NOWHERE, "user_id": HOUSTON, "token": _NO_SECRET, "rooms": ["ops"]},
        git={"url": _NOWHERE, "branch": world.remote.branch},
        argocd={
            "url": _NOWHERE,
            "token": _NO_SECRET,
            "application": world.cluster.application,
        },
        azure=_hosting(world),
        metrics={"url": _NOWHERE, "labels": host},
        grafana={"url": _NOWHERE, **board_of(world.remote)},
        tracing=job(world.remote),
        guide={"nightly": None},
        secrets={
            "vault": VAULT,
            "identity": world.custody.identity,
            "searched": ["ops", "argocd", "values.yaml"],
            **files(world.remote),
        },
        policy=PolicyData(people=people),
        pace={"poll": 1.0 / world.speed + 0.2, "engine": 1},
        zone=str(zone),
    )


def _hosting(world: World) -> dict[str, object]:
    return {
        "subscription": SUBSCRIPTION,
        "resource_group": world.power.group,
        "cluster": world.power.name,
        "automation_account": ACCOUNT,
        "budget": world.bill.name,
        "change_schedules": True,
    }


def _grafana(world: World, configured: Settings) -> dict[str, Any]:
    """Both ports by their names."""
    known = configured.grafana is not None
    grafana, traces = (SimGrafana(world), SimTraces(world)) if known else no_grafana()
    return {"grafana": grafana, "traces": traces}


def _azure(world: World, configured: Settings) -> dict[str, Any]:
    """The three ports by their names."""
    section = configured.azure
    azure, automation, cost = no_azure()
    if section is not None:
        azure, cost = SimAzure(world), SimCost(world)
        automation = SimAutomation(world) if section.automation_account else no_automation()
    return {"azure": azure, "automation": automation, "cost": cost}
