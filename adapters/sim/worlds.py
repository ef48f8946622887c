"""What a scenario is, and the world every other one begins with."""

from __future__ import annotations

from typing import Protocol

from adapters.sim.chatroom import ChatRoom
from adapters.sim.cluster import Cluster
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from adapters.sim.world import World
from bot.clock import Clock


class Scenario(Protocol):
    """Makes a world."""

    def __call__(
        self, clock: Clock, *, remote: Remote | None = None, speed: float = 1.0
    ) -> World: ...


def healthy(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """Everything is well, and everything asked for succeeds."""
    made = World(
        clock=clock,
        remote=remote or Remote.in_memory(*seed()),
        chat=ChatRoom(),
        cluster=Cluster(),
        speed=speed,
    )
    made.cluster.reconcile_for_ever()
    made.cluster.secrets.refresh_for_ever()
    made.runbooks.run_for_ever()
    made.argo.reconcile_for_ever()
    return made
