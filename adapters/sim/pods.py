"""The pods port over the simulated world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

from adapters.kubernetes_read_pods import read_event, read_pod
from adapters.sim.kubernetes_call import changing, each, reading
from adapters.sim.world import World
from bot.ports.pods import Event, Phase, Pod


class SimPods:
    """The pods of the world's cluster."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def pods(
        self,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        phase: Phase | None = None,
        node: str = "",
    ) -> AsyncIterator[Pod]:
        """See the port."""
        chosen = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
        fields = {"status.phase": phase or "", "spec.nodeName": node}
        wanted = ",".join(f"{key}={value}" for key, value in fields.items() if value)
        async for item in each(self._world, "pods", namespace, labels=chosen, fields=wanted):
            yield read_pod(item)

    async def pod(self, namespace: str, name: str) -> Pod:
        """See the port."""
        async with reading(self._world):
            return read_pod(self._world.cluster.api.get("pods", namespace, name))

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
        async with reading(self._world, "kubernetes.logs"):
            text = self._world.cluster.api.logs(
                namespace, pod, container=container, previous=previous, since=since, tail=tail
            )
        return text.encode()[:limit].decode("utf-8", "replace")

    async def events(
        self, namespace: str | None = None, *, kind: str = "", name: str = "", uid: str = ""
    ) -> AsyncIterator[Event]:
        """See the port."""
        about = {"kind": kind, "name": name, "uid": uid}
        fields = ",".join(f"involvedObject.{key}={value}" for key, value in about.items() if value)
        async for item in each(self._world, "events", namespace, fields=fields):
            yield read_event(item)

    async def delete(self, namespace: str, name: str, uid: str) -> None:
        """See the port."""
        async with changing(self._world, "kubernetes.delete"):
            options = {"preconditions": {"uid": uid}}
            self._world.cluster.api.delete("pods", namespace, name, options)

    async def evict(self, namespace: str, name: str, uid: str) -> None:
        """See the port."""
        async with changing(self._world, "kubernetes.evict"):
            body = {"deleteOptions": {"preconditions": {"uid": uid}}}
            self._world.cluster.api.evict(namespace, name, body)
