"""Every system outside, and the worlds of drills, as Houston is given it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.drill import Stages
from bot.ports.applications import Applications
from bot.ports.argocd import ArgoCD
from bot.ports.automation import Automation
from bot.ports.azure import Azure
from bot.ports.calendar import Calendar
from bot.ports.charts import Charts
from bot.ports.chat import Chat
from bot.ports.cost import Cost
from bot.ports.engine import Engine
from bot.ports.git import Git
from bot.ports.grafana import Grafana
from bot.ports.history import History
from bot.ports.jobs import Jobs
from bot.ports.kubernetes import Kubernetes
from bot.ports.leadership import Leadership
from bot.ports.metrics import Metrics, Scraper
from bot.ports.nodes import Nodes
from bot.ports.pods import Pods
from bot.ports.registry import Registry, Releases
from bot.ports.resources import Resources
from bot.ports.secrets import Secrets
from bot.ports.store import Store
from bot.ports.traces import Traces
from bot.ports.vault import Identities, Vault


@dataclass(frozen=True)
class Ports:
    """Every system outside."""

    chat: Chat
    git: Git
    history: History
    argocd: ArgoCD
    applications: Applications
    kubernetes: Kubernetes
    pods: Pods
    jobs: Jobs
    nodes: Nodes
    resources: Resources
    secrets: Secrets
    metrics: Metrics
    scraper: Scraper
    grafana: Grafana
    traces: Traces
    registry: Registry
    releases: Releases
    charts: Charts
    azure: Azure
    automation: Automation
    cost: Cost
    vault: Vault
    identities: Identities
    calendar: Calendar
    leadership: Leadership
    engine: Engine
    store: Store
    stages: Stages
