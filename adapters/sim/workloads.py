"""Deployments and pods of the simulated cluster."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from bot.ports.kubernetes import Rollout, RolloutState

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@dataclass
class Pod:
    """`waiting` is why its container does not run, empty when it does."""

    name: str
    image: str
    ready: bool = False
    waiting: str = ""

    @property
    def status(self) -> str:
        """kubectl's STATUS column."""
        return self.waiting or ("Running" if self.ready else "ContainerCreating")


@dataclass
class Deployment:
    """`observed` trails `generation` until the controller has seen a change."""

    name: str
    container: str
    image: str
    replicas: int
    generation: int = 1
    observed: int = 1
    failed: bool = False
    resource_version: int = 0
    pods: list[Pod] = field(default_factory=list)
    _made: int = 0

    def settle(self, version: int) -> None:
        """Everything asked for runs."""
        self.resource_version = version
        self.pods = [Pod(self.pod_name(), self.image, ready=True) for _ in range(self.replicas)]

    def change(self, image: str, replicas: int, version: int) -> None:
        """Ask for something else."""
        self.image, self.replicas, self.failed = image, replicas, False
        self.generation += 1
        self.resource_version = version

    def begin_pod(self, version: int) -> Pod:
        """A new pod of the current template, not ready yet."""
        pod = Pod(self.pod_name(), self.image)
        self.pods.append(pod)
        self.resource_version = version
        return pod

    def pod_name(self) -> str:
        """The next pod's name: the template's hash, then five letters."""
        self._made += 1
        return f"{self.name}-{_hash(self.image, 9)}-{_hash(f'{self.name}{self._made}', 5)}"

    @property
    def replica_set(self) -> str:
        return f"{self.name}-{_hash(self.image, 9)}"

    @property
    def ready(self) -> int:
        return sum(pod.ready for pod in self.pods)

    @property
    def updated(self) -> int:
        return sum(pod.image == self.image for pod in self.pods)

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


def _hash(text: str, length: int) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    letters = ""
    for _ in range(length):
        number, index = divmod(number, len(_LETTERS))
        letters += _LETTERS[index]
    return letters
