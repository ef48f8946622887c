"""The simulated way of metrics: what the agent's pods scrape and send, and what the hub keeps.

Laws: a pod renders its configuration from the ConfigMap once, when it is made; it scrapes a Service
that says so; what it sends carries the external labels it runs with; the hub keeps what arrives.
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from adapters.sim import podmaker
from adapters.sim.remote import Remote
from adapters.sim.seed.shapes import MONITORING, made
from bot.errors import Missing

if TYPE_CHECKING:
    from adapters.sim.world import World

Labels = dict[str, str]

TEMPLATE = "ops/manifests/prometheus-agent-configmap.yaml"
_NAME, _KEY = "prometheus-agent-config", "prometheus.yml.tmpl"
PASSWORD = "remote-write-password"  # noqa: S105  # of the simulation, to be seen nowhere
_FILLED = {"${GRAFANA_USERNAME}": "hub-writer", "${GRAFANA_PASSWORD}": PASSWORD}
VALUE = "__value__"
"""Under this name a series carries its value, when that is not 1."""
_MATCHER = re.compile(r'\s*([a-zA-Z_]\w*)\s*(=|!=)\s*"([^"]*)"\s*')
_SELECTOR = re.compile(r"\s*([a-zA-Z_:][\w:]*)?\s*(?:\{(.*)\})?\s*")
_JOB = "kubernetes-services"
_EXTERNAL = ("tenant_id", "workspace", "domain")
_RULE = {"action": "replace", "regex": "(.*)", "replacement": "$1", "separator": ";"}


def expected(remote: Remote, values: str) -> Labels:
    """What a repository's dashboard would filter by, when all it says is right."""
    config = yaml.safe_load(_template(remote)) or {}
    external = (config.get("global") or {}).get("external_labels") or {}
    host = (yaml.safe_load(remote.read(values)) or {}).get("host", "chat.example")
    return {
        **{name: str(external[name]) for name in _EXTERNAL if name in external},
        "namespace": "rocketchat",
        "site_url": f"https://{host}",
    }


def _template(remote: Remote) -> str:
    """The agent's configuration in a repository, empty when it has none."""
    try:
        content = remote.read(TEMPLATE)
    except Missing:
        return ""
    return str(((yaml.safe_load(content) or {}).get("data") or {}).get(_KEY, ""))


class BadQuery(Exception):
    """The expression is none this hub understands."""


