"""The simulated External Secrets operator: writes Secrets from a vault, again when asked to."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from adapters.sim.objectstore import ObjectStore

if TYPE_CHECKING:
    from adapters.sim.world import World

Object = dict[str, Any]

_READS = 2.0
_INTERVAL = 3600.0
_MANAGER = "external-secrets"


class SecretSync:
    """`vault` holds the values by the vault's names; a name that is not there cannot be synced."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self.vault: dict[str, str] = {}

    def bind(self, world: World) -> None:
        self._world = world

    def settle(self, external: Object) -> None:
        """Keep the ExternalSecret, with its Secret written long ago."""
        external["status"] = {}
        self.sync(self._objects.put(external), external["metadata"]["creationTimestamp"])

    def refresh_for_ever(self) -> None:
        """Begin to read the vault again every hour."""
        self._world.begin(self._refresh())

    async def _refresh(self) -> None:
        while True:
            await self._world.pause(_INTERVAL)
            for external in self._objects.select("externalsecrets"):
                self.sync(external)

    def noticed(self, external: Object) -> None:
        """An annotation or the spec changed: the operator reads the vault again."""
        self._world.begin(self._later(external))

    async def _later(self, external: Object) -> None:
        await self._world.pause(_READS)
        self.sync(external)

    def sync(self, external: Object, written: str = "") -> None:
        """Read the vault now. `written` is when a value was written, where that is not now."""
        spec, stamp = external["spec"], self._objects.stamp()
        names = {entry["secretKey"]: entry["remoteRef"]["key"] for entry in spec["data"]}
        absent = next((name for name in names.values() if name not in self.vault), None)
        if absent is None:
            self._write(
                external, {key: self.vault[name] for key, name in names.items()}, written or stamp
            )
            external["status"] |= {"refreshTime": stamp}
        reason = "SecretSynced" if absent is None else "SecretSyncedError"
        message = "Secret was synced" if absent is None else f"could not get secret {absent}"
        external["status"] |= {
            "conditions": [
                {
                    "type": "Ready",
                    "status": str(absent is None),
                    "reason": reason,
                    "message": message,
                    "lastTransitionTime": stamp,
                }
            ],
            "binding": {"name": external["metadata"]["name"]},
        }
        self._objects.put(external)

    def _write(self, external: Object, values: dict[str, str], stamp: str) -> None:
        metadata = external["metadata"]
        old = self._objects.find("secrets", metadata["namespace"], metadata["name"])
        made = secret(metadata["namespace"], metadata["name"], values, stamp, _MANAGER)
        if old is not None and old["data"] == made["data"]:
            return
        if old is not None:
            made["metadata"] |= {key: old["metadata"][key] for key in ("uid", "creationTimestamp")}
        made["metadata"]["ownerReferences"] = [
            {
                "apiVersion": external["apiVersion"],
                "kind": "ExternalSecret",
                "name": metadata["name"],
                "uid": metadata["uid"],
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ]
        self._objects.put(made)


def secret(
    namespace: str, name: str, values: dict[str, str], stamp: str, manager: str = "helm"
) -> Object:
    """A Secret, with the record of who wrote which key when."""
    fields: Object = {"f:data": {".": {}, **{f"f:{key}": {} for key in values}}, "f:type": {}}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "managedFields": [
                {
                    "manager": manager,
                    "operation": "Update",
                    "apiVersion": "v1",
                    "time": stamp,
                    "fieldsType": "FieldsV1",
                    "fieldsV1": fields,
                }
            ],
        },
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
    }
