"""Pods over the Kubernetes API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

from adapters.kubernetes_client import KubernetesClient, namespaced, selector
from adapters.kubernetes_read_pods import read_event, read_pod
from bot.ports.pods import Event, Phase, Pod


class PodsApi:
    """The pods of one cluster."""

    def __init__(self, client: KubernetesClient) -> None:
        self._client = client

    async def pods(
        self,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        phase: Phase | None = None,
        node: str = "",
    ) -> AsyncIterator[Pod]:
        """See the port."""
        fields = {"status.phase": phase or "", "spec.nodeName": node}
        query = {"labelSelector": selector(labels or {}), "fieldSelector": selector(fields)}
        async for item in self._client.each(namespaced("v1", namespace, "pods"), query):
            yield read_pod(item)

    async def pod(self, namespace: str, name: str) -> Pod:
        """See the port."""
        return read_pod(await self._client.get(_path(namespace, name)))

    async def logs(
        self,
        namespace: str,
        pod: str,
        *,
        container: str = "",
        previous: bool = False,
        since: timedelta | None = None,
        tail: int | None = None,
        limit: int = 1_000_000,
    ) -> str:
        """See the port."""
        query = {
            "container": container,
            "previous": "true" if previous else "",
            "sinceSeconds": str(max(1, int(since.total_seconds()))) if since else "",
            "tailLines": str(tail) if tail is not None else "",
            "limitBytes": str(limit),
        }
        return await self._client.text(_path(namespace, pod) + "/log", query, limit)

    async def events(
        self, namespace: str | None = None, *, kind: str = "", name: str = "", uid: str = ""
    ) -> AsyncIterator[Event]:
        """See the port."""
        about = {
            "involvedObject.kind": kind,
            "involvedObject.name": name,
            "involvedObject.uid": uid,
        }
        path = namespaced("v1", namespace, "events")
        async for item in self._client.each(path, {"fieldSelector": selector(about)}):
            yield read_event(item)

    async def delete(self, namespace: str, name: str, uid: str) -> None:
        """See the port."""
        await self._client.delete(_path(namespace, name), uid)

    async def evict(self, namespace: str, name: str, uid: str) -> None:
        """See the port."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
            "deleteOptions": {"preconditions": {"uid": uid}},
        }
        await self._client.post(_path(namespace, name) + "/eviction", body)


def _path(namespace: str, name: str) -> str:
    return namespaced("v1", namespace, "pods") + f"/{name}"
