"""Worlds in which the metrics get lost: one for each link of their way to the dashboard."""

from __future__ import annotations

from collections.abc import Callable

from adapters.sim.monitoring import TEMPLATE
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from adapters.sim.world import World
from adapters.sim.worlds import Scenario, healthy
from bot import embedded
from bot.clock import Clock
from bot.scalar import KeyPath

_KEY: KeyPath = ("data", "prometheus.yml.tmpl")
_TENANT: KeyPath = ("global", "external_labels", "tenant_id")
_OLD = "k8-fernhill"


def _with(name: str, about: str, wrong: Callable[[World], None]) -> Scenario:
    """A healthy world in which one thing is wrong."""

    def make(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
        made = healthy(clock, remote=remote, speed=speed)
        wrong(made)
        return made

    make.__name__, make.__doc__ = name, about
    return make


def metrics_off(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """The values file switches metrics off."""
    found = remote or Remote.in_memory(*seed())
    content = embedded.replace(
        found.read("values.yaml"), ("prometheusScraping", "enabled"), "false"
    )
    found.push("values.yaml", content.replace(b'"false"', b"false"), "Save some memory")
    return healthy(clock, remote=found, speed=speed)


def agent_labels_wrong(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """The agent runs with what git says, and git says another tenant than the dashboard's."""
    found = remote or Remote.in_memory(*seed())
    content = embedded.replace(found.read(TEMPLATE), _KEY, _OLD, _TENANT)
    found.push(TEMPLATE, content, "Name the tenant as before")
    return healthy(clock, remote=found, speed=speed)


def _exposes_nothing(world: World) -> None:
    world.cluster.deployment("rocketchat-rocketchat").scraped = False


def _has_no_port(world: World) -> None:
    objects, namespace = world.cluster.objects, world.cluster.namespace
    service = objects.get("services", namespace, "rocketchat-rocketchat")
    ports = service["spec"]["ports"]
    service["spec"]["ports"] = [port for port in ports if port["name"] != "metrics"]
    objects.put(service)


def _runs_an_older_template(world: World) -> None:
    content = embedded.replace(world.remote.read(TEMPLATE), _KEY, _OLD, _TENANT)
    world.monitoring.ran_before(embedded.read(content, _KEY))


def _is_unreachable(world: World) -> None:
    world.monitoring.unreachable = "context deadline exceeded"


def _is_refused(world: World) -> None:
    world.monitoring.refused = "401 Unauthorized"


def _loses_a_label(world: World) -> None:
    world.monitoring.dropped = {"site_url"}


def _loses_a_variable(world: World) -> None:
    world.monitoring.dropped = {"cluster"}


METRICS_SCENARIOS: tuple[Scenario, ...] = (
    metrics_off,
    _with(
        "metrics_not_deployed",
        "The Deployment has no variables that switch metrics on.",
        _exposes_nothing,
    ),
    _with("metrics_port_missing", "The Service does not offer the metrics' port.", _has_no_port),
    _with(
        "agent_not_restarted",
        "The agent's template has changed since its pod started.",
        _runs_an_older_template,
    ),
    agent_labels_wrong,
    _with("metrics_unreachable", "The agent cannot reach Rocket.Chat.", _is_unreachable),
    _with("hub_refuses_metrics", "The hub takes nothing the agent sends.", _is_refused),
    _with("hub_loses_labels", "The hub drops a label the dashboard filters by.", _loses_a_label),
    _with("dashboard_without_values", "A variable has no values to choose.", _loses_a_variable),
)
