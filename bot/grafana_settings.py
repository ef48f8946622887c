"""The settings of Grafana, and of the traces that are looked for in it."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from bot.panelling import Panelling
from bot.section import Section
from bot.sections import http
from bot.tracegen import Tracegen

_UID = r"^[\w.-]{0,40}$"


class GrafanaSection(Section):
    """The Grafana people look into. Without it `!dashboard`, `!alerts` and `!trace` refuse."""

    url: str
    """Its address, as people open it: links lead there."""
    token: SecretStr = SecretStr("")
    """Of a service account; docs/grafana.md has the rights it needs."""
    metrics: str = Field("", pattern=_UID)
    """The uid of the Prometheus data source for dashboard and alerts; empty: the only one, or the
    default one."""
    traces: str = Field("tempo", pattern=_UID, min_length=1)
    """The uid of the Tempo data source."""
    dashboard: str = "ops/manifests/grafana-dashboard-maintenance-jobs.json"
    """File in the repository with the dashboard of the maintenance jobs."""
    folder: str = Field("maintenance", pattern=_UID, min_length=1)
    """The uid of the folder for dashboard and alerts; it is made when it is not there."""
    folder_title: str = Field("Maintenance", min_length=1)
    """What the folder is called when it is made."""
    group: str = Field("maintenance-jobs", min_length=1)
    """The group of the alert rules."""

    _url = field_validator("url")(http)

    @property
    def panelling(self) -> Panelling:
        """What the commands may know of it."""
        return Panelling(self.metrics, self.dashboard, self.folder, self.folder_title, self.group)


class TracingSection(Section):
    """The Job that makes traces, and what passes them on."""

    manifest: str = "ops/manifests/otel-tracegen-job.yaml"
    """File in the repository with the Job."""
    annotation: str = "canepro.me/otel-tracegen-rev"
    """The annotation of the Job that counts its runs, as its name does."""
    namespace: str = "monitoring"
    """Where Job and collector run."""
    application: str = "aks-rocketchat-ops"
    """The Argo CD application that deploys the Job."""
    collector: str = "otel-collector"
    """The collector's Deployment."""
    query: str = '{ resource.service.name = "rocket-chat" }'
    """The TraceQL query that finds what was sent."""

    @property
    def tracegen(self) -> Tracegen:
        """What the commands may know of it."""
        return Tracegen(
            manifest=self.manifest,
            annotation=self.annotation,
            namespace=self.namespace,
            application=self.application,
            collector=self.collector,
            query=self.query,
        )
