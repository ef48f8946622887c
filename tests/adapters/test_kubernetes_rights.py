"""What Houston asks of a cluster is what its chart grants: every call of every port, noted."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from adapters.discovery import namespaces
from adapters.jobs import JobsApi
from adapters.kubernetes import KubernetesApi
from adapters.kubernetes_client import KubernetesClient
from adapters.metrics import PodScraper
from adapters.nodes import NodesApi
from adapters.pods import PodsApi
from adapters.resources import ResourcesApi
from adapters.secrets import SecretsApi
from adapters.sim.servers import kubernetes as server
from adapters.sim.servers.loopback import serve
from bot.errors import HoustonError
from bot.ports.resources import Kind
from bot.rights import RIGHTS
from tests.adapters.kubernetes_place import TOKEN, connected, make_world

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
Asked = tuple[str, str, str, bool]
"""Verb, resource, group, and whether it is of one namespace."""
WITHOUT = {
    ("create", "selfsubjectaccessreviews", "authorization.k8s.io", False),  # everybody may
    ("get", "secrets", "", True),  # by name, only where somebody adds it
    ("list", "secrets", "", True),
    ("list", "namespaces", "", False),  # of `houston init`, which does without
    ("delete", "jobs", "batch", True),  # no command does
}
"""Asked for, and not needed."""
LOOKED_AT = (Kind.CONFIG_MAP, Kind.DEPLOYMENT, Kind.POD)
RESTARTED = (Kind.DAEMON_SET, Kind.DEPLOYMENT, Kind.STATEFUL_SET)
"""What commands look at and restart, of the kinds the port knows."""
_VERBS = {"GET": "get", "POST": "create", "PATCH": "patch", "DELETE": "delete"}
_NAMED = 1


def asked(method: str, path: str) -> Asked | None:
    """The right that a request needs; None for one that needs none."""
    parts = path.strip("/").split("/")
    if parts[0] not in {"api", "apis"}:
        return None
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    if not rest:
        return None
    inside = rest[0] == "namespaces" and len(rest) > 2
    if inside:
        rest = rest[2:]
    resource = "/".join([rest[0], *rest[2:3]])
    verb = "list" if method == "GET" and len(rest) == _NAMED else _VERBS[method]
    return verb, resource, group, inside


class Noting:
    """A port that notes which of its methods are called."""

    def __init__(self, port: Any) -> None:
        self.port = port
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(self.port, name)

    @property
    def uncalled(self) -> set[str]:
        methods = inspect.getmembers(type(self.port), inspect.isfunction)
        return {name for name, _ in methods if not name.startswith("_")} - self.called


@pytest.fixture
async def noted(tmp_path: Path) -> AsyncIterator[tuple[KubernetesClient, set[Asked]]]:
    """A client, and the rights its requests need."""
    found: set[Asked] = set()

    @web.middleware
    async def note(request: web.Request, handler: Any) -> web.StreamResponse:
        if right := asked(request.method, request.path):
            found.add(right)
        return cast(web.StreamResponse, await handler(request))

    async with AsyncExitStack() as stack:
        world = make_world()
        stack.push_async_callback(world.close)
        app = server.app(world, TOKEN)
        app.middlewares.append(note)
        yield await connected(stack, tmp_path, await serve(stack, app)), found


async def everything(client: KubernetesClient) -> list[Noting]:
    """Call every method of every port once; gives the ports."""
    kubernetes, pods = Noting(KubernetesApi(client)), Noting(PodsApi(client))
    jobs, nodes = Noting(JobsApi(client)), Noting(NodesApi(client))
    resources, secrets = Noting(ResourcesApi(client)), Noting(SecretsApi(client))
    scraper = Noting(PodScraper(client, port=9090))
    where, name = "rocketchat", "mongodb-0"
    calls = [
        *(kubernetes.rollout(where, "rocketchat-presence"), kubernetes.rollouts(where)),
        *(kubernetes.version(), kubernetes.allowed(where, "get", "pods")),
        *(listed(pods.pods(where)), pods.pod(where, name), pods.logs(where, name)),
        *(listed(pods.events(where)), pods.delete(where, name, "u"), pods.evict(where, name, "u")),
        *(listed(jobs.cron_jobs("monitoring")), listed(jobs.jobs("monitoring"))),
        listed(jobs.cron_jobs()),
        *(jobs.cron_job("monitoring", "k3s-image-prune"), jobs.job("monitoring", "none")),
        jobs.start("monitoring", "k3s-image-prune", "by-hand"),
        *(jobs.logs("monitoring", "by-hand"), jobs.delete("monitoring", "by-hand", "u")),
        *(nodes.nodes(), nodes.requests()),
        *(resources.config_map(where, "c"), resources.claims(where), resources.services(where)),
        *(resources.stateful_sets(where), resources.mongodb(where)),
        *(resources.manifest(kind, where, "x") for kind in LOOKED_AT),
        *(resources.restart(kind, where, "x", NOW) for kind in RESTARTED),
        resources.annotate(Kind.DEPLOYMENT, where, "x", {"a": "b"}),
        *(secrets.secret(where, "s"), secrets.secrets(where), secrets.external_secrets(where)),
        *(secrets.stores(), secrets.refresh(where, "rocketchat-mongodb-external", NOW)),
        *(scraper.running("monitoring", "p"), scraper.targets("monitoring", "p")),
        scraper.query("monitoring", "p", "up"),
        namespaces(client),
    ]
    for call in calls:
        with suppress(HoustonError):
            await call
    return [kubernetes, pods, jobs, nodes, resources, secrets, scraper]


async def listed(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


async def test_every_right_that_a_call_needs_is_declared_and_no_other(
    noted: tuple[KubernetesClient, set[Asked]],
) -> None:
    client, found = noted
    ports = await everything(client)
    declared = {
        (right.verb, right.resource, right.group, right.where not in {"cluster", "wide"})
        for right in RIGHTS
    }

    assert {type(port.port).__name__: port.uncalled for port in ports if port.uncalled} == {}
    assert sorted(found - WITHOUT - declared) == [], "say it in bot/rights.py"
    assert sorted(declared - found) == [], "nothing asks for it"
