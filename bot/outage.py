"""Whether chat is away for everybody, by two looks that know nothing of each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from bot.errors import AdapterError, Denied, Limited, Missing, Unavailable, UnknownOutcome
from bot.hosting import Hosting
from bot.link import Link
from bot.ports.chat import Chat
from bot.ports.kubernetes import Kubernetes
from bot.stops import Stops
from bot.target import MONOLITH, Target

_PATIENCE_SECONDS = 10.0
_TURNING = {"Starting", "Stopping"}


@dataclass(frozen=True)
class Look:
    """What one look saw: `away` None means that it cannot tell."""

    whence: str
    away: bool | None
    text: str

    def __str__(self) -> str:
        return f"{self.whence}: {self.text}"


class Outage:
    """Asks the chat server itself from where Houston runs, and whoever runs that server."""

    def __init__(
        self,
        *,
        chat: Chat,
        link: Link,
        kubernetes: Kubernetes,
        stops: Stops,
        hosting: Hosting,
        target: Target,
    ) -> None:
        self._chat = chat
        self._link = link
        self._kubernetes = kubernetes
        self._stops = stops
        self._hosting = hosting
        self._target = target

    async def look(self) -> tuple[Look, Look]:
        """Both at once. An answer that stays out is one too."""
        here = _patient(self._here(), Look("from here", True, "no answer"))
        there = _patient(self._there(), Look("in the cluster", None, "no answer"))
        return await asyncio.gather(here, there)

    async def _here(self) -> Look:
        """Chat is away when the link is down and the server does not answer by REST either."""
        if self._link.up:
            return Look("from here", False, "chat is heard")
        try:
            version = await self._chat.server_version()
        except (Denied, Limited) as error:
            return Look("from here", False, f"it answers: {error.message}")
        except (Unavailable, UnknownOutcome) as error:
            return Look("from here", True, error.message)
        except AdapterError as error:
            return Look("from here", None, error.message)
        return Look("from here", False, f"it answers and says {version}")

    async def _there(self) -> Look:
        """By the power of the cluster that hosts it, else by the pods that are ready."""
        try:
            power = await self._stops.power(fresh=True)
        except AdapterError:
            power = None
        if power and self._hosting.hosts_chat:
            cluster = power.cluster
            if cluster.off or cluster.provisioning in _TURNING:
                state = "stopped" if cluster.off else cluster.provisioning.lower()
                return Look("in Azure", True, f"{cluster.name} is {state}")
        return await self._pods()

    async def _pods(self) -> Look:
        deployment = self._target.deployment(MONOLITH)
        try:
            found = await self._kubernetes.rollout(self._target.namespace, deployment)
        except Missing:
            return Look("in the cluster", True, f"there is no {deployment}")
        except AdapterError as error:
            return Look("in the cluster", None, error.message)
        text = f"{found.available} of {found.wanted} pods of {deployment} are ready"
        return Look("in the cluster", found.available == 0, text)


async def _patient(looking: Awaitable[Look], otherwise: Look) -> Look:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await looking
    except TimeoutError:
        return otherwise
