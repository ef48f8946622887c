"""The most probable cause of what is seen, the root before what follows from it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.ports.argocd import Application, Health, Sync
from bot.ports.nodes import Node
from bot.sighting import Cause, Sighting
from bot.symptoms import Kind, SickPod, Symptom, symptom

_LOG_LINES = 3
_LOG_WIDE = 160
_NAMED = 4
"""How many pods one line names."""
_FOLLOWS = (Kind.CRASH, Kind.NOT_READY, Kind.MEMORY)
"""What a service does when the database or the message bus it needs is away."""


_Judge = Callable[[Cause, Sighting], bool]


def diagnose(seen: Sighting) -> tuple[Cause, ...]:
    """Every cause that no other one explains, the most probable first. None: all is well."""
    if seen.away:
        return (_away(seen),)
    causes = [*_nodes(seen), *_pods(seen), *_claims(seen)]
    causes = _rooted(causes, seen)
    return tuple(_consequences(sorted(causes, key=lambda cause: _rank(cause, seen)), seen))


def _away(seen: Sighting) -> Cause:
    if seen.stopped:
        return Cause(
            Kind.CLUSTER,
            "The cluster is stopped",
            ("Nothing runs on it, so nothing on it can be wrong yet", seen.away),
            ("!cluster start", "!cluster status"),
        )
    return Cause(
        Kind.CLUSTER, "The cluster does not answer", (seen.away,), ("!cluster status", "!status")
    )


def _rank(cause: Cause, seen: Sighting) -> tuple[int, int, int]:
    """Roots that explain others first, then by kind, then what hits the release itself."""
    explained = -sum(1 + len(follow.follows) for follow in cause.follows)
    ours = 0 if cause.namespace in {"", seen.release} else 1
    return (0 if cause.kind in {Kind.CLUSTER, Kind.NODE} else 1, explained or ours, cause.kind)


def _nodes(seen: Sighting) -> list[Cause]:
    found = []
    for node in seen.nodes:
        if not node.ready:
            ready = node.condition("Ready")
            why = (ready.message or ready.reason) if ready else "it has no Ready condition"
            found.append(
                Cause(
                    Kind.NODE,
                    f"Node {node.name} is not ready",
                    (why,),
                    ("!nodes", "!cluster status"),
                )
            )
        found += [_pressure(node, pressure) for pressure in node.pressures]
    return found


def _pressure(node: Node, pressure: str) -> Cause:
    condition = node.condition(pressure)
    words = {"DiskPressure": "disk", "MemoryPressure": "memory", "PIDPressure": "process ids"}
    mend = ("!prune images", "!cleanup preview") if pressure == "DiskPressure" else ()
    return Cause(
        Kind.NODE,
        f"Node {node.name} runs out of {words.get(pressure, pressure)} ({pressure})",
        ((condition.message or condition.reason) if condition else "",),
        (*mend, "!nodes"),
    )


def _pods(seen: Sighting) -> list[Cause]:
    """Sick pods, those with the same symptom together."""
    groups: dict[tuple[str, str], tuple[Symptom, list[SickPod]]] = {}
    for sick in seen.sick:
        found = symptom(sick)
        key = (sick.pod.namespace, found.key)
        groups.setdefault(key, (found, []))[1].append(sick)
    return [_of_pods(found, pods) for found, pods in groups.values()]


def _of_pods(found: Symptom, pods: list[SickPod]) -> Cause:
    first = pods[0]
    names = [sick.pod.name for sick in pods]
    about_object = found.kind in {Kind.MOUNT, Kind.CONFIG, Kind.IMAGE}
    title = found.title[:1].upper() + found.title[1:]
    if not about_object:
        title = f"{_some(names)} {found.title}"
    evidence = [f"{_some(names)}: {first.ailment}"] if about_object else []
    evidence += [f"{e.reason} ×{e.count}: {e.message[:200]}" for e in first.events[:2]]
    evidence += [f"last lines: {line[:_LOG_WIDE]}" for line in first.log[-_LOG_LINES:]]
    if found.hint:
        evidence.append(found.hint)
    return Cause(
        found.kind,
        title,
        tuple(dict.fromkeys(evidence)),
        _next(found.kind, first),
        tuple(names),
        tuple(dict.fromkeys(sick.workload for sick in pods)),
        first.pod.namespace,
    )


def _next(kind: Kind, sick: SickPod) -> tuple[str, ...]:
    name, work = sick.pod.name, sick.workload
    match kind:
        case Kind.MOUNT | Kind.CONFIG:
            return (f"!pod {name}", "!secrets")
        case Kind.EVICTED:
            return ("!cleanup preview", "!nodes")
        case Kind.CRASH | Kind.MEMORY:
            return (f"!logs {name} --previous", f"!restart {work}")
        case Kind.IMAGE:
            return (f"!pod {name}", "!app " + work, "!status")
        case _:
            return (f"!pod {name}", "!events")


def _claims(seen: Sighting) -> list[Cause]:
    return [
        Cause(
            Kind.VOLUME,
            f"PersistentVolumeClaim {claim.name} is {claim.phase}",
            (f"class {claim.storage_class or 'none'}, {claim.capacity}",),
            ("!events",),
            namespace=seen.release,
        )
        for claim in seen.claims
        if claim.phase != "Bound"
    ]


def _rooted(causes: list[Cause], seen: Sighting) -> list[Cause]:
    """Put what a node, an unbound volume, the database or the bus explains below it."""
    left = causes
    for is_root, explains in _ROOTS:
        roots = [cause for cause in left if is_root(cause, seen)]
        below = [cause for cause in left if cause not in roots and explains(cause, seen)]
        if roots and below:
            root = replace(roots[0], follows=(*roots[0].follows, *below))
            left = [root, *roots[1:], *(c for c in left if c not in roots and c not in below)]
    return [_for_database(cause, seen) for cause in left]


def _is_node(cause: Cause, seen: Sighting) -> bool:
    del seen
    return cause.kind is Kind.NODE


def _by_node(cause: Cause, seen: Sighting) -> bool:
    del seen
    return cause.kind in {Kind.EVICTED, Kind.UNSCHEDULABLE}


def _is_claim(cause: Cause, seen: Sighting) -> bool:
    del seen
    return cause.kind is Kind.VOLUME and not cause.pods


def _by_claim(cause: Cause, seen: Sighting) -> bool:
    del seen
    return cause.kind is Kind.VOLUME and bool(cause.pods)


def _is_database(cause: Cause, seen: Sighting) -> bool:
    works = {*cause.workloads, *(work for below in cause.follows for work in below.workloads)}
    return bool(works & set(seen.databases))


def _is_bus(cause: Cause, seen: Sighting) -> bool:
    return bool(set(cause.workloads) & set(seen.buses))


def _needs(cause: Cause, seen: Sighting) -> bool:
    """Whether it is a service of the release that cannot do without what is away."""
    own = set(cause.workloads) & {*seen.databases, *seen.buses}
    return cause.kind in _FOLLOWS and cause.namespace == seen.release and not own


_ROOTS: tuple[tuple[_Judge, _Judge], ...] = (
    (_is_node, _by_node),
    (_is_claim, _by_claim),
    (_is_database, _needs),
    (_is_bus, _needs),
)
"""What is a root, and what it explains, in this order."""


def _for_database(cause: Cause, seen: Sighting) -> Cause:
    """A cause that keeps the database down is mended by the database's own commands."""
    if cause.kind is Kind.NODE or not _is_database(cause, seen):
        return cause
    mend = ("!mongo recover", "!mongo status") if cause.kind is Kind.MOUNT else ("!mongo status",)
    return replace(cause, next=(*mend, *cause.next))


