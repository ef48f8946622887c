"""Which commands the cluster does not let Houston carry out, and why."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.errors import AdapterError
from bot.ports.kubernetes import Kubernetes
from bot.scope import Scope

log = structlog.get_logger()


@dataclass(frozen=True)
class Right:
    """Something commands must be allowed to do: in the release's namespace, in each, or, for what
    lives in none, in the cluster."""

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


_EACH, _OWN, _CLUSTER = "each", "own", "cluster"
_ESO = "external-secrets.io"
RIGHTS = (
    Right("list", "pods", "", _EACH, ("pods", "pod", "logs", "diagnose", "restart")),
    Right("get", "pods/log", "", _EACH, ("logs",)),
    Right("list", "events", "", _EACH, ("events",)),
    Right("list", "nodes", "", _CLUSTER, ("nodes",)),
    Right("create", "pods/eviction", "", _EACH, ("restart",)),
    Right("patch", "deployments", "apps", _EACH, ("restart --rollout",)),
    Right("list", "statefulsets", "apps", _OWN, ("mongo status", "mongo recover")),
    Right("list", "persistentvolumeclaims", "", _OWN, ("mongo status",)),
    Right("list", "mongodbcommunity", "mongodbcommunity.mongodb.com", _OWN, ("mongo status",)),
    Right("get", "configmaps", "", _OWN, ("mongo recover",)),
    Right("delete", "pods", "", _OWN, ("mongo recover",)),
    Right("delete", "pods", "", _EACH, ("cleanup run",)),
    Right("list", "cronjobs", "batch", _EACH, ("jobs",)),
    Right("list", "jobs", "batch", _EACH, ("jobs", "jobs logs")),
    Right("create", "jobs", "batch", _EACH, ("jobs run", "prune images")),
    Right("list", "externalsecrets", _ESO, _EACH, ("secrets", "secrets bootstrap")),
    Right("patch", "externalsecrets", _ESO, _EACH, ("secrets refresh",)),
)
"""What the commands that read and mend the cluster need."""


async def lacking(kubernetes: Kubernetes, scope: Scope) -> list[Lacking]:
    """Every command that lacks a right (SelfSubjectAccessReview). Raises AdapterError."""
    found: list[Lacking] = []
    for right in RIGHTS:
        places = {_CLUSTER: ("",), _OWN: scope.namespaces[:1]}.get(right.where, scope.namespaces)
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
        """Done at the start; a cluster that is away then stops nothing."""
        try:
            for each in await lacking(self._kubernetes, self._scope):
                log.warning("command.unavailable", command=each.command, why=each.why)
        except AdapterError as error:
            log.warning("rights.unknown", why=error.message)
