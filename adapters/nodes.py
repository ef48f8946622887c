"""Nodes over the Kubernetes API."""

from __future__ import annotations

from adapters.kubernetes_client import KubernetesClient
from adapters.kubernetes_read_objects import read_node
from adapters.kubernetes_read_pods import read_requests
from bot.ports.nodes import Amount, Node

# Fields can be compared with one value each; both must differ.
_GOING_ON = "status.phase!=Succeeded,status.phase!=Failed"


class NodesApi:
    """The nodes of one cluster."""

    def __init__(self, client: KubernetesClient) -> None:
        self._client = client

    async def nodes(self) -> list[Node]:
        """See the port."""
        found = [read_node(item) async for item in self._client.each("/api/v1/nodes")]
        return sorted(found, key=lambda node: node.name)

    async def requests(self) -> dict[str, Amount]:
        """See the port."""
        found: dict[str, Amount] = {}
        async for item in self._client.each("/api/v1/pods", {"fieldSelector": _GOING_ON}):
            node = (item.get("spec") or {}).get("nodeName")
            if node:
                found[node] = found.get(node, Amount()) + read_requests(item)
        return found
