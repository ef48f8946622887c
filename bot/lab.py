"""The simulated world on loopback, with a configuration that points Houston at it."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from adapters.sim import panels, tracing
from adapters.sim.custody import VAULT, files
from adapters.sim.document import User
from adapters.sim.monitoring import expected
from adapters.sim.power import SUBSCRIPTION
from adapters.sim.remote import Remote
from adapters.sim.runbooks import ACCOUNT
from adapters.sim.scenarios import SCENARIOS
from adapters.sim.seed import seed
from adapters.sim.servers import argocd as argocd_server
from adapters.sim.servers import azure as azure_server
from adapters.sim.servers import charts as charts_server
from adapters.sim.servers import git as git_server
from adapters.sim.servers import grafana as grafana_server
from adapters.sim.servers import kubernetes as kubernetes_server
from adapters.sim.servers import metrics as metrics_server
from adapters.sim.servers import page
from adapters.sim.servers import registry as registry_server
from adapters.sim.servers import releases as releases_server
from adapters.sim.servers import rocketchat as chat_server
from adapters.sim.servers.loopback import serve
from adapters.sim.servers.tls import certificate
from adapters.sim.world import World
from bot.clock import Clock, SystemClock
from bot.credentials import hashed, new_token
from bot.errors import UsageError

_REGISTRIES = ("registry.rocket.chat", "registry-1.docker.io", "ghcr.io")
HOUSTON = "uHouston"
ADMIN = User("uAdmin", "admin", "Administrator", roles=("user", "admin"))
_HOURS = 8
"""After how many hours the lab's cluster is stopped by its schedule: not under a test's hands."""


@dataclass(frozen=True)
class Lab:
    """Running servers. `config` is a whole configuration for Houston, secrets included;
    `operators` are the tokens for its second doors by name."""

    world: World
    endpoints: dict[str, str]
    config: dict[str, Any]
    admin_password: str
    operators: dict[str, str]

    def credentials(self) -> dict[str, str]:
        """What a person or a test needs to act in the lab as somebody."""
        return {
            "houston": self.config["chat"]["token"],
            "git_username": self.config["git"]["username"],
            "git_password": self.config["git"]["password"],
            "argocd": self.config["argocd"]["token"],
            "admin_username": ADMIN.username,
            "admin_password": self.admin_password,
            **{
                user: self.world.chat.token(user)
                for user in ("uAna", "uBo", "uCleo", "uDee", "uVic")
            },
            **{f"token of {name}": token for name, token in self.operators.items()},
        }

    def write(self, path: Path) -> None:
        """Write the configuration, readable by its owner only."""
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True), "utf-8")


@asynccontextmanager
async def lab(
    *,
    directory: Path,
    repo: Path | None = None,
    scenario: str = "healthy",
    speed: float = 4.0,
    port: int = 0,
    clock: Clock | None = None,
) -> AsyncIterator[Lab]:
    """Start the servers; they end with the context.

    Args:
        directory: where the remote, the store and the kubeconfig are put.
        repo: a git repository to begin with instead of the fictional one; it is only read.
        scenario: a name of `adapters.sim.scenarios`.
        speed: simulated seconds in one real one.
        port: of the chat server and its page; 0 chooses one.
        clock: the world's; None for the machine's.

    Raises:
        UsageError: for an unknown scenario.
    """
    if scenario not in SCENARIOS:
        known = ", ".join(sorted(SCENARIOS))
        raise UsageError(f"There is no scenario {scenario!r}.", f"There are {known}")
    bare = directory / "remote.git"
    remote = Remote.from_repository(repo, bare) if repo else Remote.create_on_disk(bare, *seed())
    labels, found = expected(remote, "values.yaml"), files(remote)
    world = SCENARIOS[scenario](clock or SystemClock(), remote=remote, speed=speed)
    world.runbooks.keep_up(_HOURS)
    world.cluster.controllers.jobs.caught_up(world.clock.now() - timedelta(hours=1))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(world.close)
        served = await _serve(stack, world, directory, port)
        external = [name for name in labels if name not in {"namespace", "site_url"}]
        served.config["metrics"] |= {"labels": labels, "external": external}
        served.config["secrets"] |= found
        served.config["tracing"] = tracing.job(remote)
        served.config["grafana"] |= panels.board_of(remote)
        yield served


async def _serve(stack: AsyncExitStack, world: World, directory: Path, port: int) -> Lab:
    password, argo_token, kube_token, azure_secret, hub_token, admin_password = (
        secrets.token_urlsafe(24) for _ in range(6)
    )
    world.chat.add_user(ADMIN)
    world.chat.people.set_password(ADMIN.id, admin_password)
    tls, trusted = certificate(directory)
    chat_app = chat_server.app(world)
    page.add_page(chat_app, world)
    endpoints = {
        "chat": await serve(stack, chat_app, port),
        "git": await serve(stack, git_server.app(world, username="houston", password=password)),
        "argocd": await serve(stack, argocd_server.app(world, argo_token)),
        "kubernetes": await serve(stack, kubernetes_server.app(world, kube_token), tls=tls),
        "releases": await serve(stack, releases_server.app(world)),
        "charts": await serve(stack, charts_server.app(world)),
        "metrics": await serve(stack, metrics_server.app(world, hub_token)),
        "grafana": await serve(stack, grafana_server.app(world, hub_token)),
        "azure": await serve(stack, azure_server.app(world, azure_secret), tls=tls),
        **{host: await serve(stack, registry_server.app(world, host)) for host in _REGISTRIES},
    }
    kubeconfig = directory / "kubeconfig"
    kubernetes_server.write_kubeconfig(kubeconfig, endpoints["kubernetes"], kube_token, trusted)
    config = _config(world, endpoints, directory, password, argo_token)
    config["azure"] = _azure(world, endpoints["azure"], trusted, azure_secret)
    config["secrets"] = _secrets(world, endpoints["azure"])
    config["metrics"] = _metrics(endpoints["metrics"], hub_token)
    config["grafana"] = {"url": endpoints["grafana"], "token": hub_token}
    config["charts"] = _charts(world, endpoints["charts"])
    operators = {person["name"]: new_token() for person in config["policy"]["people"]}
    lines = "\n".join(f"{name}: {hashed(token)}" for name, token in operators.items())
    config["door"]["operators"] = lines
    return Lab(world, endpoints, config, admin_password, operators)


def _secrets(world: World, url: str) -> dict[str, Any]:
    return {
        "vault": VAULT,
        "vault_endpoint": url,
        "identity": world.custody.identity,
        "searched": ["ops", "argocd", "GrafanaLocal", "values.yaml"],
    }


def _metrics(url: str, token: str) -> dict[str, Any]:
    return {"url": url, "datasource": metrics_server.DATASOURCE, "token": token}


def _charts(world: World, url: str) -> dict[str, Any]:
    return {host: {"url": f"{url}/{host}"} for host in charts_server.hosts(world)}


def _azure(world: World, url: str, trusted: Path, secret: str) -> dict[str, Any]:
    return {
        "subscription": SUBSCRIPTION,
        "resource_group": world.power.group,
        "cluster": world.power.name,
        "identity": "client_secret",
        "tenant_id": azure_server.TENANT,
        "client_id": azure_server.CLIENT,
        "client_secret": secret,
        "url": url,
        "authority": url,
        "ca_file": str(trusted),
        "automation_account": ACCOUNT,
        "budget": world.bill.name,
        "change_schedules": True,
    }


def _config(
    world: World, endpoints: dict[str, str], directory: Path, password: str, argo_token: str
) -> dict[str, Any]:
    always = [{"zone": "Europe/London"}]
    return {
        "chat": {
            "url": endpoints["chat"],
            "user_id": HOUSTON,
            "token": world.chat.token(HOUSTON),
            "rooms": ["ops"],
        },
        "store": {"url": f"sqlite:///{directory / 'houston.sqlite'}"},
        "git": {
            "url": f"{endpoints['git']}/ops.git",
            "branch": world.remote.branch,
            "username": "houston",
            "password": password,
            "committer_email": "houston@fernhill.example",
        },
        "argocd": {
            "url": endpoints["argocd"],
            "token": argo_token,
            "application": world.cluster.application,
        },
        "kubernetes": {"kubeconfig": str(directory / "kubeconfig")},
        "registries": {host: {"url": endpoints[host]} for host in _REGISTRIES},
        "releases": {"url": endpoints["releases"]},
        "door": {"operator": "Ana Ferreira"},
        "zone": "Europe/London",
        "pace": {"poll": 1.0 / world.speed + 0.2, "engine": 0.05},
        "policy": {
            "people": [
                _person("uAna", "Ana Ferreira", "operator", "approver", on_call=always),
                _person("uBo", "Bo Lindqvist", "operator", "approver", on_call=always),
                _person("uCleo", "Cleo Marsh", "approver", on_call=[]),
                _person("uDee", "Dee Okafor", "approver", on_call=always),
            ]
        },
    }


def _person(id: str, name: str, *roles: str, on_call: list[dict[str, str]]) -> dict[str, Any]:
    email = f"{name.split(maxsplit=1)[0].lower()}@fernhill.example"
    return {"id": id, "name": name, "email": email, "roles": [*roles], "on_call": on_call}


@asynccontextmanager
async def somewhere(keep: Path | None = None) -> AsyncIterator[Path]:
    """A directory: the given one, or one that goes away at the end."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="houston-") as name:
        yield Path(name)
