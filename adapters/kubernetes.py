"""Deployments over the Kubernetes API, and what Houston may do there."""

from __future__ import annotations

from typing import Any

from adapters.kubernetes_client import KubernetesClient, namespaced
from adapters.kubernetes_read import read_rollout
from bot.ports.kubernetes import Rollout

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class KubernetesApi:
    """One cluster."""

    def __init__(self, client: KubernetesClient) -> None:
        self._client = client

    async def rollout(self, namespace: str, deployment: str) -> Rollout:
        """See the port."""
        return read_rollout(await self._deployment(namespace, deployment))

    async def rollouts(self, namespace: str) -> list[Rollout]:
        """See the port."""
        path = namespaced("apps/v1", namespace, "deployments")
        found = [read_rollout(item) async for item in self._client.each(path)]
        return sorted(found, key=lambda seen: seen.name)

    async def version(self) -> str:
        """See the port."""
        return str((await self._client.get("/version"))["gitVersion"])

    async def allowed(self, namespace: str, verb: str, resource: str, group: str = "") -> bool:
        """See the port."""
        plural, _, subresource = resource.partition("/")
        attributes = {
            "namespace": namespace,
            "verb": verb,
            "resource": plural,
            "subresource": subresource,
            "group": group,
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        review = await self._client.ask(_REVIEWS, body)
        return bool(review["status"]["allowed"])

    async def _deployment(self, namespace: str, name: str) -> Any:
        return await self._client.get(namespaced("apps/v1", namespace, "deployments") + f"/{name}")
