"""The Azure port over the simulated world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from adapters.sim.power import DONE, GOING_ON, ArmRefusal, LongRun, Power
from adapters.sim.world import World
from bot.errors import AdapterError, Busy, Conflict, Denied, Invalid, Missing
from bot.ports.azure import Followed, ManagedCluster, NodePool, Outcome, PowerState

SYSTEM = "Azure"


class SimAzure:
    """The one cluster of the world, as Azure sees it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._run: LongRun | None = None

    async def cluster(self) -> ManagedCluster:
        """See the port."""
        async with self._world.look("azure.cluster", SYSTEM):
            with refusals(self._world):
                self._world.power.allow("read")
                return shown(self._world.power)

    async def start(self) -> None:
        """See the port."""
        await self._change("start", PowerState.RUNNING)

    async def stop(self) -> None:
        """See the port."""
        await self._change("stop", PowerState.STOPPED)

    async def followed(self) -> Followed | None:
        """See the port."""
        if self._run is None:
            return None
        async with self._world.look("azure.operation", SYSTEM):
            run = self._run
            if run.status == GOING_ON:
                return Followed(Outcome.GOING_ON)
            if run.status == DONE:
                return Followed(Outcome.DONE)
            return Followed(Outcome.FAILED, "{}: {}".format(*(run.error or ("Failed", ""))))

    async def _change(self, verb: str, wanted: PowerState) -> None:
        found = await self.cluster()
        if found.already(wanted):
            return
        try:
            async with self._asked(f"azure.{verb}"):
                self._run = self._world.power.change(verb)
        except Busy:
            if not (await self.cluster()).already(wanted):
                raise

    @asynccontextmanager
    async def _asked(self, call: str) -> AsyncIterator[None]:
        async with self._world.call(call, SYSTEM):
            with refusals(self._world):
                yield


@contextmanager
def refusals(world: World) -> Iterator[None]:
    """Turn what Azure refuses into the port's errors; without a sign-in all is refused."""
    if world.power.sign_in_error:
        raise Denied(SYSTEM, f"the sign-in was refused ({world.power.sign_in_error})")
    try:
        yield
    except ArmRefusal as refusal:
        raise _translated(refusal) from refusal


def _translated(refusal: ArmRefusal) -> AdapterError:
    if refusal.code == "OperationNotAllowed":
        return Busy(SYSTEM, refusal.message)
    match refusal.status:
        case 403:
            return Denied(SYSTEM, refusal.code)
        case 404:
            return Missing(SYSTEM, refusal.message)
        case 409:
            return Conflict(SYSTEM, refusal.message)
        case _:
            return Invalid(SYSTEM, refusal.message)


def shown(power: Power) -> ManagedCluster:
    """The cluster as the port gives it."""
    state = PowerState(power.state)
    return ManagedCluster(
        name=power.name,
        group=power.group,
        node_group=power.node_group,
        location=power.location,
        host=power.host,
        kubernetes=power.kubernetes,
        power=state,
        provisioning=power.provisioning,
        pools=(NodePool("system", power.nodes, power.size, "System", power.kubernetes, state),),
    )
