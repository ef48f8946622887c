"""The worlds of drills: which fault each begins with, and how the world tells that it is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from adapters.sim import podmaker
from adapters.sim.argo_fleet import Token
from adapters.sim.power import RUNNING
from adapters.sim.remote import Remote
from adapters.sim.scenarios import SCENARIOS
from adapters.sim.seed import seed
from adapters.sim.workloads import Pod
from adapters.sim.world import World
from adapters.sim.worlds import Scenario, healthy
from bot.clock import Clock
from bot.ports.argocd import Health

_OLD, _NEW = "7.12.2", "7.13.2"
_STUCK = "rocketchat-presence"
_TENANT = "tenant_id"


@dataclass(frozen=True)
class Play:
    """One drill's world. `by_hand` is what happens outside of Houston, None when nothing does."""

    scenario: Scenario
    well: Callable[[World], bool]
    by_hand: Callable[[World], None] | None = None


def upgrade_failed(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """An upgrade was committed and rolled out, but for one image that no node can pull."""
    remote = remote or Remote.in_memory(*seed())
    values = remote.read("values.yaml")
    tag = values.replace(f'tag: "{_OLD}"'.encode(), f'tag: "{_NEW}"'.encode())
    remote.push("values.yaml", tag, f"chore: Upgrade Rocket.Chat from {_OLD} to {_NEW}")
    made = healthy(clock, remote=remote, speed=speed)
    live = made.cluster.deployment(_STUCK)
    made.cluster.unpullable = {live.image}
    old = replace(live, image=live.image.replace(_NEW, _OLD))
    live.pods = [
        Pod(old.pod_name(), old.image, ready=True),
        Pod(live.pod_name(), live.image, waiting="ImagePullBackOff"),
    ]
    live.failed = True
    return made


def _services_run(world: World) -> bool:
    """Every Deployment of the release, and the database, have what they ask for."""
    found = world.cluster.objects.kept("statefulsets", world.cluster.namespace, "mongodb") or {}
    database = found.get("status", {}).get("readyReplicas")
    return bool(database) and world.cluster.health is Health.HEALTHY


def _disk_has_room(world: World) -> bool:
    nodes = world.cluster.objects.select("nodes")
    pressed = any(
        condition["type"] == "DiskPressure" and condition["status"] == "True"
        for node in nodes
        for condition in node["status"]["conditions"]
    )
    left = world.cluster.objects.select("pods", world.cluster.namespace)
    evicted = any(pod["status"].get("reason") == "Evicted" for pod in left)
    return _services_run(world) and not pressed and not evicted


def _labels_arrive(world: World) -> bool:
    """What the hub keeps carries what the agent's template says."""
    pods, monitoring = world.monitoring.pods(), world.monitoring
    template = world.cluster.objects.get("configmaps", "monitoring", "prometheus-agent-config")
    text = next(iter(template["data"].values()))
    return all(f"{_TENANT}: {kept.get(_TENANT)}" in text for kept in monitoring.kept()) and all(
        podmaker.is_ready(pod) for pod in pods
    )


def _hub_takes_traces(world: World) -> bool:
    return not world.tracing.refused


def _correct_endpoint(world: World) -> None:
    world.tracing.refused = 0


def _cluster_is_up(world: World) -> bool:
    return world.power.state == RUNNING and world.chat.up and _services_run(world)


def _token_is_good(world: World) -> bool:
    return world.argo.token is Token.GOOD


def _renew(world: World) -> None:
    world.argo.token = Token.GOOD


PLAYS: dict[str, Play] = {
    "mongo-missing-configmap": Play(SCENARIOS["mongo_missing_configmap"], _services_run),
    "grafana-no-data": Play(SCENARIOS["agent_not_restarted"], _labels_arrive),
    "tracing-404": Play(SCENARIOS["trace_hub_path_wrong"], _hub_takes_traces, _correct_endpoint),
    "disk-pressure": Play(SCENARIOS["node_disk_pressure"], _disk_has_room),
    "cluster-stopped": Play(SCENARIOS["cluster_stopped"], _cluster_is_up),
    "upgrade-failed": Play(upgrade_failed, _services_run),
    "argocd-token-expired": Play(SCENARIOS["argocd_token_expired"], _token_is_good, _renew),
}
"""Every drill's world by its name."""
