"""Worlds in which something in the cluster is wrong: a scenario for each symptom there is."""

from __future__ import annotations

from datetime import datetime

from adapters.gitrestore import with_entry
from adapters.kubernetes_read import read_time
from adapters.sim import troubles
from adapters.sim.podmaker import NODE
from adapters.sim.remote import Remote
from adapters.sim.seed import seed
from adapters.sim.troubles import Trouble
from adapters.sim.world import Fault, World
from adapters.sim.worlds import Scenario, healthy
from bot.clock import Clock

_OFTEN = 10_000
_LOOK = 1.0
_PRUNE = "k3s-image-prune"
_MONGO_IS_AWAY = (
    "MongoServerSelectionError: connect ECONNREFUSED mongodb-0.mongodb-svc:27017\n"
    "exiting: the database cannot be reached"
)
_SERVICES = ("account", "authorization", "ddp-streamer", "presence")
_LISTING = "ops/kustomization.yaml"
_ENTRY = "manifests/rocketchat-mongodb.yaml"
_MANIFEST = f"ops/{_ENTRY}"
_SCRIPTS = """\
# Grants clusterMonitor → the exporter may ask for replSetGetStatus
apiVersion: v1
kind: ConfigMap
metadata:
  name: rocketchat-mongodb-fix-clustermonitor-role-configmap
  namespace: rocketchat
data:
  user_set_role_clusterMonitor.sh: |
    #!/bin/bash
    mongosh admin --eval 'db.grantRolesToUser("rocketchat", ["clusterMonitor"])'
"""
SCRIPTS = "rocketchat-mongodb-fix-clustermonitor-role-configmap"


