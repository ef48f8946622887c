"""Where in the cluster Houston looks, and nowhere else changes anything."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import Refused


@dataclass(frozen=True)
class Scope:
    """Namespaces from the configuration, the release's own first."""

    namespaces: tuple[str, ...]

    def check(self, namespace: str) -> None:
        """Raises Refused outside of the namespaces."""
        if namespace not in self.namespaces:
            raise Refused(
                f"{namespace} is not among the namespaces Houston may change.",
                "kubernetes.namespaces in the configuration names them",
            )
