"""Where in the cluster Houston looks, and nowhere else changes anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

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


@dataclass(frozen=True)
class Database:
    """What Rocket.Chat's database and message bus are called.

    `workloads` are names a StatefulSet of MongoDB may have, `buses` those of NATS. `config_map` is
    what MongoDB's pod mounts, `manifest` the file that declares it, listed in `kustomization`, and
    deployed by `application`. `secrets` are names of Secrets and the keys each must have.
    """

    workloads: tuple[str, ...]
    buses: tuple[str, ...]
    config_map: str
    manifest: str
    kustomization: str
    application: str
    secrets: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Guide:
    """The operations guide: its file in the repository, and the kubectl context it should name;
    empty when Houston is not told one."""

    path: str
    context: str


@dataclass(frozen=True)
class Maintenance:
    """What keeps the nodes clean.

    `image_prune` is the CronJob that removes unused images. A cleanup removes at most `at_most`
    pods that ended at least `older_than` ago, none that fits a pattern of `keep`,
    `namespace/pod` with stars.
    """

    image_prune: str
    keep: tuple[str, ...]
    at_most: int
    older_than: timedelta
