"""Which commands the cluster does not let Houston carry out, and why."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
import yaml

from bot.errors import AdapterError
from bot.ports.kubernetes import Kubernetes
from bot.scope import Scope

log = structlog.get_logger()

_AFTER = 5.0
"""Seconds after the start."""


@dataclass(frozen=True)
class Right:
    """Something commands must be allowed to do: in the release's namespace (`own`), in that of the
    metrics' agent, in each, for what lives in none in the cluster, or for all namespaces at once
    (`wide`)."""

    verb: str
    resource: str
    group: str
    where: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Lacking:
    """A command that does not work, wholly or in some namespaces."""

    command: str
    why: str


_EACH, _OWN, _CLUSTER, _METRICS, _WIDE = "each", "own", "cluster", "metrics", "wide"
_ESO = "external-secrets.io"
_MONGODB = "mongodbcommunity.mongodb.com"
_PODS = ("pods", "pod", "logs", "diagnose", "restart")
_ROLLED = ("restart --rollout", "secrets propagate")
RIGHTS = (
    Right("list", "pods", "", _EACH, _PODS),
    Right("get", "pods", "", _EACH, ("pod", "restart")),
    Right("get", "pods/log", "", _EACH, ("logs",)),
    Right("list", "events", "", _EACH, ("events",)),
    Right("list", "nodes", "", _CLUSTER, ("nodes",)),
    Right("create", "pods/eviction", "", _EACH, ("restart",)),
    Right("get", "deployments", "apps", _EACH, ("status", "metrics check")),
    Right("list", "deployments", "apps", _EACH, ("status",)),
    Right("patch", "deployments", "apps", _EACH, _ROLLED),
    Right("patch", "statefulsets", "apps", _EACH, _ROLLED),
    Right("patch", "daemonsets", "apps", _EACH, _ROLLED),
    Right("list", "statefulsets", "apps", _OWN, ("mongo status", "mongo recover")),
    Right("list", "persistentvolumeclaims", "", _OWN, ("mongo status",)),
    Right("list", "mongodbcommunity", _MONGODB, _OWN, ("mongo status",)),
    Right("list", "services", "", _OWN, ("metrics check",)),
    Right("get", "configmaps", "", _OWN, ("mongo recover",)),
    Right("get", "configmaps", "", _METRICS, ("metrics check",)),
    Right("get", "pods/proxy", "", _METRICS, ("metrics check", "metrics restart-agent")),
    Right("delete", "pods", "", _OWN, ("mongo recover",)),
    Right("delete", "pods", "", _EACH, ("cleanup run",)),
    Right("list", "cronjobs", "batch", _EACH, ("jobs",)),
    Right("get", "cronjobs", "batch", _EACH, ("jobs run", "prune images")),
    Right("list", "jobs", "batch", _EACH, ("jobs", "jobs logs")),
    Right("get", "jobs", "batch", _EACH, ("jobs run", "prune images")),
    Right("create", "jobs", "batch", _EACH, ("jobs run", "prune images")),
    Right("list", "clustersecretstores", _ESO, _CLUSTER, ("secrets",)),
    Right("list", "externalsecrets", _ESO, _EACH, ("secrets", "secrets bootstrap")),
    Right("patch", "externalsecrets", _ESO, _EACH, ("secrets refresh",)),
    Right("list", "pods", "", _WIDE, ("nodes", "pods")),
    Right("list", "cronjobs", "batch", _WIDE, ("cluster schedule",)),
)
"""Every call of the cluster's ports; the chart grants them, and nothing else."""
_READING = ("get", "list")
_NOTE = "# Made by `houston rights > chart/files/rights.yaml`, of bot/rights.py.\n"


def manifest() -> str:
    """The rules the chart grants: by where they hold, and whether they only read."""
    made: dict[str, dict[str, list[dict[str, list[str]]]]] = {}
    for where in (_CLUSTER, _EACH, _OWN, _METRICS, _WIDE):
        here = [right for right in RIGHTS if right.where == where]
        read = [right for right in here if right.verb in _READING]
        made[where] = {"read": _rules(read), "change": _rules(set(here) - set(read))}
    return _NOTE + yaml.safe_dump(made, sort_keys=False, default_flow_style=None)


def _rules(rights: Iterable[Right]) -> list[dict[str, list[str]]]:
    """By group and verbs, so that no rule grants more than was asked for."""
    verbs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for right in rights:
        verbs[right.group, right.resource].add(right.verb)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource), named in sorted(verbs.items()):
        alike[group, tuple(sorted(named))].append(resource)
    return [
        {"apiGroups": [group], "resources": resources, "verbs": [*named]}
        for (group, named), resources in sorted(alike.items())
    ]


_PLACES: dict[str, Callable[[tuple[str, ...]], tuple[str, ...]]] = {
    _CLUSTER: lambda _: ("",),
    _OWN: lambda namespaces: namespaces[:1],
    _METRICS: lambda _: (),  # `houston check` asks for these, when metrics are configured
    _WIDE: lambda _: (),  # what they show less without it, they say
}


async def lacking(kubernetes: Kubernetes, scope: Scope) -> list[Lacking]:
    """Every command that lacks a right (SelfSubjectAccessReview). Raises AdapterError."""
    found: list[Lacking] = []
    for right in RIGHTS:
        chosen = _PLACES.get(right.where)
        places = chosen(scope.namespaces) if chosen else scope.namespaces
        refused = [
            place
            for place in places
            if not await kubernetes.allowed(place, right.verb, right.resource, right.group)
        ]
        if refused:
            where = f" in {', '.join(refused)}" if refused != [""] else ""
            why = f"may not {right.verb} {right.resource}{where}"
            found += [Lacking(f"!{command}", why) for command in right.commands]
    return found


class Announcer:
    """Looks once, and writes into the log which commands do not work and why."""

    def __init__(self, kubernetes: Kubernetes, scope: Scope) -> None:
        self._kubernetes = kubernetes
        self._scope = scope

    async def run(self) -> None:
        """Done soon after the start, behind the first commands: it is a call for each right. A
        cluster that is away then stops nothing."""
        await asyncio.sleep(_AFTER)
        try:
            for each in await lacking(self._kubernetes, self._scope):
                log.warning("command.unavailable", command=each.command, why=each.why)
        except AdapterError as error:
            log.warning("rights.unknown", why=error.message)
