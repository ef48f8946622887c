"""What a cluster has, for who does not know it yet."""

from __future__ import annotations

from adapters.kubernetes_client import KubernetesClient
from bot.errors import Denied


async def namespaces(client: KubernetesClient) -> list[str] | None:
    """Every namespace by name; None without the right to list them. Raises Unavailable."""
    try:
        return sorted([one["metadata"]["name"] async for one in client.each("/api/v1/namespaces")])
    except Denied:
        return None
