"""The Azure ports in process and over HTTPS, for their contract tests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.arm import Arm, Identity
from adapters.automation import ArmAutomation
from adapters.azure import ArmAzure
from adapters.cost import ArmCost
from adapters.sim.automation import SimAutomation
from adapters.sim.azure import SimAzure
from adapters.sim.cost import SimCost
from adapters.sim.power import SUBSCRIPTION
from adapters.sim.runbooks import ACCOUNT
from adapters.sim.scenarios import healthy
from adapters.sim.servers import azure as server
from adapters.sim.servers.loopback import serve
from adapters.sim.servers.tls import certificate
from adapters.sim.world import World
from bot.clock import LoopClock
from bot.ports.automation import Automation
from bot.ports.azure import Azure
from bot.ports.cost import Cost
from tests.adapters.swagger import Exchange

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SPEED = 200.0
SECRET = "opens-azure"


@dataclass(frozen=True)
class Place:
    """The three ports, and the world behind them."""

    world: World
    azure: Azure
    automation: Automation
    cost: Cost


@asynccontextmanager
async def place(
    kind: str, directory: Path, secret: str = SECRET, seen: list[Exchange] | None = None
) -> AsyncIterator[Place]:
    """`sim` in process, `http` over HTTPS with azure-identity's sign-in.

    Args:
        seen: takes every exchange over HTTPS.
    """
    world = healthy(LoopClock(START, SPEED), speed=SPEED)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(world.close)
        if kind == "sim":
            yield Place(world, SimAzure(world), SimAutomation(world), SimCost(world))
            return
        tls, trusted = certificate(directory)
        served = server.app(world, SECRET)
        if seen is not None:
            served.middlewares.insert(0, noting(seen))
        url = await serve(stack, served, tls=tls)
        arm = arm_at(url, trusted, secret)
        stack.push_async_callback(arm.close)
        group = world.power.group
        azure = ArmAzure(arm, subscription=SUBSCRIPTION, group=group, cluster=world.power.name)
        yield Place(
            world,
            azure,
            ArmAutomation(arm, subscription=SUBSCRIPTION, group=group, account=ACCOUNT),
            ArmCost(
                arm,
                azure,
                subscription=SUBSCRIPTION,
                budget=world.bill.name,
                clock=world.clock,
            ),
        )


def noting(seen: list[Exchange]) -> Any:
    """A middleware that keeps every exchange."""

    @web.middleware
    async def middleware(request: web.Request, handler: Any) -> web.StreamResponse:
        sent = await request.json() if request.content_type == "application/json" else None
        answer: web.StreamResponse = await handler(request)
        text = answer.text if isinstance(answer, web.Response) else None
        got = json.loads(text) if text else None
        query = dict(request.query)
        seen.append(Exchange(request.method, request.path, query, sent, answer.status, got))
        return answer

    return middleware


def arm_at(url: str, trusted: Path, secret: str = SECRET, scope: str = "") -> Arm:
    """A client that signs in and asks at this address."""
    identity = Identity(
        "client_secret",
        tenant_id=server.TENANT,
        client_id=server.CLIENT,
        client_secret=secret,
        authority=url,
        ca_file=trusted,
    )
    return Arm(identity, url=url, scope=scope)
