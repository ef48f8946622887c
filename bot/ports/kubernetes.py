"""What Houston needs of the Kubernetes cluster Rocket.Chat runs on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class RolloutState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Rollout:
    """One Deployment, judged by the rules of `kubectl rollout status`.

    `images` are the pod template's, in container order. `updated`, `available` and `wanted` are
    counts of pods. `text` says in a few words what is being waited for. `generation` counts the
    changes of its description, and of nothing that moves by itself.
    """

    namespace: str
    name: str
    state: RolloutState
    text: str
    images: tuple[str, ...]
    wanted: int
    updated: int
    available: int
    resource_version: str = ""
    generation: int = 0


class Kubernetes(Protocol):
    """One cluster. Every method may raise Unavailable or Denied."""

    async def rollout(self, namespace: str, deployment: str) -> Rollout:
        """Raises Missing."""
        ...

    async def rollouts(self, namespace: str) -> list[Rollout]:
        """Every Deployment of the namespace, by name."""
        ...

    async def version(self) -> str:
        """The API server's version, `v1.32.4`."""
        ...

    async def allowed(self, namespace: str, verb: str, resource: str, group: str = "") -> bool:
        """Whether Houston may do this (SelfSubjectAccessReview)."""
        ...
