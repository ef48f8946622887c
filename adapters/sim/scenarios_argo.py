"""Worlds in which Argo CD, or one of its applications, is in trouble."""

from __future__ import annotations

from collections.abc import Callable

from adapters.sim.argo_fleet import Front, Token
from adapters.sim.manifests import Key
from adapters.sim.remote import Remote
from adapters.sim.world import World
from adapters.sim.worlds import Scenario, healthy
from bot.clock import Clock
from bot.ports.argocd import Health

OPS = "aks-rocketchat-ops"
_FOREVER = 10**6


def _with(name: str, about: str, change: Callable[[World], None]) -> Scenario:
    """A healthy world in which one thing was changed."""

    def make(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
        made = healthy(clock, remote=remote, speed=speed)
        change(made)
        return made

    make.__name__, make.__doc__ = name, about
    return make


def _token(token: Token) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.argo.token = token

    return change


def _front(front: Front) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.argo.front = front

    return change


def _viewer(world: World) -> None:
    world.argo.account = "viewer"
    world.argo.rights = {"get"}


def _stranger(world: World) -> None:
    world.argo.account = "somebody"
    world.argo.rights = set()


def _first(world: World, kind: str = "") -> Key:
    """The first object of the ops application, of a kind or of any."""
    return next(key for key in sorted(world.argo[OPS].live) if key[1] == kind or not kind)


def _drift(world: World) -> None:
    world.argo[OPS].pause()
    ops = world.argo[OPS]
    key = _first(world, "CronJob")
    ops.live[key] = {**ops.live[key], "spec": {**ops.live[key]["spec"], "suspend": True}}
    ops.target()[key] = {**ops.target()[key], "spec": {**ops.live[key]["spec"], "suspend": False}}


def _dropped(world: World) -> None:
    world.argo[OPS].pause()
    name = "otel-collector-old"
    metadata = {"name": name, "namespace": "monitoring"}
    made = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
    world.argo[OPS].live["", "Service", "monitoring", name] = made


def _degraded(world: World) -> None:
    message = "Job has reached the specified backoff limit"
    world.argo[OPS].ailing[_first(world, "Job")] = (Health.DEGRADED, message)


def _refused(world: World) -> None:
    _drift(world)
    ops = world.argo[OPS]
    key = _first(world, "CronJob")
    ops.refusals[key] = f'CronJob.batch "{key[3]}" is invalid: spec.suspend: Invalid value'
    ops.ask_sync("", by="")


def _incomparable(world: World) -> None:
    world.argo[OPS].broken = (
        "Failed to load live state: failed to get cluster info for the cluster: "
        "error synchronizing cache state"
    )


def _hangs(world: World) -> None:
    world.argo[OPS].sync_seconds = _FOREVER
    world.argo[OPS].ask_sync("", by="dana")


ARGO_SCENARIOS: tuple[Scenario, ...] = (
    _with("argocd_token_expired", "Houston's token for Argo CD has expired.",
          _token(Token.EXPIRED)),
    _with("argocd_token_revoked", "Houston's token for Argo CD was revoked.",
          _token(Token.REVOKED)),
    _with("argocd_account_disabled", "Houston's account in Argo CD was switched off.",
          _token(Token.DISABLED)),
    _with("argocd_other_server", "Houston's token is of another Argo CD.",
          _token(Token.FOREIGN)),
    _with("argocd_viewer", "Houston's account may read applications and not sync them.", _viewer),
    _with("argocd_stranger", "Houston's account may see no application.", _stranger),
    _with("argocd_login_page", "A login page answers in place of Argo CD.",
          _front(Front.LOGIN_PAGE)),
    _with("argocd_grpc_only", "The way to Argo CD lets gRPC through and nothing else.",
          _front(Front.GRPC_ONLY)),
    _with("argocd_refuses", "Nothing listens where Argo CD should be.", _front(Front.CLOSED)),
    _with("app_drift", "Somebody changed a CronJob by hand, and automation is off.", _drift),
    _with("app_dropped", "Something still runs that git has dropped.", _dropped),
    _with("app_degraded", "A Job of the ops application has failed.", _degraded),
    _with("app_refused", "The cluster refuses an object of the ops application.", _refused),
    _with("app_incomparable", "Argo CD cannot compare the ops application.", _incomparable),
    _with("app_sync_hangs", "A sync of the ops application does not come to an end.", _hangs),
)  # fmt: skip
