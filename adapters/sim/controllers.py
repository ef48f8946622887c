"""The simulated cluster's laws for pods: whoever owns a deleted pod makes a new one, which takes
its time to become ready; a restart replaces them one by one; a trouble befalls new pods too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.sim import podmaker
from adapters.sim.jobrunner import JobRunner
from adapters.sim.objectstore import ObjectStore
from adapters.sim.troubles import Trouble

if TYPE_CHECKING:
    from adapters.sim.world import World

Object = dict[str, Any]

GRACE = 2.0
"""Simulated seconds a container takes to stop."""
STARTS = 8.0
"""Simulated seconds until a new pod of another workload than the release is ready."""


class Controllers:
    """Everything in the cluster that makes one thing follow from another."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._made = 0
        self._rolls: dict[str, int] = {}
        self.troubles: dict[tuple[str, str], Trouble] = {}
        self.jobs = JobRunner(objects, self)

    def bind(self, world: World) -> None:
        self._world = world
        self.jobs.bind(world)

    def settle(self, owner: Object) -> None:
        """Keep the workload, with everything it asks for running."""
        kept = self._objects.put(owner)
        parent = self._parent(kept)
        for index in range(kept["spec"].get("replicas", 1)):
            pod = self._new_pod(kept, parent, index)
            pod["metadata"]["creationTimestamp"] = kept["metadata"]["creationTimestamp"]
            self._ready(pod, kept["metadata"]["creationTimestamp"])
        self.judge(kept)

    def event(
        self, about: Object, reason: str, message: str, *, warning: bool = True, count: int = 1
    ) -> None:
        """Something happened to an object."""
        self._made += 1
        metadata, stamp = about["metadata"], self._objects.stamp()
        self._objects.put(
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {
                    "name": f"{metadata['name']}.{self._made:016x}",
                    "namespace": metadata.get("namespace", "default"),
                },
                "involvedObject": {
                    "kind": about["kind"],
                    "namespace": metadata.get("namespace", ""),
                    "name": metadata["name"],
                    "uid": metadata["uid"],
                },
                "type": "Warning" if warning else "Normal",
                "reason": reason,
                "message": message,
                "count": count,
                "firstTimestamp": stamp,
                "lastTimestamp": stamp,
                "eventTime": None,
                "source": {"component": "kubelet"},
            }
        )

    def afflict(self, namespace: str, workload: str, trouble: Trouble) -> None:
        """From now on, and for the pods there are, the workload has this trouble."""
        self.troubles[(namespace, workload)] = trouble
        cluster = self._world.cluster
        live = cluster.deployments.get(workload) if namespace == cluster.namespace else None
        if live is not None:
            live.suffer(trouble, cluster.next_version(), self._objects.stamp())
            cluster.chat_follows(live)
            for pod in live.pods:
                self.suffer(self._objects.get("pods", namespace, pod.name), trouble)
            return
        owner = self._workload(namespace, workload)
        for found in self.pods_of(owner):
            trouble.show(found, self._objects.stamp())
            self.suffer(self._objects.put(found), trouble)
        self.judge(owner)

    def trouble_of(self, namespace: str, workload: str) -> Trouble | None:
        """What a new pod of the workload will suffer from."""
        found = self.troubles.get((namespace, workload))
        return None if found is None or found.cured() else found

    def suffer(self, pod: Object, trouble: Trouble) -> None:
        """Tell the events and logs of the trouble."""
        for reason, message in trouble.events:
            self.event(pod, reason, message, count=4)
        metadata, now = pod["metadata"], self._world.clock.now()
        for previous, text in ((False, trouble.said), (True, trouble.before)):
            if text:
                name = podmaker.containers(pod)[0]["name"]
                self._world.cluster.logs.write(
                    now, metadata["namespace"], metadata["name"], name, text, previous=previous
                )

    def stop(self, pod: Object) -> None:
        """Delete a pod that is kept here: it ends, and its owner acts."""
        metadata = pod["metadata"]
        if metadata.get("deletionTimestamp"):
            return
        metadata["deletionTimestamp"] = self._objects.stamp()
        metadata["deletionGracePeriodSeconds"] = 30
        self._objects.put(pod)
        self.event(pod, "Killing", "Stopping container", warning=False)
        self._world.begin(self._end(pod))

    async def _end(self, pod: Object) -> None:
        metadata = pod["metadata"]
        await self._world.pause(GRACE)
        found = self._objects.find("pods", metadata["namespace"], metadata["name"])
        if found is None or found["metadata"]["uid"] != metadata["uid"]:
            return
        self._objects.remove("pods", metadata["namespace"], metadata["name"])
        owner = self._owner(pod)
        if owner is not None and owner["kind"] != "Job":
            await self._replace(owner, pod)

    async def _replace(self, owner: Object, gone: Object) -> None:
        parent = self._parent(owner)
        self.judge(owner)
        if len(self.pods_of(owner)) >= owner["spec"].get("replicas", 1):
            return
        name = gone["metadata"]["name"] if owner["kind"] == "StatefulSet" else ""
        pod = self._new_pod(owner, parent, 0, name)
        await self._come_up(owner, pod)

    async def _come_up(self, owner: Object, pod: Object) -> None:
        """The new pod becomes ready, or suffers from its owner's trouble."""
        metadata = pod["metadata"]
        self.event(pod, "Scheduled", f"Successfully assigned to {podmaker.NODE}", warning=False)
        await self._world.pause(STARTS)
        if self._objects.find("pods", metadata["namespace"], metadata["name"]) is not pod:
            return
        trouble = self.trouble_of(metadata["namespace"], owner["metadata"]["name"])
        if trouble is None:
            self._ready(pod, self._objects.stamp())
        else:
            trouble.show(pod, self._objects.stamp())
            self.suffer(self._objects.put(pod), trouble)
        self.judge(owner)

    def restart(self, owner: Object) -> None:
        """The template changed: replace every pod, one by one, each after the one before it."""
        uid = owner["metadata"]["uid"]
        self._rolls[uid] = self._rolls.get(uid, 0) + 1
        self._world.begin(self._roll(owner, self._rolls[uid]))

    async def _roll(self, owner: Object, round: int) -> None:
        for pod in self.pods_of(owner):
            if self._rolls[owner["metadata"]["uid"]] != round:
                return
            self.stop(pod)
            await self._world.pause(GRACE + STARTS + 1.0)
        self.judge(owner)

    def judge(self, owner: Object) -> None:
        """Bring the workload's status up to its pods."""
        pods = self.pods_of(owner)
        ready = sum(podmaker.is_ready(pod) for pod in pods)
        wanted = owner["spec"].get("replicas", 1)
        revision = podmaker.letters(str(owner["spec"]["template"]), 9)
        owner["status"] = {
            "observedGeneration": owner["metadata"].get("generation", 1),
            "replicas": len(pods),
            "updatedReplicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
        }
        if owner["kind"] == "StatefulSet":
            owner["status"] |= {"currentRevision": revision, "updateRevision": revision}
        if owner["kind"] == "DaemonSet":
            owner["status"] |= {"desiredNumberScheduled": wanted, "numberReady": ready}
        self._objects.put(owner)

    def pods_of(self, owner: Object) -> list[Object]:
        """The workload's pods, those being deleted too."""
        uids = {owner["metadata"]["uid"], self._parent(owner)["metadata"]["uid"]}
        return [
            pod
            for pod in self._objects.select("pods", owner["metadata"]["namespace"])
            if any(ref["uid"] in uids for ref in pod["metadata"].get("ownerReferences") or ())
        ]

    def _ready(self, pod: Object, stamp: str) -> None:
        podmaker.running(pod, stamp)
        self._objects.put(pod)

    def _new_pod(self, owner: Object, parent: Object, index: int, name: str = "") -> Object:
        self._made += 1
        base, tail = parent["metadata"]["name"], podmaker.letters(f"{self._made}", 5)
        if owner["kind"] == "StatefulSet":
            tail = str(index)
        stamp = self._objects.stamp()
        made = podmaker.pod_of(parent, name or f"{base}-{tail}", stamp, owner["spec"]["template"])
        return self._objects.put(made)

    def _parent(self, owner: Object) -> Object:
        """What a workload's pods name as their owner: a Deployment's ReplicaSet, or itself."""
        if owner["kind"] != "Deployment":
            return owner
        metadata = owner["metadata"]
        name = f"{metadata['name']}-{podmaker.letters(metadata['name'], 9)}"
        known = self._objects.find("replicasets", metadata["namespace"], name)
        return known or self._objects.put(
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": name,
                    "namespace": metadata["namespace"],
                    "creationTimestamp": metadata["creationTimestamp"],
                    "ownerReferences": [podmaker.reference(owner)],
                },
                "spec": {"replicas": owner["spec"].get("replicas", 1)},
                "status": {},
            }
        )

    def _owner(self, pod: Object) -> Object | None:
        """The workload a pod belongs to, through its ReplicaSet."""
        found = self._referred(pod)
        return self._referred(found) if found and found["kind"] == "ReplicaSet" else found

    def _referred(self, found: Object) -> Object | None:
        namespace = found["metadata"]["namespace"]
        for reference in found["metadata"].get("ownerReferences") or ():
            plural = f"{reference['kind'].lower()}s"
            if owner := self._objects.find(plural, namespace, reference["name"]):
                return owner
        return None

    def _workload(self, namespace: str, name: str) -> Object:
        for plural in ("statefulsets", "deployments", "daemonsets"):
            if found := self._objects.find(plural, namespace, name):
                return found
        raise KeyError(name)
