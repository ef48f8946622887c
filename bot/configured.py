"""What the configuration says, in the bot's own values."""

from __future__ import annotations

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.azure_settings import AzureSection
from bot.custody import Custody
from bot.grafana_settings import GrafanaSection, TracingSection
from bot.hosting import Hosting
from bot.jobhealth import JobRules
from bot.metrics_settings import MetricsSection
from bot.ondisk import OnDisk
from bot.panelling import Panelling
from bot.pins import Sources
from bot.pipeline import Pipeline
from bot.policyfile import PolicyFile
from bot.redact import secrets_in
from bot.runbook import Names
from bot.scope import Database, Guide, Maintenance, Scope
from bot.sections import MaintenanceSection, MongoDBSection, RocketChatSection
from bot.settings import ArgoSection, Settings
from bot.target import Target
from bot.tracegen import Tracegen

_NO_GRAFANA = GrafanaSection(url="http://grafana.invalid")
_NO_METRICS = MetricsSection(url="http://metrics.invalid")
_SERVICES = ("rocketchat", "account", "authorization", "presence", "ddp-streamer")


def target(settings: Settings) -> Target:
    """The Rocket.Chat that is operated, from the configuration."""
    return Target(
        application=settings.argocd.application,
        namespace=settings.rocketchat.namespace,
        release=settings.rocketchat.release,
        values=settings.rocketchat.values,
        microservice_images=settings.rocketchat.microservice_images,
    )


def scope(settings: Settings) -> Scope:
    """Where in the cluster Houston looks, the release's own namespace first."""
    own = settings.rocketchat.namespace
    return Scope(tuple(dict.fromkeys((own, *settings.kubernetes.namespaces))))


def hosting(settings: Settings) -> Hosting:
    """The cluster that hosts the chat; nameless when none is configured."""
    known = settings.azure or AzureSection(subscription="-", resource_group="-", cluster="-")
    return known.hosting


def pipeline(settings: Settings) -> Pipeline:
    """The metrics' way; by the defaults when none is configured."""
    section = settings.metrics or _NO_METRICS
    return section.pipeline


def panelling(settings: Settings) -> Panelling:
    """What is put into Grafana; by the defaults when none is configured."""
    return (settings.grafana or _NO_GRAFANA).panelling


def maintenance(settings: Settings) -> Maintenance:
    """What is cleaned up, and what stays."""
    section = settings.maintenance
    return Maintenance(section.image_prune, section.keep, section.at_most, section.older_than)


def database(settings: Settings) -> Database:
    """What the database is called."""
    section = settings.mongodb
    return Database(
        workloads=section.workloads,
        buses=section.buses,
        config_map=section.config_map,
        manifest=section.manifest,
        kustomization=section.kustomization,
        application=section.application,
        secrets=tuple(section.secrets.items()),
    )


def sources(settings: Settings) -> Sources:
    """Where it is looked up what is out."""
    releases = urlsplit(settings.releases.url).netloc
    return Sources(releases, settings.mongodb.image, settings.reports.unasked)


def names(settings: Settings) -> Names:
    """What manual lines are written with, the defaults, and what is configured in their place."""
    old, new = RocketChatSection(), settings.rocketchat
    mongo, metrics = (
        (MongoDBSection(), settings.mongodb),
        (_NO_METRICS.pipeline, pipeline(settings)),
    )
    upkeep = (MaintenanceSection(), settings.maintenance)
    azure, known = AzureSection(subscription="-", resource_group="-", cluster="-"), settings.azure
    services = {f"{old.release}-{service}": f"{new.release}-{service}" for service in _SERVICES}
    configured = {
        **services,
        f"-n {old.namespace}": f"-n {new.namespace}",
        old.values: new.values,
        str(ArgoSection.model_fields["application"].default): settings.argocd.application,
        mongo[0].manifest: mongo[1].manifest,
        mongo[0].config_map: mongo[1].config_map,
        upkeep[0].image_prune: upkeep[1].image_prune,
        **_of_metrics(*metrics),
        **_of_traces(TracingSection().tracegen, settings.tracing.tracegen),
        _NO_GRAFANA.dashboard: panelling(settings).dashboard,
        _real(azure.tfvars).rpartition("/")[2]: _real((known or azure).tfvars),
    }
    group, cluster = (known.resource_group, known.cluster) if known else ("", "")
    return Names(configured, settings.git.branch, group, cluster)


def _of_metrics(old: Pipeline, new: Pipeline) -> dict[str, str]:
    return {
        old.application: new.application,
        old.manifest: new.manifest,
        old.annotation: new.annotation,
        old.query: new.query,
        f"-n {old.namespace}": f"-n {new.namespace}",
        f"namespaces/{old.namespace}": f"namespaces/{new.namespace}",
    }


def _of_traces(old: Tracegen, new: Tracegen) -> dict[str, str]:
    return {
        old.manifest: new.manifest,
        old.annotation: new.annotation,
        f"deploy/{old.collector}": f"deploy/{new.collector}",
        old.query: new.query,
    }


def _real(tfvars: str) -> str:
    """The file that is in no clone, by its example."""
    return tfvars.removesuffix(".example")


def facts(settings: Settings) -> dict[type, object]:
    """All of it, by type."""
    return {
        Target: target(settings),
        Scope: scope(settings),
        Pipeline: pipeline(settings),
        Panelling: panelling(settings),
        Tracegen: settings.tracing.tracegen,
        Custody: settings.secrets.custody,
        Database: database(settings),
        Maintenance: maintenance(settings),
        Names: names(settings),
        Guide: Guide(settings.guide.path, settings.kubernetes.context or ""),
        PolicyFile: PolicyFile(settings.policy_file, OnDisk(settings).policy),
        Hosting: hosting(settings),
        JobRules: settings.reports.job_rules,
        Sources: sources(settings),
        ZoneInfo: ZoneInfo(settings.zone),
    }


def secrets(settings: Settings) -> list[str]:
    """Every configured secret value, for redaction only."""
    return [*secrets_in(settings.model_dump()), urlsplit(settings.store.url).password or ""]
