"""Secrets over the Kubernetes API. Only metadata is asked for: it names keys and holds no value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from adapters.kubernetes_client import KubernetesClient, namespaced
from adapters.kubernetes_read import METADATA_ONLY, refresh_patch
from adapters.kubernetes_read_objects import (
    read_external_secret,
    read_secret,
    read_secret_store,
)
from adapters.resources import served
from bot.ports.secrets import ExternalSecret, Secret, SecretStore

Read = TypeVar("Read")

_GROUP = "external-secrets.io"


class SecretsApi:
    """The Secrets of one cluster."""

    def __init__(self, client: KubernetesClient) -> None:
        self._client = client

    async def secret(self, namespace: str, name: str) -> Secret:
        """See the port."""
        path = namespaced("v1", namespace, "secrets") + f"/{name}"
        return read_secret(await self._client.get(path, accept=METADATA_ONLY))

    async def secrets(self, namespace: str) -> list[Secret]:
        """See the port."""
        path = namespaced("v1", namespace, "secrets")
        return [read_secret(item) async for item in self._client.each(path, metadata=True)]

    async def external_secrets(self, namespace: str | None = None) -> list[ExternalSecret]:
        """See the port."""
        return await self._all(namespace, "externalsecrets", read_external_secret)

    async def stores(self) -> list[SecretStore]:
        """See the port."""
        return await self._all(None, "clustersecretstores", read_secret_store)

    async def refresh(self, namespace: str, name: str, at: datetime) -> None:
        """See the port."""
        version = await served(self._client, _GROUP)
        path = namespaced(version, namespace, "externalsecrets") + f"/{name}"
        await self._client.patch(path, refresh_patch(at))

    async def _all(
        self, namespace: str | None, plural: str, read: Callable[[Any], Read]
    ) -> list[Read]:
        path = namespaced(await served(self._client, _GROUP), namespace, plural)
        return [read(item) async for item in self._client.each(path)]
