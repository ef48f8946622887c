"""Looks at all a diagnosis needs, side by side; what cannot be seen is said, not guessed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from bot.clock import Clock
from bot.errors import AdapterError, Denied, Invalid, Missing, Unavailable
from bot.podview import ailment, hurting, unseen
from bot.ports.applications import Applications
from bot.ports.argocd import ArgoCD
from bot.ports.azure import Azure
from bot.ports.chat import Chat
from bot.ports.nodes import Nodes
from bot.ports.pods import Pod, Pods
from bot.ports.resources import Resources
from bot.redact import Redactor
from bot.scope import Database
from bot.sighting import Sighting
from bot.symptoms import SickPod
from bot.target import Target

Seen = TypeVar("Seen")

_SICK = 40
"""Sick pods kept; of the others only the number."""
_CLOSER = 12
"""Sick pods whose events and logs are read."""
_WARNINGS = 5
_TAIL = 20


@dataclass
class _Sick:
    found: list[tuple[Pod, str]] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class Gatherer:
    """What `!diagnose` looks at."""

    pods: Pods
    nodes: Nodes
    resources: Resources
    argocd: ArgoCD
    applications: Applications
    chat: Chat
    azure: Azure
    clock: Clock
    target: Target
    database: Database
    redactor: Redactor

    async def look(self, namespaces: tuple[str, ...]) -> Sighting:
        """Everything that may be wrong in these namespaces and below them."""
        troubles: list[str] = []
        sick, away = await self._sick(namespaces, troubles)
        if away:
            stopped = await self._stopped()
            return Sighting(release=self.target.namespace, away=away, stopped=stopped)
        nodes, closer, whole = await asyncio.gather(
            self._seen(self.nodes.nodes(), "Nodes", troubles),
            self._closer(sick.found),
            self._release(troubles, wanted=self.target.namespace in namespaces),
        )
        return replace(
            whole,
            nodes=tuple(nodes or ()),
            sick=closer,
            more_sick=sick.more,
            unseen=tuple(troubles),
        )

    async def _release(self, troubles: list[str], *, wanted: bool) -> Sighting:
        """What is known of the release beside its pods."""
        own = self.target.namespace
        if not wanted:
            return Sighting(release=own)
        claims, mongodb, application, others, chat = await asyncio.gather(
            self._seen(self.resources.claims(own), "Volumes", troubles),
            self._seen(self.resources.mongodb(own), "MongoDB", troubles),
            self._seen(self.argocd.application(self.target.application), "Argo CD", troubles),
            self._seen(self.applications.applications(), "Argo CD's list", troubles),
            self._chat(),
        )
        databases = (*(db.name for db in mongodb or ()), *self.database.workloads)
        return Sighting(
            release=own,
            claims=tuple(claims or ()),
            mongodb=tuple(mongodb or ()),
            application=application,
            others=tuple(app for app in others or () if app.name != self.target.application),
            chat=chat,
            databases=tuple(dict.fromkeys(databases)),
            buses=self.database.buses,
        )

    async def _sick(self, namespaces: tuple[str, ...], troubles: list[str]) -> tuple[_Sick, str]:
        """The sick pods, and why the cluster does not answer."""
        found, now = _Sick(), self.clock.now()
        for namespace in namespaces:
            try:
                async for pod in self.pods.pods(namespace):
                    _keep(found, pod, now)
            except Unavailable as error:
                return found, error.message
            except Denied as error:
                troubles.append(unseen(error, f"Pods in {namespace}"))
        return found, ""

    async def _closer(self, found: list[tuple[Pod, str]]) -> tuple[SickPod, ...]:
        """Each with its warnings and last lines; the last ones without, when there are many."""
        looked = await asyncio.gather(*(self._one(pod, why) for pod, why in found[:_CLOSER]))
        return (*looked, *(SickPod(pod, why) for pod, why in found[_CLOSER:]))

    async def _one(self, pod: Pod, why: str) -> SickPod:
        sick = SickPod(pod, why)
        try:
            events = [e async for e in self.pods.events(pod.namespace, uid=pod.uid) if e.warning]
            events.sort(key=lambda event: event.last, reverse=True)
            sick = replace(sick, events=tuple(events[:_WARNINGS]))
            return replace(sick, log=await self._log(pod))
        except AdapterError:
            return sick

    async def _log(self, pod: Pod) -> tuple[str, ...]:
        """The last lines of the container that ails, of its last instance when that has ended."""
        hurt = hurting(pod)
        if hurt is None or not (hurt.last or hurt.exit_code):
            return ()
        try:
            text = await self.pods.logs(
                pod.namespace,
                pod.name,
                container=hurt.name,
                previous=hurt.last is not None,
                tail=_TAIL,
            )
        except (Invalid, Missing, Denied):
            return ()
        return tuple(line for line in self.redactor.clean(text).splitlines() if line.strip())

    async def _stopped(self) -> bool:
        """Whether Azure says that the cluster is off; no when it cannot be asked."""
        try:
            return (await self.azure.cluster()).off
        except AdapterError:
            return False

    async def _chat(self) -> str:
        try:
            await self.chat.server_version()
        except AdapterError as error:
            return error.message
        return ""

    async def _seen(self, reading: Awaitable[Seen], what: str, troubles: list[str]) -> Seen | None:
        try:
            return await reading
        except AdapterError as error:
            troubles.append(unseen(error, what))
            return None


def _keep(found: _Sick, pod: Pod, now: datetime) -> None:
    why = ailment(pod, now)
    if not why:
        return
    if len(found.found) < _SICK:
        found.found.append((pod, why))
    else:
        found.more += 1
