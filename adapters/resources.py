"""Objects around pods over the Kubernetes API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from adapters.kubernetes_client import STRATEGIC, KubernetesClient, namespaced
from adapters.kubernetes_read import METADATA_ONLY, restart_patch
from adapters.kubernetes_read_objects import (
    manifest_of,
    read_claim,
    read_mongodb,
    read_service,
    read_stateful_set,
)
from bot.errors import Missing
from bot.ports.resources import Claim, Kind, MongoDB, Service, StatefulSet

Read = TypeVar("Read")

_MONGODB = "mongodbcommunity.mongodb.com/v1"
_KINDS = {
    Kind.CONFIG_MAP: ("v1", "configmaps"),
    Kind.CRON_JOB: ("batch/v1", "cronjobs"),
    Kind.DAEMON_SET: ("apps/v1", "daemonsets"),
    Kind.DEPLOYMENT: ("apps/v1", "deployments"),
    Kind.EXTERNAL_SECRET: ("external-secrets.io", "externalsecrets"),
    Kind.JOB: ("batch/v1", "jobs"),
    Kind.MONGODB: (_MONGODB, "mongodbcommunity"),
    Kind.POD: ("v1", "pods"),
    Kind.SERVICE: ("v1", "services"),
    Kind.STATEFUL_SET: ("apps/v1", "statefulsets"),
}


class ResourcesApi:
    """Objects of one cluster."""

    def __init__(self, client: KubernetesClient) -> None:
        self._client = client

    async def config_map(self, namespace: str, name: str) -> bool:
        """See the port."""
        path = namespaced("v1", namespace, "configmaps") + f"/{name}"
        try:
            await self._client.get(path, accept=METADATA_ONLY)
        except Missing:
            return False
        return True

    async def claims(self, namespace: str) -> list[Claim]:
        """See the port."""
        return await self._all("v1", namespace, "persistentvolumeclaims", read_claim)

    async def stateful_sets(self, namespace: str) -> list[StatefulSet]:
        """See the port."""
        return await self._all("apps/v1", namespace, "statefulsets", read_stateful_set)

    async def services(self, namespace: str) -> list[Service]:
        """See the port."""
        return await self._all("v1", namespace, "services", read_service)

    async def mongodb(self, namespace: str) -> list[MongoDB]:
        """See the port."""
        try:
            return await self._all(_MONGODB, namespace, "mongodbcommunity", read_mongodb)
        except Missing:
            return []

    async def manifest(self, kind: Kind, namespace: str, name: str) -> str:
        """See the port."""
        return manifest_of(await self._client.get(await self._path(kind, namespace, name)))

    async def annotate(
        self, kind: Kind, namespace: str, name: str, annotations: Mapping[str, str]
    ) -> None:
        """See the port."""
        body = {"metadata": {"annotations": dict(annotations)}}
        await self._client.patch(await self._path(kind, namespace, name), body)

    async def restart(self, kind: Kind, namespace: str, name: str, at: datetime) -> None:
        """See the port."""
        body = restart_patch(kind, at)
        await self._client.patch(await self._path(kind, namespace, name), body, STRATEGIC)

    async def _path(self, kind: Kind, namespace: str, name: str) -> str:
        version, plural = _KINDS[kind]
        if kind is Kind.EXTERNAL_SECRET:
            version = await served(self._client, version)
        return namespaced(version, namespace, plural) + f"/{name}"

    async def _all(
        self, version: str, namespace: str, plural: str, read: Callable[[Any], Read]
    ) -> list[Read]:
        path = namespaced(version, namespace, plural)
        return [read(item) async for item in self._client.each(path)]


async def served(client: KubernetesClient, group: str) -> str:
    """The newest version of a group that the cluster serves. Raises Missing."""
    found = await client.get(f"/apis/{group}")
    versions = [str(version["version"]) for version in found.get("versions") or ()]
    return f"{group}/{'v1' if 'v1' in versions else versions[0]}"
