"""Named worlds: where a demo, a drill or a test begins."""

from __future__ import annotations

from adapters.sim.remote import Remote
from adapters.sim.scenarios_argo import ARGO_SCENARIOS
from adapters.sim.scenarios_metrics import METRICS_SCENARIOS
from adapters.sim.scenarios_pods import POD_SCENARIOS
from adapters.sim.scenarios_secrets import SECRETS_SCENARIOS
from adapters.sim.scenarios_traces import TRACE_SCENARIOS
from adapters.sim.world import World
from adapters.sim.worlds import Scenario, healthy
from bot.clock import Clock

__all__ = ["SCENARIOS", "Scenario", "healthy"]


def image_missing(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """One of the five images was never published under any newer version."""
    made = healthy(clock, remote=remote, speed=speed)
    made.cluster.removed_tags = {
        ("rocketchat/presence-service", version) for version in made.cluster.releases
    }
    return made


def sync_fails(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """The first sync fails: the cluster refuses an object. Argo CD asks for none by itself."""
    made = healthy(clock, remote=remote, speed=speed)
    made.cluster.automated = False  # or its sync could be the one that fails, not Houston's
    made.cluster.sync_failures = 1
    return made


def rollout_stuck(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """The registries say yes, and yet a node cannot pull the new presence image."""
    made = healthy(clock, remote=remote, speed=speed)
    made.cluster.unpullable = {
        f"rocketchat/presence-service:{version}" for version in made.cluster.releases
    }
    return made


def someone_else_syncing(
    clock: Clock, *, remote: Remote | None = None, speed: float = 1.0
) -> World:
    """A colleague has just begun a sync by hand."""
    made = healthy(clock, remote=remote, speed=speed)
    made.cluster.ask_sync("")
    return made


def cluster_stopped(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """The cluster was stopped, and chat with it."""
    made = healthy(clock, remote=remote, speed=speed)
    made.power.off()
    return made


SCENARIOS: dict[str, Scenario] = {
    made.__name__: made
    for made in (
        healthy,
        image_missing,
        sync_fails,
        rollout_stuck,
        someone_else_syncing,
        cluster_stopped,
        *POD_SCENARIOS,
        *ARGO_SCENARIOS,
        *METRICS_SCENARIOS,
        *SECRETS_SCENARIOS,
        *TRACE_SCENARIOS,
    )
}
"""Every scenario by the name `houston demo --scenario` takes."""
