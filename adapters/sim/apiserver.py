"""What the simulated API server does with a request, whoever carries it: rights, then objects."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from adapters.sim import podmaker
from adapters.sim.controllers import Controllers
from adapters.sim.kinds import KINDS
from adapters.sim.objectstore import ObjectStore, Page, Refusal, merged
from adapters.sim.selectors import matches

if TYPE_CHECKING:
    from adapters.sim.world import World

Object = dict[str, Any]

_READS = {"get", "list", "watch"}
_CHANGES = {
    ("delete", "pods"), ("create", "pods/eviction"), ("create", "jobs"), ("delete", "jobs"),
    ("patch", "deployments"), ("patch", "statefulsets"), ("patch", "daemonsets"),
    ("patch", "externalsecrets"), ("patch", "pods"), ("create", "selfsubjectaccessreviews"),
}  # fmt: skip
_WORKLOADS = {"deployments", "statefulsets", "daemonsets"}


class ApiServer:
    """Every call may raise Refusal.

    `forbidden` are namespaces and resources Houston's account has no right on; the namespace `*` is
    each of them. `granted` are verbs and resources beyond what it usually has.
    """

    def __init__(self, objects: ObjectStore, controllers: Controllers) -> None:
        self._objects = objects
        self._controllers = controllers
        self.forbidden: set[tuple[str, str]] = set()
        self.granted: set[tuple[str, str]] = set()

    def bind(self, world: World) -> None:
        self._world = world

    def allowed(self, namespace: str, verb: str, resource: str) -> bool:
        """What Houston's account may do: read anything but lists of Secrets, and a few changes."""
        if {(namespace, resource), ("*", resource)} & self.forbidden:
            return False
        if (verb, resource) in self.granted:
            return True
        if resource == "secrets":
            return False
        return verb in _READS or (verb, resource) in _CHANGES

    def _permit(self, verb: str, resource: str, namespace: str | None, name: str = "") -> None:
        # The right to single Secrets is given by their names.
        named = resource == "secrets" and verb == "get" and name
        if named and not {(namespace or "", resource), ("*", resource)} & self.forbidden:
            return
        if not self.allowed(namespace or "", verb, resource):
            where = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
            user = "system:serviceaccount:houston:houston"
            text = f'{resource} is forbidden: User "{user}" cannot {verb} resource "{resource}"'
            raise Refusal(403, "Forbidden", text + where)

    def get(self, plural: str, namespace: str, name: str) -> Object:
        """One object, a copy."""
        self._permit("get", plural, namespace, name)
        return copy.deepcopy(self._objects.get(plural, namespace, name))

    def page(self, plural: str, namespace: str | None = None, **asked: Any) -> Page:
        """A page of a list; see `ObjectStore.page`. The items are not copies."""
        self._permit("list", plural, namespace)
        return self._objects.page(plural, namespace, **asked)

    def watch(self, plural: str, namespace: str | None) -> None:
        """Whether it may be watched."""
        self._permit("watch", plural, namespace)

    def logs(self, namespace: str, name: str, **asked: Any) -> str:
        """What a container wrote; see `PodLogs.read`."""
        self._permit("get", "pods/log", namespace)
        pod = self._objects.get("pods", namespace, name)
        return self._world.cluster.logs.read(pod, self._world.clock.now(), **asked)

    def proxied(self, namespace: str, name: str) -> Object:
        """The pod a request is handed on to. Raises Refusal when it does not answer."""
        self._permit("get", "pods/proxy", namespace)
        pod = self._objects.get("pods", namespace, name)
        if not podmaker.is_ready(pod):
            text = f'error trying to reach service: dial tcp: connect to pod "{name}": refused'
            raise Refusal(503, "ServiceUnavailable", text)
        return copy.deepcopy(pod)

    def create(self, plural: str, namespace: str, made: Object, *, dry: bool = False) -> Object:
        """Create a Job, or keep any other object."""
        self._permit("create", plural, namespace)
        metadata = made.get("metadata") or {}
        name = metadata.get("name", "")
        if not name or len(name) > 63:
            text = f'{KINDS[plural].kind} "{name}" is invalid: metadata.name: must be 1 to 63 long'
            raise Refusal(422, "Invalid", text)
        if self._objects.find(plural, namespace, name):
            raise Refusal(409, "AlreadyExists", f'{plural} "{name}" already exists')
        made = {**copy.deepcopy(made), "metadata": {**metadata, "namespace": namespace}}
        if dry:
            stamp = self._objects.stamp()
            judged: Object = merged(
                made, {"metadata": {"uid": "dry-run", "creationTimestamp": stamp}}
            )
            return judged
        if plural == "jobs":
            return copy.deepcopy(self._controllers.jobs.begin(made))
        return copy.deepcopy(self._objects.put(made))

    def patch(self, plural: str, namespace: str, name: str, change: Object) -> Object:
        """A merge patch, or a strategic one without lists."""
        self._permit("patch", plural, namespace)
        found = self._objects.get(plural, namespace, name)
        if not self._objects.kept(plural, namespace, name):
            return self._restart_release(name, change)
        template = copy.deepcopy(found["spec"].get("template"))
        result: Object = merged(found, change)
        found.clear()
        found.update(result)
        if plural in _WORKLOADS and found["spec"]["template"] != template:
            found["metadata"]["generation"] = found["metadata"].get("generation", 1) + 1
            self._controllers.restart(found)
        kept = self._objects.put(found)
        if plural == "externalsecrets":
            self._world.cluster.secrets.noticed(kept)
        return copy.deepcopy(kept)

    def _restart_release(self, name: str, change: Object) -> Object:
        """A Deployment of the release: only a rollout restart can be asked for."""
        spec = change.get("spec") or {}
        metadata = (spec.get("template") or {}).get("metadata") or {}
        stamp = (metadata.get("annotations") or {}).get(podmaker.RESTARTED)
        if stamp is None:
            raise Refusal(422, "Invalid", f"the simulated {name} can only be restarted")
        cluster = self._world.cluster
        cluster.restart(name, str(stamp))
        return copy.deepcopy(self._objects.get("deployments", cluster.namespace, name))

    def delete(self, plural: str, namespace: str, name: str, options: Object) -> Object:
        """Delete as DeleteOptions say; a pod ends gracefully, a Job keeps its pods by default."""
        self._permit("delete", plural, namespace)
        found = self._objects.get(plural, namespace, name)
        _same(found, plural, options)
        if plural == "pods":
            self._stop(found)
        elif plural == "jobs":
            self._controllers.jobs.delete(
                found, orphan=options.get("propagationPolicy", "Orphan") == "Orphan"
            )
        else:
            self._objects.remove(plural, namespace, name)
        return copy.deepcopy(found)

    def evict(self, namespace: str, name: str, body: Object) -> None:
        """Delete the pod if its disruption budget allows it."""
        self._permit("create", "pods/eviction", namespace)
        pod = self._objects.get("pods", namespace, name)
        _same(pod, "pods", body.get("deleteOptions") or {})
        for budget in self._objects.select("poddisruptionbudgets", namespace):
            if self._left(budget, pod) <= 0:
                text = "Cannot evict pod as it would violate the pod's disruption budget."
                raise Refusal(429, "TooManyRequests", text)
        self._stop(pod)

    def _left(self, budget: Object, pod: Object) -> int:
        """How many pods the budget lets go, 1 when it is not about this one."""
        chosen = ",".join(
            f"{key}={value}" for key, value in budget["spec"]["selector"]["matchLabels"].items()
        )
        if not matches(pod, chosen, ""):
            return 1
        pods = self._objects.select("pods", budget["metadata"]["namespace"], chosen)
        healthy = sum(podmaker.is_ready(found) for found in pods)
        if not podmaker.is_ready(pod):
            return 1
        if "maxUnavailable" in budget["spec"]:
            return int(budget["spec"]["maxUnavailable"]) - (len(pods) - healthy)
        return healthy - int(budget["spec"]["minAvailable"])

    def _stop(self, pod: Object) -> None:
        metadata = pod["metadata"]
        if self._objects.kept("pods", metadata["namespace"], metadata["name"]):
            self._controllers.stop(pod)
        else:
            self._world.cluster.stop_pod(metadata["name"])


def _same(found: Object, plural: str, options: Object) -> None:
    wanted = (options.get("preconditions") or {}).get("uid")
    live = found["metadata"]["uid"]
    if wanted and wanted != live:
        text = (
            f'Operation cannot be fulfilled on {plural} "{found["metadata"]["name"]}": the UID in '
            f"the precondition ({wanted}) does not match the UID in record ({live})"
        )
        raise Refusal(409, "Conflict", text)


def since_of(seconds: str | None) -> timedelta | None:
    """`sinceSeconds` of a request for logs."""
    return timedelta(seconds=int(seconds)) if seconds else None
