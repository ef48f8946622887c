"""Nodes, volumes, Services, StatefulSets, MongoDB and Secrets from the Kubernetes API's JSON.

Pure. Of a Secret only metadata is ever read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import yaml

from adapters.kubernetes_read import (
    decoding,
    read_conditions,
    read_created,
    read_owner,
    read_time,
    unobserved,
)
from adapters.kubernetes_read_pods import read_amount
from bot.ports.kubernetes import RolloutState
from bot.ports.nodes import Node
from bot.ports.resources import Claim, MongoDB, Service, StatefulSet
from bot.ports.secrets import ExternalSecret, Secret, SecretStore

_GO_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|m(?!s)|s|ms)")
_GO_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_FIELDS = ("f:data", "f:stringData")


def read_node(payload: Any) -> Node:
    """A node. Raises Unavailable when it is none."""
    with decoding("a Node"):
        metadata, status = payload["metadata"], payload["status"]
        spec = payload.get("spec") or {}
        return Node(
            name=str(metadata["name"]),
            created=read_created(metadata),
            version=str((status.get("nodeInfo") or {}).get("kubeletVersion", "")),
            allocatable=read_amount(status.get("allocatable") or {}),
            conditions=read_conditions(status),
            taints=tuple(f"{taint['key']}:{taint['effect']}" for taint in spec.get("taints") or ()),
            cordoned=bool(spec.get("unschedulable")),
        )


def read_claim(payload: Any) -> Claim:
    """A PersistentVolumeClaim. Raises Unavailable when it is none."""
    with decoding("a PersistentVolumeClaim"):
        metadata, spec = payload["metadata"], payload["spec"]
        status = payload.get("status") or {}
        asked = (spec.get("resources") or {}).get("requests") or {}
        return Claim(
            name=str(metadata["name"]),
            phase=str(status.get("phase") or "Pending"),
            capacity=str((status.get("capacity") or asked).get("storage", "")),
            storage_class=str(spec.get("storageClassName") or ""),
            volume=str(spec.get("volumeName") or ""),
            created=read_created(metadata),
        )


def read_stateful_set(payload: Any) -> StatefulSet:
    """A StatefulSet, judged by the rules of `kubectl rollout status`."""
    with decoding("a StatefulSet"):
        metadata, spec = payload["metadata"], payload["spec"]
        status = payload.get("status") or {}
        wanted = int(spec.get("replicas", 1))
        ready = int(status.get("readyReplicas", 0))
        state, text = RolloutState.WAITING, f"{ready} of {wanted} ready"
        if unobserved(metadata, status):
            text = "waiting for the change to be seen"
        elif ready >= wanted:
            if status.get("updateRevision") == status.get("currentRevision"):
                state, text = RolloutState.DONE, "rolled out"
            else:
                text = f"{int(status.get('updatedReplicas', 0))} of {wanted} updated"
        return StatefulSet(
            name=str(metadata["name"]),
            state=state,
            text=text,
            images=tuple(str(c["image"]) for c in spec["template"]["spec"]["containers"]),
            wanted=wanted,
            ready=ready,
            labels=dict((spec.get("selector") or {}).get("matchLabels") or {}),
        )


def read_service(payload: Any) -> Service:
    """A Service. Raises Unavailable when it is none."""
    with decoding("a Service"):
        metadata, spec = payload["metadata"], payload["spec"]
        return Service(
            name=str(metadata["name"]),
            ports={
                str(port.get("name") or port["port"]): int(port["port"])
                for port in spec.get("ports") or ()
            },
            selector=dict(spec.get("selector") or {}),
            annotations=dict(metadata.get("annotations") or {}),
        )


def read_mongodb(payload: Any) -> MongoDB:
    """A MongoDBCommunity resource. Raises Unavailable when it is none."""
    with decoding("a MongoDBCommunity"):
        metadata, spec = payload["metadata"], payload["spec"]
        status = payload.get("status") or {}
        return MongoDB(
            name=str(metadata["name"]),
            phase=str(status.get("phase") or "Pending"),
            version=str(status.get("version") or ""),
            wanted_version=str(spec["version"]),
            members=int(status.get("currentMongoDBMembers", 0)),
            wanted_members=int(spec.get("members", 1)),
            message=str(status.get("message") or ""),
            created=read_created(metadata),
            secrets=_password_secrets(spec),
        )


def _password_secrets(spec: Mapping[str, Any]) -> dict[str, str]:
    references = [user.get("passwordSecretRef") for user in spec.get("users") or ()]
    references.append((spec.get("prometheus") or {}).get("passwordSecretRef"))
    return {str(ref["name"]): str(ref.get("key") or "password") for ref in references if ref}


def manifest_of(payload: Mapping[str, Any]) -> str:
    """The object as YAML, without the fields that only the server uses."""
    metadata = {
        key: value
        for key, value in payload["metadata"].items()
        if key not in {"managedFields", "resourceVersion", "selfLink"}
    }
    return yaml.safe_dump({**payload, "metadata": metadata}, sort_keys=False, allow_unicode=True)


def read_secret(payload: Any) -> Secret:
    """A Secret's metadata. Raises Unavailable when it is none."""
    with decoding("a Secret's metadata"):
        metadata = payload["metadata"]
        managed = metadata.get("managedFields") or ()
        created = read_created(metadata)
        return Secret(
            namespace=str(metadata.get("namespace", "")),
            name=str(metadata["name"]),
            created=created,
            changed=_changed(managed) or created,
            resource_version=str(metadata.get("resourceVersion", "")),
            keys=_keys(managed) if managed else None,
            owner=read_owner(metadata),
        )


