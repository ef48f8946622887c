"""Whether Rocket.Chat's metrics reach the dashboard, link by link, as the guide's incident does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot import embedded, prometheus
from bot.errors import Conflict, Refused
from bot.links import Link, seen
from bot.pipeline import Pipeline
from bot.podview import workload
from bot.ports.git import Git
from bot.ports.metrics import Metrics, Running, ScrapeConfig, Scraper, ScrapeTarget, Series
from bot.ports.pods import Pod, Pods
from bot.ports.resources import Kind, Resources
from bot.target import MONOLITH, Target
from bot.yamlfile import load

Agent = asyncio.Task[tuple[Pod, Running]]
_JOB = re.compile(r'\bjob="([^"]*)"')


@dataclass(frozen=True)
class Scraping:
    """Everything the chain is looked at with."""

    git: Git
    resources: Resources
    pods: Pods
    metrics: Metrics
    scraper: Scraper
    target: Target
    pipeline: Pipeline

    @property
    def monolith(self) -> str:
        return self.target.deployment(MONOLITH)

    async def links(self) -> list[Link]:
        """Every link, in order."""
        agent = asyncio.create_task(self._agent())
        looks = {
            "switched on": self._switched_on(),
            "Deployment": self._environment(),
            "Service": self._service(),
            "running configuration": self._configuration(agent),
            "external labels": self._external(agent),
            "scraping": self._scraped(agent),
            "series at the hub": self.series(),
            "dashboard's variables": self._variables(),
        }
        return await asyncio.gather(*(seen(name, look) for name, look in looks.items()))

    async def _switched_on(self) -> Link:
        name, path = "switched on", self.target.values
        content = (await self.git.read(path)).content
        loaded = load(content)
        for key in self.pipeline.switches:
            if _at(loaded, key) is False:
                spelled = ".".join(key)
                fix = f"Set {spelled} to true in {path}, commit and push"
                said = f"{path} says {spelled}: false"
                return Link(name, False, said, fix, f"!metrics correct {spelled}")
        return Link(name, True, f"{path} does not switch metrics off")

    async def _environment(self) -> Link:
        name = "Deployment"
        found = _environment_of(
            await self.resources.manifest(Kind.DEPLOYMENT, self.target.namespace, self.monolith)
        )
        wrong = [
            f"{key} is {found.get(key) or 'not set'}, not {value}"
            for key, value in self.pipeline.environment.items()
            if found.get(key) != value
        ]
        if wrong:
            fix = f"Git asks for it: sync {self.target.application}, or see what the chart makes"
            return Link(name, False, f"{self.monolith}: {'; '.join(wrong)}", fix, "!status")
        return Link(name, True, f"{self.monolith} has {', '.join(self.pipeline.environment)}")

    async def _service(self) -> Link:
        name, port = "Service", self.pipeline.port
        services = await self.resources.services(self.target.namespace)
        found = next((one for one in services if one.name == self.monolith), None)
        if found is None:
            raise Refused(f"there is no Service {self.monolith}", "Sync the application")
        fix = f"Sync {self.target.application}: the chart makes port and annotations"
        if port not in found.ports:
            return Link(name, False, f"{found.name} has no port {port}", fix, "!status")
        wanted = {"prometheus.io/scrape": "true", "prometheus.io/port": str(found.ports[port])}
        for key, value in wanted.items():
            if found.annotations.get(key) != value:
                said = found.annotations.get(key, "not set")
                return Link(name, False, f"{found.name}: {key} is {said}, not {value}", fix)
        return Link(name, True, f"{found.name} offers {port} on {found.ports[port]}")

    async def _configuration(self, agent: Agent) -> Link:
        name = "running configuration"
        (_, running), template = await asyncio.gather(agent, self.template())
        if live := await self._unsynced(template):
            return live
        found = prometheus.drift(template, running.config)
        if found:
            text = f"it is not the template's, restart needed: {'; '.join(found)}"
            fix = f"The pods of {self.pipeline.deployment} read the template when they start"
            return Link(name, False, text, fix, "!metrics restart-agent")
        mode = "agent mode" if running.agent else "server mode, whatever it is called"
        ill = "" if running.reloaded else "; its last reload failed"
        return Link(name, True, f"the template's, Prometheus {running.version} in {mode}{ill}")

    async def _unsynced(self, template: ScrapeConfig) -> Link | None:
        """Where the ConfigMap in the cluster is not git's: a restart would not help."""
        pipeline = self.pipeline
        name = embedded.read((await self.git.read(pipeline.template)).content, _NAME)
        loaded = load(
            (await self.resources.manifest(Kind.CONFIG_MAP, pipeline.namespace, name)).encode()
        )
        live = _at(loaded, pipeline.template_key)
        if isinstance(live, str) and prometheus.read_config(live) == template:
            return None
        return Link(
            "running configuration",
            False,
            f"the ConfigMap {name} is not what {pipeline.template} says",
            f"Sync {pipeline.application} first",
        )

    async def _external(self, agent: Agent) -> Link:
        name, labels = "external labels", self.pipeline.labels
        _, running = await agent
        wanted = {label: labels[label] for label in self.pipeline.external}
        if wrong := differing(wanted, running.config.external):
            fix = f"Correct them in {self.pipeline.template}, or metrics.labels here; then restart"
            first = next(key for key in wanted if wanted[key] != running.config.external.get(key))
            return Link(name, False, "; ".join(wrong), fix, f"!metrics correct {first}")
        return Link(name, True, ", ".join(f"{key} {value}" for key, value in wanted.items()))

    async def _scraped(self, agent: Agent) -> Link:
        name, pipeline = "scraping", self.pipeline
        pod, _ = await agent
        targets = await self.scraper.targets(pipeline.namespace, pod.name)
        mine = [target for target in targets if self._mine(target)]
        if not mine:
            fix = "See the jobs of the template, and whether the agent may list Services"
            return Link(name, False, f"{self.monolith} is not among what it scrapes", fix)
        down = next((target for target in mine if target.health == "down"), None)
        if down:
            fix = "Rocket.Chat does not answer there: is it ready, and Prometheus on in it?"
            return Link(name, False, f"{down.url} is down: {down.error}", fix, "!pods --bad")
        return Link(name, True, f"{mine[0].url} is {mine[0].health}{await self._own(pod)}")

    async def _own(self, pod: Pod) -> str:
        """How many series it has itself; an agent keeps none."""
        namespace = self.pipeline.namespace
        try:
            found = await self.scraper.query(namespace, pod.name, self.pipeline.query)
        except Conflict:
            return ", in agent mode it keeps no series to look at"
        if not found:
            raise Refused(
                f"it is scraped, and gives nothing that {self.pipeline.query} finds",
                "See metrics.query in the configuration, and Rocket.Chat's own settings",
            )
        return f", {len(found)} series"

    def _mine(self, target: ScrapeTarget) -> bool:
        job = _JOB.search(self.pipeline.query)
        return (not job or target.job == job[1]) and self.monolith in target.url

    async def series(self) -> Link:
        """Whether every series at the hub carries what the dashboard filters by."""
        name = "series at the hub"
        found = await self.metrics.query(self.pipeline.query)
        if not found:
            fix = "What the agent sends does not arrive: see its log, and whether the hub takes it"
            return Link(name, False, f"{self.pipeline.query} finds none", fix, self._log)
        wrong = sorted({text for one in found for text in differing(self.pipeline.labels, one)})
        if wrong:
            fix = f"Correct {self.pipeline.template}, or metrics.labels here; then restart"
            text = f"of {len(found)} series: {'; '.join(wrong)}"
            return Link(name, False, text, fix, "!metrics restart-agent")
        return Link(name, True, f"{len(found)} with every label as expected")

    @property
    def _log(self) -> str:
        return f"!logs {self.pipeline.deployment}"

    async def _variables(self) -> Link:
        name, labels = "dashboard's variables", self.pipeline.variables
        found = await asyncio.gather(
            *(self.metrics.label_values(label, self.pipeline.query) for label in labels)
        )
        empty = [label for label, values in zip(labels, found, strict=True) if not values]
        if empty:
            fix = "The dashboard asks for labels nothing has: add them, or change the dashboard"
            return Link(name, False, f"no values for {', '.join(empty)}", fix)
        return Link(name, True, f"{', '.join(labels)} have values")

    async def template(self) -> ScrapeConfig:
        """What git says the agent should run with. Raises Refused."""
        path, key = self.pipeline.template, self.pipeline.template_key
        text = embedded.read((await self.git.read(path)).content, key)
        try:
            return prometheus.read_config(text)
        except Refused as error:
            raise Refused(f"{path}: {error.message}", error.hint) from None

    async def agents(self) -> list[Pod]:
        """The agent's pods that are ready, newest first."""
        pipeline = self.pipeline
        found = [
            pod
            async for pod in self.pods.pods(pipeline.namespace)
            if workload(pod) == pipeline.deployment and pod.ready and not pod.deleted
        ]
        return sorted(found, key=lambda pod: pod.created, reverse=True)

    async def _agent(self) -> tuple[Pod, Running]:
        found = await self.agents()
        if not found:
            raise Refused(
                f"no pod of {self.pipeline.deployment} is ready",
                f"Type `!pods {self.pipeline.namespace}` to see why",
            )
        return found[0], await self.scraper.running(self.pipeline.namespace, found[0].name)


_NAME = ("metadata", "name")


def differing(wanted: Mapping[str, str], found: Mapping[str, str] | Series) -> list[str]:
    """Each label that is missing or has another value, in words."""
    labels = found.labels if isinstance(found, Series) else found
    return [
        f"{key} is {labels[key]}, not {value}" if key in labels else f"{key} is missing"
        for key, value in wanted.items()
        if labels.get(key) != value
    ]


def at_home(target: Target, pipeline: Pipeline) -> Target:
    """The application that deploys the agent, in place of the release's."""
    return replace(target, application=pipeline.application)


def _environment_of(manifest: str) -> dict[str, str]:
    """The plain variables of a Deployment's containers."""
    containers: Any = _at(load(manifest.encode()), ("spec", "template", "spec", "containers"))
    return {
        str(entry["name"]): str(entry.get("value", ""))
        for container in containers or ()
        for entry in container.get("env") or ()
    }


def _at(loaded: object, key: tuple[str, ...]) -> object:
    """The value at a key path, None where the path ends."""
    for part in key:
        if not isinstance(loaded, Mapping):
            return None
        loaded = loaded.get(part)
    return loaded
