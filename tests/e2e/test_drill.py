"""A drill beside a real Houston: no client that could write to anything real exists in it."""

from __future__ import annotations

import gc
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import fields
from types import FunctionType, ModuleType

import pytest

from bot.clock import SystemClock
from bot.connect import connect
from bot.drill import Stage
from bot.drill_terminal import fly
from bot.drillbook import DRILLS
from bot.lab import Lab
from bot.outside import Ports
from bot.settings import Settings

MONGO = DRILLS["mongo-missing-configmap"]
REACHES_OUT = ("adapters.", "aiohttp.", "kubernetes_asyncio.", "dulwich.client")
HARMLESS = ("adapters.sim.", "adapters.store", "adapters.database", "adapters.audit")
"""The simulated world, and the drill's own store, which is in memory."""


def reachable(*roots: object) -> list[object]:
    """Everything an object leads to by references: attributes, items, closures, running coroutines.

    Not through modules and classes, by which everything leads to everything, nor through the event
    loop, which runs both Houstons.
    """
    found: dict[int, object] = {}
    left: list[object] = [*roots]
    while left:
        one = left.pop()
        if id(one) in found or isinstance(one, ModuleType | type) or _is_loop(one):
            continue
        found[id(one)] = one
        left.extend(_leads_to(one))
    return [*found.values()]


def _leads_to(one: object) -> Iterable[object]:
    if isinstance(one, FunctionType):
        return (*(one.__closure__ or ()), *(one.__defaults__ or ()), one.__dict__)
    return gc.get_referents(one)


def _is_loop(one: object) -> bool:
    return type(one).__name__.endswith(("EventLoop", "EventLoopPolicy"))


def real_adapters(objects: Iterable[object]) -> set[str]:
    """The classes among them that reach out of this process."""
    kinds = {type(one) for one in objects}
    return {
        f"{kind.__module__}.{kind.__name__}"
        for kind in kinds
        if kind.__module__.startswith(REACHES_OUT) and not kind.__module__.startswith(HARMLESS)
    }


@asynccontextmanager
async def drilled(ports: Ports) -> AsyncIterator[Stage]:
    """A drill, as the Houston that has these ports starts it."""
    stage = await ports.stages.open(MONGO, (), SystemClock())
    try:
        yield stage
    finally:
        await stage.close()


async def test_in_a_drill_no_real_client_exists(running: Lab) -> None:
    configured = Settings(**running.config)
    async with connect(configured) as ports, drilled(ports) as stage:
        real = [getattr(ports, port.name) for port in fields(ports) if port.name != "stages"]
        inside = reachable(stage)

        assert real_adapters(inside) == set()
        assert not {id(one) for one in real} & {id(one) for one in inside}
        secrets = {
            running.config[name][key] for name, key in (("argocd", "token"), ("git", "password"))
        }
        assert not secrets & {one for one in inside if isinstance(one, str)}
        # The same search finds what is there, and does so in the Houston beside it.
        assert {"adapters.argocd.HttpArgoCD", "adapters.rocketchat.RocketChat"} <= real_adapters(
            reachable(ports)
        )
        assert len(inside) > 1000
        await ports.store.close()


@pytest.mark.slow
async def test_a_drill_is_flown_at_a_terminal_by_its_runbook() -> None:
    shown: list[str] = []
    typed = io.StringIO("".join(f"{line}\n" for line in MONGO.lines))
    status = await fly(MONGO.name, shown.append, lines=typed, speed=200)

    assert status == 0, "\n".join(shown)
    assert "Score of drill mongo-missing-configmap" in shown[-1]
    assert "verified after" in shown[-1]
    assert all(text.lstrip().startswith("DRILL") for text in shown if "✔" in text)


@pytest.mark.slow
async def test_a_drill_that_is_left_is_not_verified() -> None:
    shown: list[str] = []
    lines = io.StringIO("!diagnose\n\n!drill stop\n")
    status = await fly(MONGO.name, shown.append, lines=lines, speed=200)

    assert status == 1
    assert "stopped" in shown[-1]
