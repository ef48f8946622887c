"""Every application of an Argo CD server, over its REST API."""

from __future__ import annotations

from adapters.argocd_call import asking, path
from adapters.argocd_diff import read_changes
from adapters.argocd_read import (
    read_application,
    read_applications,
    read_detail,
    read_revision,
)
from adapters.http import JsonClient
from bot.errors import AdapterError, UnknownOutcome
from bot.ports.applications import Change, Detail, Revision
from bot.ports.argocd import Application, Phase


class HttpApplications:
    """One Argo CD server; see `HttpArgoCD` for the arguments."""

    def __init__(self, client: JsonClient, *, project: str = "default") -> None:
        self._client = client
        self._project = {"project": project}

    async def applications(self) -> list[Application]:
        """See the port."""
        async with asking():
            return read_applications(
                await self._client.get("/api/v1/applications", params=self._project)
            )

    async def detail(self, name: str) -> Detail:
        """See the port."""
        async with asking():
            return read_detail(await self._client.get(path(name), params=self._project))

    async def changes(self, name: str) -> list[Change]:
        """See the port."""
        async with asking():
            return read_changes(
                await self._client.get(path(name, "/managed-resources"), params=self._project)
            )

    async def revision(self, name: str, source: int, revision: str) -> Revision:
        """See the port."""
        where = {**self._project, "sourceIndex": str(source)}
        async with asking():
            return read_revision(
                await self._client.get(path(name, f"/revisions/{revision}/metadata"), params=where)
            )

    async def terminate(self, name: str) -> None:
        """See the port."""
        try:
            async with asking():
                await self._client.delete(path(name, "/operation"), params=self._project)
        except UnknownOutcome as lost:
            if not await self._stopped(name):
                raise lost from None

    async def account(self) -> str:
        """See the port."""
        async with asking():
            found = await self._client.get("/api/v1/session/userinfo")
        return str((found or {}).get("username", "")) if isinstance(found, dict) else ""

    async def _stopped(self, name: str) -> bool:
        """Whether a lost request to stop arrived; false when nobody can tell."""
        try:
            run = read_application(await self._client.get(path(name), params=self._project)).run
        except AdapterError:
            return False
        return run is None or run.finished or run.phase is Phase.TERMINATING