def _consequences(causes: list[Cause], seen: Sighting) -> Iterable[Cause]:
    """The application and the chat follow from any cause in the release, else stand for themselves.

    An unhealthy MongoDB whose pods are well stands for itself too.
    """
    later = [*_database(seen, causes), *_application(seen), *_chat(seen)]
    ours = [cause for cause in causes if cause.namespace in {"", seen.release}]
    if not ours:
        return [*causes, *later]
    root = replace(ours[0], follows=(*ours[0].follows, *later))
    return [root if cause is ours[0] else cause for cause in causes]


def _database(seen: Sighting, causes: list[Cause]) -> list[Cause]:
    known = {work for cause in causes for work in cause.workloads}
    return [
        Cause(
            Kind.OTHER,
            f"MongoDB {db.name} is {db.phase}",
            (db.message or f"{db.members} of {db.wanted_members} members",),
            ("!mongo status",),
            namespace=seen.release,
        )
        for db in seen.mongodb
        if db.phase != "Running" and db.name not in known
    ]


def _application(seen: Sighting) -> list[Cause]:
    """The release's application when it is not well, and others that are degraded."""
    own = seen.application
    found = [] if own is None or _well(own) else [own]
    found += [app for app in seen.others if app.health in {Health.DEGRADED, Health.MISSING}]
    return [
        Cause(
            Kind.APPLICATION,
            f"Application {app.name} is {app.health} and {app.sync}",
            tuple((app.conditions or ((app.run.message,) if app.run else ()))[:3]),
            (f"!app {app.name}", "!status"),
            namespace=seen.release,
        )
        for app in found
    ]


def _well(found: Application) -> bool:
    return found.health is Health.HEALTHY and found.sync is Sync.SYNCED


def _chat(seen: Sighting) -> list[Cause]:
    if not seen.chat:
        return []
    return [
        Cause(Kind.CHAT, "Rocket.Chat does not answer", (seen.chat,), ("!status",),
              namespace=seen.release)
    ]  # fmt: skip


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
