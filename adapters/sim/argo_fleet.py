"""Every application of the simulated Argo CD, and the accounts and tokens it knows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from adapters.sim import manifests
from adapters.sim.argo import Application
from adapters.sim.argo_records import HOUSTON, Managed
from adapters.sim.argo_release import Release

if TYPE_CHECKING:
    from adapters.sim.world import World

_RECONCILE = 120.0


class Token(StrEnum):
    """What Argo CD thinks of Houston's token; the words are its own for each refusal."""

    GOOD = ""
    EXPIRED = "invalid session: token has invalid claims: token is expired"
    REVOKED = "invalid session: account houston does not have token with id 7d1f"
    DISABLED = "invalid session: account houston is disabled"
    FOREIGN = "invalid session: token signature is invalid: signature is invalid"


class Front(StrEnum):
    """What stands before Argo CD, when it is not Argo CD that answers."""

    NOTHING = ""
    LOGIN_PAGE = "login page"
    GRPC_ONLY = "gRPC only"
    CLOSED = "closed"


class Fleet:
    """The applications by name.

    `rights` are what Houston's account may do with applications. `account` is whose token it is.
    """

    def __init__(self) -> None:
        self.token = Token.GOOD
        self.front = Front.NOTHING
        self.account = HOUSTON
        self.rights = {"get", "sync"}
        self._applications: dict[str, Application] = {}

    def bind(self, world: World) -> None:
        """Belong to a world; everything git asks for runs already."""
        self._world = world
        self._release = Release(world)
        for spec in manifests.applications(world.remote, world.remote.head()):
            made = Application(spec, world)
            if made.name != world.cluster.application:
                self._applications[made.name] = made

    def reconcile_for_ever(self) -> None:
        """Begin to look at git every two minutes."""
        self._world.begin(self._reconcile())

    def __getitem__(self, name: str) -> Application:
        """An application that is not the release. Raises KeyError."""
        return self._applications[name]

    def find(self, name: str) -> Managed | None:
        """Any application, or None."""
        if name == self._world.cluster.application:
            return self._release
        return self._applications.get(name)

    def everyone(self) -> list[Managed]:
        """All that Houston's account may see, by name."""
        if "get" not in self.rights:
            return []
        found: list[Managed] = [self._release, *self._applications.values()]
        return sorted(found, key=lambda managed: managed.name)

    async def _reconcile(self) -> None:
        while True:
            await self._world.pause(_RECONCILE)
            for application in self._applications.values():
                application.refresh()