def _keys(managed: Any) -> frozenset[str]:
    return frozenset(
        key.removeprefix("f:")
        for entry in managed
        for name in _FIELDS
        for key in (entry.get("fieldsV1") or {}).get(name) or {}
        if key.startswith("f:")
    )


def _changed(managed: Any) -> datetime | None:
    """When whoever manages the values last wrote them."""
    times = [
        read_time(entry.get("time"))
        for entry in managed
        if any((entry.get("fieldsV1") or {}).get(name) for name in _FIELDS)
    ]
    return max((time for time in times if time), default=None)


def read_external_secret(payload: Any) -> ExternalSecret:
    """An ExternalSecret of v1 or v1beta1. Raises Unavailable when it is none."""
    with decoding("an ExternalSecret"):
        metadata, spec = payload["metadata"], payload["spec"]
        status = payload.get("status") or {}
        interval = read_duration(str(spec.get("refreshInterval", "1h")))
        conditions = read_conditions(status)
        return ExternalSecret(
            namespace=str(metadata.get("namespace", "")),
            name=str(metadata["name"]),
            target=str((spec.get("target") or {}).get("name") or metadata["name"]),
            store=str((spec.get("secretStoreRef") or {}).get("name", "")),
            interval=interval or None,
            remote=tuple(
                (str(entry["secretKey"]), str((entry.get("remoteRef") or {}).get("key", "")))
                for entry in spec.get("data") or ()
            ),
            refreshed=read_time(status.get("refreshTime")),
            ready=next((found for found in conditions if found.type == "Ready"), None),
        )


def read_secret_store(payload: Any) -> SecretStore:
    """A ClusterSecretStore. Raises Unavailable when it is none."""
    with decoding("a ClusterSecretStore"):
        provider = payload["spec"].get("provider") or {}
        azure = provider.get("azurekv") or {}
        conditions = read_conditions(payload.get("status") or {})
        return SecretStore(
            name=str(payload["metadata"]["name"]),
            vault=str(azure.get("vaultUrl") or ""),
            tenant=str(azure.get("tenantId") or ""),
            ready=next((found for found in conditions if found.type == "Ready"), None),
        )


def read_duration(text: str) -> timedelta:
    """A duration as Go writes it: `1h`, `1h30m0s`; `0` and nothing are zero."""
    found = sum(float(number) * _GO_UNITS[unit] for number, unit in _GO_DURATION.findall(text))
    return timedelta(seconds=found)
