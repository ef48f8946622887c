"""Reads the operations guide and everything its claims are held against."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import embedded
from bot.clock import Clock
from bot.errors import AdapterError, HoustonError, Missing, Refused
from bot.guideclaims import Claim, ConfigMap, Context, Workload, claims
from bot.guidefacts import Declared, Facts, Verdict, address, declared, documents, timed
from bot.guidejudge import judge
from bot.hosting import Hosting
from bot.jobsurvey import ALWAYS, Surveyor
from bot.pipeline import Pipeline
from bot.ports.applications import Applications
from bot.ports.git import File, Git
from bot.ports.kubernetes import Kubernetes
from bot.ports.resources import Resources
from bot.prometheus import read_config
from bot.scope import Guide, Scope
from bot.seen import seen
from bot.target import Target


@dataclass(frozen=True)
class GuideCheck:
    """Everything the guide is checked with."""

    git: Git
    applications: Applications
    kubernetes: Kubernetes
    resources: Resources
    surveyor: Surveyor
    guide: Guide
    target: Target
    pipeline: Pipeline
    hosting: Hosting
    scope: Scope
    clock: Clock

    async def verdicts(self) -> list[Verdict]:
        """Every claim with its verdict, by line. Raises Refused without a guide, AdapterError when
        the repository cannot be read."""
        files = await self.git.files()
        text = self._text(files)
        found = claims(text)
        return judge(found, await self._facts(files, found))

    def _text(self, files: Sequence[File]) -> str:
        path = self.guide.path
        content = next((file.content for file in files if file.path == path), None)
        if content is None:
            raise Refused(
                f"The operations guide {path} is not in the repository on {self.git.branch}.",
                "guide.path in the configuration names its file",
            )
        return content.decode("utf-8", "replace")

    async def _facts(self, files: Sequence[File], found: Sequence[Claim]) -> Facts:
        facts = Facts(
            branch=self.git.branch,
            default=await self.git.default(),
            paths=frozenset(file.path for file in files),
            declared=await _declared(files),
            parts=self.target.parts(self._content(files, self.target.values)),
            namespace=self.target.namespace,
            labels=self.pipeline.labels,
            context=self.guide.context,
            cluster=self.hosting.cluster.strip("-"),
            now=self.clock.now(),
        )
        facts = self._template(facts, files)
        facts = await self._argo(facts)
        facts = await self._times(facts)
        return await self._cluster(facts, found)

    def _content(self, files: Sequence[File], path: str) -> bytes:
        content = next((file.content for file in files if file.path == path), None)
        if content is None:
            raise Missing("git", f"{path} is not in the repository", "Check the path")
        return content

    def _template(self, facts: Facts, files: Sequence[File]) -> Facts:
        """With the labels the agent's template adds."""
        path = self.pipeline.template
        try:
            text = embedded.read(self._content(files, path), self.pipeline.template_key)
            config = read_config(text)
        except HoustonError as error:
            return replace(facts, unseen={**facts.unseen, "labels": error.message})
        rules = [rule for pair in config.jobs.values() for some in pair for rule in some]
        made = frozenset(value for rule in rules for key, value in rule if key == "target_label")
        return replace(facts, external=config.external, relabelled=made, template=path)

    async def _argo(self, facts: Facts) -> Facts:
        """With what Argo CD deploys, and from which repository: that of Rocket.Chat's values."""
        main = self.target.application
        named = {f.repository for f in facts.declared.followed if f.application == main}
        facts = replace(facts, addresses=frozenset(map(address, named)))
        found = await seen(self.applications.applications())
        if isinstance(found, HoustonError):
            return replace(facts, unseen={**facts.unseen, "applications": found.message})
        sources = {app.name: app.git for app in found if app.git}
        live = {address(sources[main].repository)} if main in sources else set()
        ours = facts.addresses | live
        followed = {
            name: source.target_revision
            for name, source in sources.items()
            if address(source.repository) in ours
        }
        names = frozenset(app.name for app in found)
        return replace(facts, addresses=ours, followed=followed, applications=names)

    async def _times(self, facts: Facts) -> Facts:
        """With the cluster's hours and its CronJobs."""
        timetable, blind = await self.surveyor.timetable()
        if blind or (timetable is ALWAYS and not self.hosting.automated):
            why = blind or "azure.automation_account is not configured"
            facts = replace(facts, unseen={**facts.unseen, "hours": why})
        else:
            facts = replace(facts, timetable=timetable)
        survey = await seen(self.surveyor.survey(partly=True))
        if isinstance(survey, HoustonError):
            return replace(facts, unseen={**facts.unseen, "jobs": survey.message})
        return replace(facts, jobs={each.name: timed(each.job) for each in survey.found})

    async def _cluster(self, facts: Facts, found: Sequence[Claim]) -> Facts:
        """With what is live of the namespaces the guide names, as far as Houston looks there."""
        named = (c for c in found if isinstance(c, Context | ConfigMap | Workload))
        wanted = {claim.namespace or self.target.namespace for claim in named}
        workloads: dict[str, frozenset[tuple[str, str]]] = {}
        unseen = dict(facts.unseen)
        for namespace in sorted(wanted & {*self.scope.namespaces}):
            try:
                workloads[namespace] = await self._workloads(namespace)
            except AdapterError as error:
                unseen[namespace] = error.message
        maps: dict[tuple[str, str], bool] = {}
        for claim in (each for each in found if isinstance(each, ConfigMap)):
            namespace = claim.namespace or self.target.namespace
            there = await seen(self.resources.config_map(namespace, claim.name))
            if not isinstance(there, HoustonError):
                maps[namespace, claim.name] = there
        return replace(facts, workloads=workloads, config_maps=maps, unseen=unseen)

    async def _workloads(self, namespace: str) -> frozenset[tuple[str, str]]:
        rollouts = await self.kubernetes.rollouts(namespace)
        sets = await self.resources.stateful_sets(namespace)
        return frozenset(
            [
                *(("Deployment", each.name) for each in rollouts),
                *(("StatefulSet", each.name) for each in sets),
            ]
        )


async def _declared(files: Sequence[File]) -> Declared:
    """Read file by file: each may take a while, and others want to be answered in between."""
    found = []
    for file in files:
        found += [(file.path, each) for each in documents(file)]
        await asyncio.sleep(0)
    return declared(found)
