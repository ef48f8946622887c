"""The AKS cluster over Azure Resource Manager."""

from __future__ import annotations

from typing import Any

from adapters.arm import Answer, Arm
from adapters.arm_errors import SYSTEM
from bot.errors import Busy, Conflict, Invalid, Missing, Unavailable
from bot.ports.azure import Followed, ManagedCluster, NodePool, Outcome, PowerState

VERSION = "2024-05-01"
_OUTCOMES = {
    "succeeded": Outcome.DONE,
    "failed": Outcome.FAILED,
    "canceled": Outcome.FAILED,
}


class ArmAzure:
    """One managed cluster."""

    def __init__(self, arm: Arm, *, subscription: str, group: str, cluster: str) -> None:
        self._arm = arm
        self._path = (
            f"/subscriptions/{subscription}/resourceGroups/{group}"
            f"/providers/Microsoft.ContainerService/managedClusters/{cluster}"
        )
        self._asked: Answer | None = None

    async def cluster(self) -> ManagedCluster:
        """See the port."""
        return read_cluster((await self._arm.get(self._path, VERSION)).body)

    async def start(self) -> None:
        """See the port."""
        await self._change("start", PowerState.RUNNING)

    async def stop(self) -> None:
        """See the port."""
        await self._change("stop", PowerState.STOPPED)

    async def followed(self) -> Followed | None:
        """See the port.

        The operation's status counts alone: an `error` may stand beside a good one.
        """
        if self._asked is None:
            return None
        url = self._asked.headers.get("Azure-AsyncOperation")
        if url:
            body = (await self._arm.follow(url)).body or {}
            outcome = _OUTCOMES.get(str(body.get("status", "")).lower(), Outcome.GOING_ON)
            return Followed(outcome, _why(body) if outcome is Outcome.FAILED else "")
        url = self._asked.headers.get("Location")
        if url:
            try:
                status = (await self._arm.follow(url)).status
            except (Conflict, Invalid, Missing) as error:
                return Followed(Outcome.FAILED, error.message)
            return Followed(Outcome.GOING_ON if status == 202 else Outcome.DONE)
        found = await self.cluster()
        if found.broken:
            return Followed(Outcome.FAILED, f"Azure says {found.provisioning}")
        return Followed(Outcome.GOING_ON if found.busy else Outcome.DONE)

    async def _change(self, verb: str, wanted: PowerState) -> None:
        if (await self.cluster()).already(wanted):
            return
        try:
            self._asked = await self._arm.send("POST", f"{self._path}/{verb}", VERSION)
        except Busy:
            # Somebody may have been faster; then what was wanted is happening.
            if not (await self.cluster()).already(wanted):
                raise


def read_cluster(payload: Any) -> ManagedCluster:
    """From Azure's JSON. Raises Unavailable when it is no cluster."""
    if not isinstance(payload, dict) or not isinstance(payload.get("properties"), dict):
        raise Unavailable(SYSTEM, "an answer that is no managed cluster")
    properties = payload["properties"]
    return ManagedCluster(
        name=str(payload.get("name", "")),
        group=_group(str(payload.get("id", ""))),
        node_group=str(properties.get("nodeResourceGroup") or ""),
        location=str(payload.get("location") or ""),
        host=str(properties.get("fqdn") or properties.get("privateFQDN") or ""),
        kubernetes=str(
            properties.get("currentKubernetesVersion") or properties.get("kubernetesVersion") or ""
        ),
        power=_power(properties),
        provisioning=str(properties.get("provisioningState") or "unknown"),
        pools=tuple(_pool(pool) for pool in properties.get("agentPoolProfiles") or ()),
    )


def _pool(payload: dict[str, Any]) -> NodePool:
    return NodePool(
        name=str(payload.get("name", "")),
        count=int(payload.get("count") or 0),
        size=str(payload.get("vmSize") or ""),
        mode=str(payload.get("mode") or ""),
        kubernetes=str(
            payload.get("currentOrchestratorVersion") or payload.get("orchestratorVersion") or ""
        ),
        power=_power(payload),
    )


def _power(properties: dict[str, Any]) -> PowerState:
    code = str((properties.get("powerState") or {}).get("code", ""))
    return PowerState(code) if code in {"Running", "Stopped"} else PowerState.UNKNOWN


def _group(id: str) -> str:
    """The resource group in an id; Azure writes its key in either case."""
    parts = id.split("/")
    keys = [part.lower() for part in parts]
    return parts[keys.index("resourcegroups") + 1] if "resourcegroups" in keys[:-1] else ""


def _why(body: dict[str, Any]) -> str:
    error = body.get("error") or {}
    code, message = str(error.get("code") or "Failed"), str(error.get("message") or "")
    return f"{code}: {message}"[:200]
