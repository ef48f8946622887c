"""How Rocket.Chat's metrics reach the dashboard, and what must be true on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.ports.git import Document
from bot.scalar import KeyPath


@dataclass(frozen=True)
class Pipeline:
    """From the configuration.

    `query` finds the series at the hub that must carry `labels`; `external` are those of them that
    the agent adds. `environment` must stand in the monolith's Deployment, `port` in its Service.
    `variables` are labels the dashboard is filtered by. `template` is the file and the key in it
    where the agent's configuration stands; `manifest` is its Deployment's file.
    """

    query: str
    labels: Mapping[str, str]
    external: tuple[str, ...]
    variables: tuple[str, ...]
    switches: tuple[KeyPath, ...]
    environment: Mapping[str, str]
    port: str
    namespace: str
    deployment: str
    application: str
    template: str
    template_key: KeyPath
    manifest: str
    annotation: str

    @property
    def revision_key(self) -> KeyPath:
        """Where the manifest has the revision that makes new pods when it changes."""
        return ("spec", "template", "metadata", "annotations", self.annotation)

    @property
    def document(self) -> Document:
        """Which of the manifest's documents is the Deployment."""
        return ((("kind",), "Deployment"), (("metadata", "name"), self.deployment))
