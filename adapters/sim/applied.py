"""What a sync of the simulated Argo CD does to the objects of the cluster that have laws."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from adapters.sim.kinds import KINDS
from adapters.sim.manifests import Key
from adapters.sim.objectstore import merged

if TYPE_CHECKING:
    from adapters.sim.world import World

_PLURALS = {kind.kind: kind.plural for kind in KINDS.values()}
_WORKLOADS = {"deployments", "statefulsets", "daemonsets"}


def applied(world: World, manifest: dict[str, Any]) -> None:
    """Bring an object of the cluster to what git says. A kind the cluster does not serve is kept by
    Argo CD alone."""
    metadata, objects = manifest["metadata"], world.cluster.objects
    plural = _PLURALS.get(manifest["kind"], "")
    if not plural or not world.cluster.awake:
        return
    found = objects.kept(plural, metadata.get("namespace", ""), metadata["name"])
    if found is None:
        _created(world, plural, copy.deepcopy(manifest))
    elif plural in _WORKLOADS:
        _rolled(world, found, manifest)
    elif plural == "configmaps" and "data" in manifest:
        world.monitoring.changed(metadata["name"], manifest["data"])
    elif plural in {"externalsecrets", "clustersecretstores", "cronjobs"}:
        objects.put(merged(found, {"spec": manifest["spec"]}))


def pruned(world: World, key: Key) -> None:
    """Delete an object git has dropped, and the pods it owns with it."""
    _, kind, namespace, name = key
    plural, cluster = _PLURALS.get(kind, ""), world.cluster
    found = cluster.objects.kept(plural, namespace, name) if plural else None
    if found is None or not cluster.awake:
        return
    if plural == "jobs":
        cluster.controllers.jobs.delete(found)
        return
    pods = cluster.controllers.pods_of(found) if plural in _WORKLOADS else []
    cluster.objects.remove(plural, namespace, name)
    for pod in pods:
        cluster.objects.remove("pods", namespace, pod["metadata"]["name"])


def _created(world: World, plural: str, made: dict[str, Any]) -> None:
    cluster = world.cluster
    if plural in _WORKLOADS:
        cluster.controllers.settle(made)
    elif plural == "jobs":
        cluster.controllers.jobs.begin(made)
    else:
        cluster.objects.put({"status": {}, **made} if plural == "cronjobs" else made)


def _rolled(world: World, found: dict[str, Any], manifest: dict[str, Any]) -> None:
    """A template with other annotations makes new pods."""
    wanted = manifest["spec"]["template"].get("metadata", {}).get("annotations") or {}
    template = copy.deepcopy(found["spec"]["template"])
    found["spec"]["template"]["metadata"]["annotations"] = dict(wanted)
    if found["spec"]["template"] != template:
        found["metadata"]["generation"] = found["metadata"].get("generation", 1) + 1
        world.cluster.objects.put(found)
        world.cluster.controllers.restart(found)
