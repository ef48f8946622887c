"""How the simulated Kubernetes ports ask the simulated API server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.kubernetes_read import SYSTEM, Expired, refusal
from adapters.sim.objectstore import Refusal
from adapters.sim.world import World

_PAGE = 250


@asynccontextmanager
async def reading(world: World, call: str = "kubernetes.get") -> AsyncIterator[None]:
    """One call that changes nothing. Raises the port errors of what the server refuses."""
    async with world.look(call, SYSTEM):
        try:
            yield
        except Refusal as refused:
            raise refusal(refused.status, json.dumps(refused.body)) from refused


@asynccontextmanager
async def changing(world: World, call: str) -> AsyncIterator[None]:
    """One call that changes something; its answer may be lost."""
    async with world.call(call, SYSTEM):
        try:
            yield
        except Refusal as refused:
            raise refusal(refused.status, json.dumps(refused.body)) from refused


async def each(
    world: World,
    plural: str,
    namespace: str | None = None,
    *,
    labels: str = "",
    fields: str = "",
) -> AsyncIterator[Any]:
    """Every item of a list, page by page, as the real client reads it."""
    token = ""
    while True:
        try:
            async with reading(world):
                page = world.cluster.api.page(
                    plural, namespace, labels=labels, fields=fields, limit=_PAGE, token=token
                )
        except Expired as expired:
            token = expired.token
            continue
        for item in page.items:
            yield item
        token = page.token
        if not token:
            return
