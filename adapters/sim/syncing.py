"""The syncs of the application that deploys Rocket.Chat."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports.argocd import Phase


@dataclass(frozen=True)
class Syncing:
    """One sync operation. `finished` is false while it will be retried."""

    phase: Phase
    message: str
    revisions: tuple[str, ...]
    operation: str = ""
    finished: bool = False
    started: str = ""
    ended: str = ""
    automated: bool = False
    prune: bool = False