class Monitoring:
    """State and laws.

    `agent` is agent mode. `refused` is why the hub takes nothing, empty when it does. `dropped` are
    labels the hub throws away. `unreachable` is why the agent cannot reach what it scrapes.
    `sessions` is how many people are connected, None when nobody scrapes who knows.
    """

    def __init__(self) -> None:
        self.agent = False
        self.refused = ""
        self.unreachable = ""
        self.dropped: set[str] = set()
        self.sessions: int | None = 38
        self._templates: list[tuple[datetime, str]] = []

    def bind(self, world: World) -> None:
        """Belong to a world; the agent runs with what git says."""
        self._world = world
        self.changed(_NAME, {_KEY: _template(world.remote)})

    def changed(self, name: str, data: dict[str, str]) -> None:
        """A ConfigMap becomes this; of the agent's, pods that run already do not notice."""
        self._world.cluster.objects.put(made("v1", "ConfigMap", MONITORING, name, data=data))
        if name != _NAME:
            return
        first = not self._templates
        at = datetime.min.replace(tzinfo=UTC) if first else self._world.clock.now()
        self._templates.append((at, data.get(_KEY, "")))

    def ran_before(self, template: str) -> None:
        """The pods there are were made with this, before the ConfigMap was changed."""
        self._templates.insert(0, (datetime.min.replace(tzinfo=UTC), template))
        self._templates[1] = (self._world.clock.now(), self._templates[1][1])

    def running(self, pod: dict[str, Any]) -> dict[str, Any]:
        """The configuration a pod was made with, credentials filled in."""
        return deepcopy(_parsed(self._rendered(pod))) or {}

    def _rendered(self, pod: dict[str, Any]) -> str:
        created = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
        text = next(text for at, text in reversed(self._templates) if at <= created)
        for name, value in _FILLED.items():
            text = text.replace(name, value)
        return text

    def shown(self, pod: dict[str, Any]) -> str:
        """The same as `/api/v1/status/config` says it: defaults written out, secrets masked."""
        return _masked(self._rendered(pod))

    def pods(self) -> list[dict[str, Any]]:
        """The agent's pods that run."""
        found = self._world.cluster.objects.select("pods", MONITORING, "app=prometheus-agent")
        return [pod for pod in found if podmaker.is_ready(pod)]

    def targets(self, pod: dict[str, Any]) -> list[dict[str, Any]]:
        """What the pod scrapes, as `/api/v1/targets` says it."""
        jobs = {job["job_name"] for job in self.running(pod).get("scrape_configs") or ()}
        if _JOB not in jobs or not self._advertised():
            return []
        error = "" if self._exposed() else "Get http://10.0.0.9:9100/metrics: connection refused"
        error = error or self.unreachable
        return [
            {
                "scrapePool": _JOB,
                "scrapeUrl": "http://rocketchat-rocketchat.rocketchat.svc:9100/metrics",
                "health": "down" if error else "up",
                "lastError": error,
                "labels": {"job": _JOB},
            }
        ]

    def scraped(self, pod: dict[str, Any]) -> list[Labels]:
        """The series the pod has, before it adds its external labels."""
        if not any(target["health"] == "up" for target in self.targets(pod)):
            return []
        config, cluster = self.running(pod), self._world.cluster
        values = _parsed(self._world.remote.read(cluster.values).decode())
        labels = {
            "__name__": "rocketchat_info",
            "job": _JOB,
            "instance": "rocketchat-rocketchat.rocketchat.svc:9100",
            "kubernetes_namespace": cluster.namespace,
            "site_url": f"https://{values.get('host', 'chat.example')}",
            "unique_id": "f00d",
            "version": self._world.chat.version,
        }
        job = next(job for job in config["scrape_configs"] if job["job_name"] == _JOB)
        for rule in job.get("metric_relabel_configs") or ():
            labels[rule["target_label"]] = labels.get(rule["source_labels"][0], "")
        return [labels, *self._connected()]

    def _connected(self) -> list[Labels]:
        """What each pod of the ddp-streamer counts; Moleculer names the series without a prefix."""
        live = self._world.cluster.deployments.get("rocketchat-ddp-streamer")
        pods = [pod.name for pod in live.pods if pod.ready] if live else []
        if self.sessions is None:
            return []
        each, rest = divmod(self.sessions, max(1, len(pods)))
        return [
            {"__name__": "users_connected", "nodeID": pod, VALUE: str(each + (number < rest))}
            for number, pod in enumerate(pods)
        ]

    def kept(self) -> list[Labels]:
        """The series at the hub."""
        if self.refused:
            return []
        found = []
        for pod in self.pods():
            external = (self.running(pod).get("global") or {}).get("external_labels") or {}
            for labels in (*self.scraped(pod), *self._cron_jobs()):
                sent = {**{key: str(value) for key, value in external.items()}, **labels}
                found.append({k: v for k, v in sent.items() if k not in self.dropped})
        return found

    def _cron_jobs(self) -> list[Labels]:
        """What kube-state-metrics says of the CronJobs that have succeeded."""
        return [
            {
                "__name__": "kube_cronjob_status_last_successful_time",
                "cronjob": job["metadata"]["name"],
                "namespace": MONITORING,
            }
            for job in self._world.cluster.objects.select("cronjobs")
            if job["status"].get("lastSuccessfulTime")
        ]

    def _advertised(self) -> bool:
        """Whether the Service asks to be scraped."""
        objects, namespace = self._world.cluster.objects, self._world.cluster.namespace
        service = objects.find("services", namespace, "rocketchat-rocketchat")
        notes = (service or {"metadata": {}})["metadata"].get("annotations") or {}
        ports = [port["port"] for port in (service or {}).get("spec", {}).get("ports") or ()]
        return (
            notes.get("prometheus.io/scrape") == "true"
            and int(notes.get("prometheus.io/port", "0")) in ports
        )

    def _exposed(self) -> bool:
        """Whether the monolith answers there."""
        monolith = self._world.cluster.deployment("rocketchat-rocketchat")
        return monolith.scraped and any(pod.ready for pod in monolith.pods)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Any:
    """Whoever changes it takes a copy."""
    return yaml.safe_load(text)


@lru_cache(maxsize=8)
def _masked(text: str) -> str:
    config = yaml.safe_load(text) or {}
    for write in config.get("remote_write") or ():
        if "basic_auth" in write:
            write["basic_auth"]["password"] = "<secret>"  # noqa: S105  # the mask
    for job in config.get("scrape_configs") or ():
        for kind in ("relabel_configs", "metric_relabel_configs"):
            if kind in job:
                job[kind] = [{**_RULE, **_written(rule)} for rule in job[kind]]
        if file := job.pop("bearer_token_file", None):
            job["authorization"] = {"type": "Bearer", "credentials_file": file}
    return yaml.safe_dump(config, sort_keys=False)


def selected(series: list[Labels], expression: str) -> list[Labels]:
    """The series a selector finds; `vector(1)` is one without labels. Raises BadQuery."""
    if expression.strip() == "vector(1)":
        return [{}]
    parts = _SELECTOR.fullmatch(expression)
    if parts is None:
        raise BadQuery(f'invalid parameter "query": parse error: {expression[:60]}')
    matchers = _MATCHER.findall(parts[2] or "")
    if len(matchers) != len([part for part in (parts[2] or "").split(",") if part.strip()]):
        raise BadQuery(f'invalid parameter "query": parse error: {expression[:60]}')
    if parts[1]:
        matchers.append(("__name__", "=", parts[1]))
    return [
        labels
        for labels in series
        if all((labels.get(name, "") == value) == (sign == "=") for name, sign, value in matchers)
    ]


def _written(rule: dict[str, Any]) -> dict[str, Any]:
    """As Prometheus writes a rule: a truth is a text."""
    return {k: str(v).lower() if isinstance(v, bool) else v for k, v in rule.items()}
