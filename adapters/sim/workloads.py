"""Deployments and pods of the simulated cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from adapters.sim.podmaker import letters
from adapters.sim.troubles import Trouble
from bot.ports.kubernetes import Rollout, RolloutState

MONOLITH = "rocketchat-rocketchat"
_CONTAINERS = {
    "account": "account-service",
    "authorization": "authorization-service",
    "presence": "presence-service",
    "ddpStreamer": "ddp-streamer",
}


@dataclass
class Pod:
    """`waiting` is why its container does not run, empty when it does.

    `created` and `deleted` are dates as the API writes them, empty for long ago and for never.
    `restarted` is the restart its template came from, `suffers` since when it has its trouble.
    """

    name: str
    image: str
    ready: bool = False
    waiting: str = ""
    created: str = ""
    deleted: str = ""
    restarted: str = ""
    trouble: Trouble | None = None
    suffers: str = ""

    @property
    def status(self) -> str:
        """kubectl's STATUS column."""
        return self.waiting or ("Running" if self.ready else "ContainerCreating")


@dataclass
class Deployment:
    """`observed` trails `generation` until the controller has seen a change.

    `restarted` is when a restart of all pods was last asked for, as it was written. `scraped`: it
    shows its metrics.
    """

    name: str
    container: str
    image: str
    replicas: int
    generation: int = 1
    observed: int = 1
    failed: bool = False
    restarted: str = ""
    scraped: bool = False
    resource_version: int = 0
    pods: list[Pod] = field(default_factory=list)
    _made: int = 0

    def settle(self, version: int) -> None:
        """Everything asked for runs."""
        self.resource_version = version
        self.pods = [Pod(self.pod_name(), self.image, ready=True) for _ in range(self.replicas)]

    def restart(self, at: str, version: int) -> None:
        """Ask for new pods of the same image."""
        self.restarted = at
        self.change(self.image, self.replicas, version)

    def suffer(self, trouble: Trouble, version: int, stamp: str) -> None:
        """The pods there are have this trouble."""
        self.resource_version = version
        for pod in self.pods:
            pod.ready, pod.trouble, pod.suffers = False, trouble, stamp

    def current(self, pod: Pod) -> bool:
        """Whether the pod is of the current template."""
        return (pod.image, pod.restarted) == (self.image, self.restarted)

    def change(self, image: str, replicas: int, version: int) -> None:
        """Ask for something else."""
        self.image, self.replicas, self.failed = image, replicas, False
        self.generation += 1
        self.resource_version = version

    def begin_pod(self, version: int, stamp: str) -> Pod:
        """A new pod of the current template, not ready yet."""
        pod = Pod(self.pod_name(), self.image, created=stamp, restarted=self.restarted)
        self.pods.append(pod)
        self.resource_version = version
        return pod

    def pod_name(self) -> str:
        """The next pod's name: the template's hash, then five letters."""
        self._made += 1
        return f"{self.name}-{self._hash}-{letters(f'{self.name}{self._made}', 5)}"

    @property
    def replica_set(self) -> str:
        return f"{self.name}-{self._hash}"

    @property
    def _hash(self) -> str:
        return letters(self.image + self.restarted, 9)

    @property
    def ready(self) -> int:
        return sum(pod.ready for pod in self.pods)

    @property
    def updated(self) -> int:
        return sum(self.current(pod) for pod in self.pods)

    @property
    def available(self) -> int:
        return self.ready

    @property
    def surplus(self) -> int:
        """Pods more than asked for."""
        return max(0, len(self.pods) - self.replicas)

    @property
    def done(self) -> bool:
        """By the rules of `kubectl rollout status`."""
        return self.rollout("").state is RolloutState.DONE

    def rollout(self, namespace: str) -> Rollout:
        """The Deployment as the port gives it."""
        state, text = self._judged()
        return Rollout(
            namespace=namespace,
            name=self.name,
            state=state,
            text=text,
            images=(self.image,),
            wanted=self.replicas,
            updated=self.updated,
            available=self.available,
            resource_version=str(self.resource_version),
            generation=self.generation,
        )

    def _judged(self) -> tuple[RolloutState, str]:
        if self.generation > self.observed:
            return RolloutState.WAITING, "waiting for the change to be seen"
        if self.failed:
            return RolloutState.FAILED, "exceeded its progress deadline"
        if self.updated < self.replicas:
            return RolloutState.WAITING, f"{self.updated} of {self.replicas} updated"
        if len(self.pods) > self.updated:
            old = len(self.pods) - self.updated
            return RolloutState.WAITING, f"{old} old to be terminated"
        if self.available < self.updated:
            return RolloutState.WAITING, f"{self.available} of {self.updated} available"
        return RolloutState.DONE, "rolled out"


def asked_for(content: bytes) -> list[Deployment]:
    """The Deployments a values file asks for."""
    values: dict[str, Any] = yaml.safe_load(content)
    tag = str(values["image"]["tag"])
    image = f"{values['image']['repository']}:{tag}"
    found = [Deployment(MONOLITH, "rocketchat", image, int(values.get("replicaCount", 1)))]
    found[0].scraped = (values.get("prometheusScraping") or {}).get("enabled", True) is not False
    for key, entry in (values.get("microservices") or {}).items():
        if isinstance(entry, dict) and "replicas" in entry:
            kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", key).lower()
            image = f"rocketchat/{kebab}-service:{tag}"
            container = _CONTAINERS.get(key, kebab)
            found.append(
                Deployment(f"rocketchat-{kebab}", container, image, int(entry["replicas"]))
            )
    return found
