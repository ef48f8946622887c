"""A real client for Azure in front of a server that says what a test tells it to."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.arm import Arm, Identity
from adapters.azure import ArmAzure
from tests.adapters.wire import Answer, Wire

Tls = tuple[ssl.SSLContext, Path]
"""A server's context, and the certificate a client must trust."""
TOKEN = Answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": "opens-it"})
SECRET = "hunter2-do-not-repeat"
PERSON = "0f0e0d0c-1111-4222-8333-444455556666"
CLUSTER: dict[str, Any] = {
    "id": "/subscriptions/s/resourcegroups/rg-fernhill/providers/x",
    "name": "aks-fernhill",
    "location": "uksouth",
    "properties": {"provisioningState": "Succeeded", "powerState": {"code": "Running"}},
}
STOPPING: dict[str, Any] = {
    **CLUSTER,
    "properties": {**CLUSTER["properties"], "provisioningState": "Stopping"},
}


@asynccontextmanager
async def arm(wire: Wire, trusted: Path | None, **identity: Any) -> AsyncIterator[Arm]:
    known = {"tenant_id": "t", "client_id": "c", "client_secret": SECRET, **identity}
    kind = known.pop("kind", "client_secret")
    made = Arm(Identity(kind, authority=wire.url, ca_file=trusted, **known), url=wire.url)
    try:
        yield made
    finally:
        await made.close()


def azure(client: Arm) -> ArmAzure:
    return ArmAzure(client, subscription="s", group="rg-fernhill", cluster="aks-fernhill")


def wrapped(code: str, message: str) -> dict[str, Any]:
    """An error as Azure's front door writes it."""
    return {"error": {"code": code, "message": message}}
