"""What a diagnosis looks at, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports.argocd import Application
from bot.ports.nodes import Node
from bot.ports.resources import Claim, MongoDB
from bot.symptoms import Kind, SickPod


@dataclass(frozen=True)
class Sighting:
    """What was looked at.

    `away` says why the cluster does not answer; `stopped` that it is off. `others` are the
    applications beside the release's. `chat` is why Rocket.Chat itself does not answer.
    `databases` and `buses` are workloads the release's services cannot do without. `unseen` names
    what could not be looked at.
    """

    release: str = ""
    away: str = ""
    stopped: bool = False
    nodes: tuple[Node, ...] = ()
    sick: tuple[SickPod, ...] = ()
    more_sick: int = 0
    claims: tuple[Claim, ...] = ()
    mongodb: tuple[MongoDB, ...] = ()
    application: Application | None = None
    others: tuple[Application, ...] = ()
    chat: str = ""
    databases: tuple[str, ...] = ()
    buses: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cause:
    """One cause. `pods` suffer from it themselves, `follows` are causes it explains.

    `next` are command lines that look closer or mend it, best first.
    """

    kind: Kind
    title: str
    evidence: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    pods: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    namespace: str = ""
    follows: tuple[Cause, ...] = ()

    def about(self, pod: str) -> bool:
        """Whether it, or what follows from it, is about this pod."""
        return pod in self.pods or any(cause.about(pod) for cause in self.follows)
