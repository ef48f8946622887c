"""What a sync of the simulated Argo CD does to the objects of the cluster that have laws."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from adapters.sim.kinds import KINDS
from adapters.sim.objectstore import merged

if TYPE_CHECKING:
    from adapters.sim.world import World

_PLURALS = {kind.kind: kind.plural for kind in KINDS.values()}
_WORKLOADS = {"deployments", "statefulsets", "daemonsets"}


def applied(world: World, manifest: dict[str, Any]) -> None:
    """Bring an object of the cluster to what git says. One that the cluster does not have is kept
    by Argo CD alone."""
    metadata, objects = manifest["metadata"], world.cluster.objects
    plural = _PLURALS.get(manifest["kind"], "")
    key = (plural, metadata.get("namespace", ""), metadata["name"])
    if not plural or not (found := objects.kept(*key)):
        return
    if plural in _WORKLOADS:
        _rolled(world, found, manifest)
    elif plural == "configmaps" and "data" in manifest:
        world.monitoring.changed(metadata["name"], manifest["data"])
    elif plural in {"externalsecrets", "clustersecretstores"}:
        objects.put(merged(found, {"spec": manifest["spec"]}))


def _rolled(world: World, found: dict[str, Any], manifest: dict[str, Any]) -> None:
    """A template with other annotations makes new pods."""
    wanted = manifest["spec"]["template"].get("metadata", {}).get("annotations") or {}
    template = copy.deepcopy(found["spec"]["template"])
    found["spec"]["template"]["metadata"]["annotations"] = dict(wanted)
    if found["spec"]["template"] != template:
        found["metadata"]["generation"] = found["metadata"].get("generation", 1) + 1
        world.cluster.objects.put(found)
        world.cluster.controllers.restart(found)