def _with(name: str, about: str, *ails: tuple[str, Trouble]) -> Scenario:
    """A healthy world in which these workloads of the release have these troubles."""

    def make(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
        made = healthy(clock, remote=remote, speed=speed)
        for workload, trouble in ails:
            made.cluster.controllers.afflict(made.cluster.namespace, workload, trouble)
        return made

    make.__name__, make.__doc__ = name, about
    return make


def mongo_missing_configmap(
    clock: Clock, *, remote: Remote | None = None, speed: float = 1.0
) -> World:
    """MongoDB cannot mount its start-up scripts; the services that need it crash-loop."""
    remote = remote or Remote.in_memory(*seed())
    cleaned_up(remote)
    made = healthy(clock, remote=remote, speed=speed)
    cluster = made.cluster

    def restored() -> bool:
        return cluster.objects.kept("configmaps", cluster.namespace, SCRIPTS) is not None

    def database_runs() -> bool:
        found = cluster.objects.kept("statefulsets", cluster.namespace, "mongodb") or {}
        return bool(found.get("status", {}).get("readyReplicas"))

    scripts = troubles.failed_mount("configmap", SCRIPTS, "custom-init-scripts", cured=restored)
    cluster.controllers.afflict(cluster.namespace, "mongodb", scripts)
    for service in _SERVICES:
        loop = troubles.crash_loop(_MONGO_IS_AWAY, cured=database_runs)
        cluster.controllers.afflict(cluster.namespace, f"rocketchat-{service}", loop)
    return made


def cleaned_up(remote: Remote) -> None:
    """Somebody took the manifest of the scripts away, and its line in the kustomization."""
    if _LISTING not in remote.paths() or _MANIFEST in remote.paths():
        return
    without = remote.read(_LISTING)
    remote.push(_MANIFEST, _SCRIPTS.encode().replace(b"\n", b"\r\n"), "Run scripts in MongoDB")
    remote.push(_LISTING, with_entry(without, _ENTRY), "List the scripts")
    remote.push(_LISTING, without, "chore: Clean up manifests")
    remote.remove(_MANIFEST, "chore: Remove manifests nobody lists")


def node_disk_pressure(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """A node's disk is full: it evicts pods, and takes no new ones, until images are pruned."""
    made = healthy(clock, remote=remote, speed=speed)
    cluster = made.cluster
    _press(made, full=True)

    def has_room() -> bool:
        return not cluster.objects.get("nodes", "", NODE)["spec"].get("taints")

    evicted = troubles.evicted(cured=has_room)
    for workload in ("rocketchat-account", "rocketchat-presence"):
        cluster.controllers.afflict(cluster.namespace, workload, evicted)
    full = "0/2 nodes are available: 2 node(s) had untolerated taint disk-pressure."
    waits = troubles.unschedulable(full, cured=has_room)
    cluster.controllers.afflict(cluster.namespace, "rocketchat-authorization", waits)
    made.begin(_pruned(made))
    return made


def _press(world: World, *, full: bool) -> None:
    """The node's disk fills, or has room again."""
    node = world.cluster.objects.get("nodes", "", NODE)
    for condition in node["status"]["conditions"]:
        if condition["type"] == "DiskPressure":
            has = "has" if full else "has no"
            reason = "KubeletHasDiskPressure" if full else "KubeletHasNoDiskPressure"
            text = f"kubelet {has} disk pressure"
            condition |= {"status": str(full), "reason": reason, "message": text}
    taint = {"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}
    node["spec"] = {"taints": [taint]} if full else {}
    world.cluster.objects.put(node)


async def _pruned(world: World) -> None:
    """A Job that prunes images makes room; then what found no place is scheduled."""
    cluster, started = world.cluster, world.clock.now()
    while True:
        await world.pause(_LOOK)
        jobs = cluster.objects.select("jobs", "monitoring")
        if any(_made_room(job, started) for job in jobs):
            break
    _press(world, full=False)
    for live in cluster.deployments.values():
        for pod in live.pods:
            if pod.trouble and any(event[0] == "FailedScheduling" for event in pod.trouble.events):
                pod.trouble, pod.ready = None, True
                live.resource_version = cluster.next_version()


def _made_room(job: troubles.Object, since: datetime) -> bool:
    done = read_time(job["status"].get("completionTime"))
    owners = job["metadata"].get("ownerReferences") or ()
    return bool(done and done >= since and any(owner["name"] == _PRUNE for owner in owners))


def volume_pending(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """MongoDB's volume was never made."""
    made = healthy(clock, remote=remote, speed=speed)
    cluster = made.cluster
    name = "data-volume-mongodb-0"
    claim = cluster.objects.get("persistentvolumeclaims", cluster.namespace, name)
    claim["status"] = {"phase": "Pending"}
    cluster.objects.put(claim)
    text = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    cluster.controllers.afflict(cluster.namespace, "mongodb", troubles.unschedulable(text))
    return made


def cluster_unreachable(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
    """The API server answers nobody, as when the cluster is off."""
    made = healthy(clock, remote=remote, speed=speed)
    made.fail("kubernetes.get", Fault.UNAVAILABLE, times=_OFTEN)
    return made


_IMAGE = "rocketchat/presence-service"
POD_SCENARIOS: tuple[Scenario, ...] = (
    mongo_missing_configmap,
    node_disk_pressure,
    volume_pending,
    cluster_unreachable,
    _with(
        "pods_evicted",
        "A pod was evicted; its node is well again.",
        ("rocketchat-account", troubles.evicted()),
    ),
    _with(
        "image_forbidden",
        "The registry refuses to give an image to anybody without an account.",
        ("rocketchat-presence", troubles.image_pull(
            f"failed to authorize: failed to fetch anonymous token for {_IMAGE}: 403 Forbidden")),
    ),
    _with(
        "image_tag_missing",
        "An image's tag does not exist.",
        ("rocketchat-presence", troubles.image_pull(f"{_IMAGE}: manifest unknown: not found")),
    ),
    _with(
        "image_rate_limited",
        "The registry gives no more images to this address for now.",
        ("rocketchat-presence", troubles.image_pull(
            "toomanyrequests: You have reached your pull rate limit")),
    ),
    _with(
        "service_crashing",
        "One service ends again and again for a reason of its own.",
        ("rocketchat-presence", troubles.crash_loop("TypeError: cannot read 'status' of null")),
    ),
    _with(
        "service_out_of_memory",
        "One service needs more memory than it may have.",
        ("rocketchat-account", troubles.crash_loop(
            "JavaScript heap out of memory", code=137, reason="OOMKilled")),
    ),
    _with(
        "secret_missing",
        "A Secret the services read is not there.",
        ("rocketchat-account", troubles.config_error(
            'secret "rocketchat-mongodb-external" not found')),
        ("rocketchat-presence", troubles.config_error(
            'secret "rocketchat-mongodb-external" not found')),
    ),
    _with(
        "secret_key_missing",
        "A Secret lacks a key.",
        ("rocketchat-account", troubles.config_error(
            "couldn't find key mongo-uri in Secret rocketchat/rocketchat-mongodb-external")),
    ),
    _with(
        "bus_down",
        "The message bus is down, and services that need it crash-loop.",
        ("rocketchat-nats", troubles.crash_loop("no space left on device")),
        ("rocketchat-account", troubles.crash_loop("NatsError: CONNECTION_REFUSED")),
        ("rocketchat-presence", troubles.crash_loop("NatsError: CONNECTION_REFUSED")),
    ),
    _with(
        "service_not_ready",
        "A service runs and never becomes ready.",
        ("rocketchat-ddp-streamer", troubles.not_ready("HTTP probe failed with statuscode: 503")),
    ),
)  # fmt: skip
"""In no order."""
