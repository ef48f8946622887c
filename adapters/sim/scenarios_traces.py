"""Worlds in which traces get lost: one for each link of their way to the hub."""

from __future__ import annotations

from collections.abc import Callable

from adapters.sim.published import GENERATOR, IMAGES
from adapters.sim.remote import Remote
from adapters.sim.world import World
from adapters.sim.worlds import Scenario, healthy
from bot.clock import Clock


def _with(name: str, about: str, wrong: Callable[[World], None]) -> Scenario:
    """A healthy world in which one thing is wrong."""

    def make(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
        made = healthy(clock, remote=remote, speed=speed)
        wrong(made)
        return made

    make.__name__, make.__doc__ = name, about
    return make


def _forbidden(world: World) -> None:
    world.cluster.private_images.add(GENERATOR)


def _no_tag(world: World) -> None:
    world.cluster.removed_tags |= {(GENERATOR, tag) for tag in IMAGES[GENERATOR]}


def _wrong_path(world: World) -> None:
    world.tracing.refused = 404


def _wrong_password(world: World) -> None:
    world.tracing.refused = 401


def _lost(world: World) -> None:
    world.tracing.lost = True


TRACE_SCENARIOS: tuple[Scenario, ...] = (
    _with("trace_image_forbidden", "The registry gives no token to who has no account.",
          _forbidden),
    _with("trace_image_missing", "The generator's image has no such tag.", _no_tag),
    _with("trace_hub_path_wrong", "The collector sends to a path the hub does not have.",
          _wrong_path),
    _with("trace_hub_password_wrong", "The hub refuses the collector's credentials.",
          _wrong_password),
    _with("traces_lost", "The hub takes traces and does not find them.", _lost),
)  # fmt: skip
