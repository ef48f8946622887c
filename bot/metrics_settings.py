"""The settings of the metrics' way to the dashboard."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.pipeline import Pipeline
from bot.section import Section
from bot.sections import http

_LABELS = {
    "tenant_id": "k8-canepro-me",
    "namespace": "rocketchat",
    "site_url": "https://k8.canepro.me",
    "workspace": "production",
    "domain": "k8.canepro.me",
}
_ENVIRONMENT = {
    "OVERWRITE_SETTING_Prometheus_Enabled": "true",
    "OVERWRITE_SETTING_Prometheus_Port": "9100",
}


class MetricsSection(Section):
    """Where metrics are kept, and how they get there. Without it `!metrics` refuses."""

    url: str
    """Grafana's address when `datasource` is set, else that of a Prometheus API."""
    datasource: str = Field("", pattern=r"^[\w.-]*$")
    """The uid of the Prometheus data source in Grafana; empty: `url` is asked itself."""
    token: SecretStr = SecretStr("")
    """Of a Grafana service account that may query the data source, or a bearer token."""
    tenant: str = Field("", pattern=r"^[\w.|-]*$")
    """Sent as `X-Scope-OrgID`; empty: not sent."""
    query: str = 'rocketchat_info{job="kubernetes-services"}'
    """What finds Rocket.Chat's series at the hub: one selector."""
    labels: dict[str, str] = Field(default_factory=lambda: dict(_LABELS))
    """Labels each of these series must carry, with their values; the guide's are the default."""
    external: tuple[str, ...] = ("workspace", "domain", "tenant_id")
    """Which of the labels the agent adds to all it sends."""
    variables: tuple[str, ...] = ("cluster", "job", "namespace", "domain", "workspace")
    """Labels the dashboard's variables are filled from."""
    switches: tuple[str, ...] = ("prometheusScraping.enabled", "metrics.enabled")
    """Keys of the values file that must not say false."""
    environment: dict[str, str] = Field(default_factory=lambda: dict(_ENVIRONMENT))
    """Variables the monolith's container must have, with their values."""
    port: str = "metrics"
    """The Service's port by which it is scraped."""
    namespace: str = "monitoring"
    """Where the Prometheus agent runs."""
    deployment: str = "prometheus-agent"
    """The agent's Deployment."""
    agent_port: int = Field(9090, ge=1, le=65535)
    """The port the agent answers on."""
    application: str = "aks-rocketchat-ops"
    """The Argo CD application that deploys the agent."""
    template: str = "ops/manifests/prometheus-agent-configmap.yaml"
    """File in the repository with the agent's ConfigMap."""
    template_key: str = "prometheus.yml.tmpl"
    """The key of the ConfigMap's data that holds the configuration."""
    manifest: str = "ops/manifests/prometheus-agent-deployment.yaml"
    """File in the repository with the agent's Deployment."""
    annotation: str = "canepro.me/prometheus-agent-config-rev"
    """The annotation of its pods that `!metrics restart-agent` counts up."""

    _url = field_validator("url")(http)

    @model_validator(mode="after")
    def _known(self) -> MetricsSection:
        strays = sorted({*self.external} - {*self.labels})
        if strays:
            raise ValueError(f"external names {', '.join(strays)}, which labels does not have")
        return self

    @property
    def pipeline(self) -> Pipeline:
        """What the commands may know of it."""
        return Pipeline(
            query=self.query,
            labels=self.labels,
            external=self.external,
            variables=self.variables,
            switches=tuple(tuple(switch.split(".")) for switch in self.switches),
            environment=self.environment,
            port=self.port,
            namespace=self.namespace,
            deployment=self.deployment,
            application=self.application,
            template=self.template,
            template_key=("data", self.template_key),
            manifest=self.manifest,
            annotation=self.annotation,
        )
