"""Whether traces arrive: from the Job that makes them, through the collector, to the hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.cards import counted
from bot.clock import Clock
from bot.errors import (
    AdapterError,
    CheckFailed,
    Denied,
    Invalid,
    Missing,
    Refused,
    Unavailable,
)
from bot.plan import Finding, Sight
from bot.podview import workload
from bot.ports.git import Git
from bot.ports.jobs import Jobs, Outcome
from bot.ports.pods import Pod, Pods
from bot.ports.registry import Registry
from bot.ports.store import Documents
from bot.ports.traces import Traces
from bot.pulling import unpulled
from bot.redact import Redactor
from bot.spans import passed
from bot.tracegen import Generator, Tracegen, generator

_KIND = "tracegen"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_JOB = "batch.kubernetes.io/job-name"
_BEFORE = timedelta(seconds=2)
"""Clocks of two systems are not the same."""
_LATELY = timedelta(hours=1)
_TAIL = 3
_WIDE = 160


@dataclass(frozen=True)
class Tracing:
    """Everything the traces are followed with."""

    git: Git
    jobs: Jobs
    pods: Pods
    traces: Traces
    registry: Registry
    documents: Documents
    tracegen: Tracegen
    redactor: Redactor
    clock: Clock

    async def generator(self) -> Generator:
        """The Job as git declares it. Raises Refused."""
        content = (await self.git.read(self.tracegen.manifest)).content
        return generator(content, self.tracegen)

    async def revision(self, found: Generator) -> str:
        """The next free one."""
        live = [job.name async for job in self.jobs.jobs(self.tracegen.namespace)]
        return found.next(self.clock.now().astimezone(UTC).date(), live)

    async def pinned(self, found: Generator) -> str:
        """The image by digest: its tag's, else the one that worked last. Raises Refused."""
        try:
            digest = await self.registry.digest(found.repository, found.tag)
            why = f"the registry has no {found.repository}:{found.tag}"
        except AdapterError as error:
            digest, why = None, error.message
        if digest := digest or await self.worked(found):
            return f"{found.repository}@{digest}"
        raise Refused(
            f"No digest of {found.image} is known: {why}, and no run of it was seen to work.",
            "Take a tag that exists first",
        )

    async def worked(self, found: Generator) -> str:
        """The digest that was seen to work last, empty when none was."""
        known = await self.documents.get(_KIND, found.repository)
        return str(known["digest"]) if known else ""

    async def image(self, found: Generator) -> Finding:
        """Whether there is such an image, and whether it is always the same."""
        if found.pinned:
            return Finding("its image is pinned to a digest")
        try:
            digest = await self.registry.digest(found.repository, found.tag)
        except AdapterError as error:
            text = f"Houston does not see {found.image} ({error.message}); the nodes may"
            return Finding(text, heed=True)
        if digest is None:
            return Finding(
                f"the registry has no {found.image}: take a tag that exists, or type "
                "!trace test --pin for the digest that worked last",
                ok=False,
            )
        return Finding(f"{found.image} may change: !trace test --pin pins {digest[:19]}…")

    async def answers(self) -> Finding:
        """Whether the hub can be asked. Raises AdapterError when it cannot."""
        now = self.clock.now()
        found = await self.traces.search(self.tracegen.query, now - _LATELY, now)
        return Finding(f"the hub of traces answers: {counted(len(found), 'trace')} of last hour")

    async def began(self, name: str) -> str:
        """When the Job was made, in ISO form. Raises Unavailable while there is none."""
        try:
            return (await self.jobs.job(self.tracegen.namespace, name)).created.isoformat()
        except Missing as error:
            raise Unavailable(error.system, f"{name} is not there yet") from error

    async def ran(self, name: str) -> Sight:
        """Whether the Job has succeeded. Raises CheckFailed when it never will."""
        job = await self.jobs.job(self.tracegen.namespace, name)
        text = str(job.outcome)
        for pod in await self._pods(name):
            events = sorted(await self._warnings(pod), reverse=True)
            if found := unpulled(pod, [said for _, said in events]):
                text = self.redactor.clean(found.text)
                if found.final:
                    raise CheckFailed(text)
        if job.outcome is Outcome.FAILED:
            raise CheckFailed(f"{name} failed; its log ends: {await self.end(name)}")
        return Sight(job.outcome is Outcome.SUCCEEDED, text)

    async def end(self, name: str) -> str:
        """The end of what the Job wrote, on one line."""
        try:
            text = await self.jobs.logs(self.tracegen.namespace, name, tail=_TAIL)
        except AdapterError as error:
            return f"not readable, {error.message}"
        lines = [line.strip()[:_WIDE] for line in self.redactor.clean(text).splitlines()]
        return " / ".join(line for line in lines if line) or "it wrote nothing"

    async def passed_on(self, since: datetime) -> Sight:
        """Whether the collector has sent spans on. Raises CheckFailed when it loses them.

        One without a debug exporter says nothing of spans: then what arrives speaks for it.
        """
        pod = await self._collector()
        length = self.clock.now() - since + _BEFORE
        log = await self.pods.logs(self.tracegen.namespace, pod.name, since=length)
        found = passed(self.redactor.clean(log))
        if found.lost:
            raise CheckFailed(f"{self.tracegen.collector}: {found.lost}")
        if found.spans:
            return Sight(True, f"{found.spans} spans in its log, none lost")
        if (await self.arrived(since)).done:
            return Sight(True, "its log says nothing of spans, and of none lost")
        return Sight(False, "no span in its log yet")

    async def arrived(self, since: datetime) -> Sight:
        """Whether the hub finds them."""
        found = await self._found(since)
        text = f"{self.tracegen.query} finds {counted(len(found), 'trace')} since the Job began"
        return Sight(bool(found), text)

    async def link(self, since: datetime) -> str:
        """Where a person sees one of them. Raises Unavailable when none is found any more."""
        found = await self._found(since)
        if not found:
            raise Unavailable("traces", "what was found a moment ago is not found now")
        return self.traces.address(found[0])

    async def remember(self, name: str, repository: str) -> str:
        """The digest that ran, kept for a pin; said in a few words."""
        for pod in await self._pods(name):
            for container in pod.containers:
                if digests := _DIGEST.findall(container.image_id):
                    await self.documents.put(_KIND, repository, {"digest": digests[-1]})
                    return str(digests[-1])[:19] + "…"
        return "its pod is gone, nothing to remember"

    async def _found(self, since: datetime) -> list[str]:
        try:
            found = await self.traces.search(
                self.tracegen.query, since - _BEFORE, self.clock.now() + _LATELY
            )
        except (Denied, Invalid, Missing) as error:
            raise CheckFailed(f"{error.message}. {error.hint}".strip()) from error
        return [trace.id for trace in found]

    async def _collector(self) -> Pod:
        """Its newest ready pod. Raises CheckFailed."""
        name = self.tracegen.collector
        found = [
            pod
            async for pod in self.pods.pods(self.tracegen.namespace)
            if workload(pod) == name and pod.ready
        ]
        if not found:
            raise CheckFailed(f"no pod of {name} is ready")
        return max(found, key=lambda pod: pod.created)

    async def _pods(self, name: str) -> list[Pod]:
        labels = {_JOB: name}
        return [p async for p in self.pods.pods(self.tracegen.namespace, labels=labels)]

    async def _warnings(self, pod: Pod) -> list[tuple[datetime, str]]:
        try:
            return [
                (event.last, event.message)
                async for event in self.pods.events(pod.namespace, kind="Pod", uid=pod.uid)
                if event.warning
            ]
        except AdapterError:
            return []
