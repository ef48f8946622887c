"""Argo CD over its REST API: one application, and what is asked of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.argocd_call import asking, path
from adapters.argocd_read import OPERATION, SYSTEM, read_application
from adapters.http import JsonClient
from bot.errors import AdapterError, Unavailable, UnknownOutcome
from bot.ports.argocd import Application


class HttpArgoCD:
    """One Argo CD server.

    Args:
        client: with the token in its headers.
        project: sent with every call, so that a missing application is 404 and not 403.
        refresh_limit: how long a refresh may block before its answer is not waited for.
    """

    def __init__(
        self,
        client: JsonClient,
        *,
        project: str = "default",
        refresh_limit: timedelta = timedelta(seconds=40),
    ) -> None:
        self._client = client
        self._project = project
        self._refresh_limit = refresh_limit

    async def application(self, name: str) -> Application:
        """See the port."""
        params = {"project": self._project}
        async with asking():
            return read_application(await self._client.get(path(name), params=params))

    async def refresh(self, name: str, *, hard: bool = False) -> Application:
        """See the port."""
        milliseconds = round(self._refresh_limit.total_seconds() * 1000)
        try:
            async with asking():
                payload = await self._client.get(
                    path(name),
                    params={"project": self._project, "refresh": "hard" if hard else "normal"},
                    headers={"Grpc-Timeout": f"{milliseconds}m"},
                    within=self._refresh_limit * 1.1,
                    tries=1,
                )
        except Unavailable:
            return await self.application(name)
        return read_application(payload)

    async def sync(self, name: str, operation: str, *, prune: bool = False) -> None:
        """See the port."""
        if await self._ours(name, operation):
            return
        body: dict[str, Any] = {
            "project": self._project,
            "infos": [{"name": OPERATION, "value": operation}],
            "retryStrategy": {
                "limit": 2,
                "backoff": {"duration": "5s", "factor": 2, "maxDuration": "1m"},
            },
        }
        if prune:
            body["prune"] = True
        try:
            async with asking():
                await self._client.post(path(name, "/sync"), body)
        except UnknownOutcome as lost:
            if not await self._arrived(name, operation):
                raise lost from None

    async def version(self) -> str:
        """See the port."""
        async with asking():
            payload = await self._client.get("/api/version")
        if not isinstance(payload, dict) or "Version" not in payload:
            raise Unavailable(SYSTEM, "an answer without 'Version'", "Check argocd.url")
        return str(payload["Version"])

    async def _ours(self, name: str, operation: str) -> bool:
        run = (await self.application(name)).run
        return run is not None and run.operation == operation

    async def _arrived(self, name: str, operation: str) -> bool:
        """Whether a sync whose answer was lost was accepted; false when nobody can tell."""
        try:
            return await self._ours(name, operation)
        except AdapterError:
            return False
