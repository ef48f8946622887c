"""The simulated AKS cluster as Azure sees it: power, and the operations that change it.

Laws: a start takes minutes, and the pods come back later still, some stale ones beside them; a stop
takes the pods and the chat first, then the API server, and is reported last; while one goes on,
and when there is nothing to change, another is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.sim import podmaker

if TYPE_CHECKING:
    from adapters.sim.world import World

SUBSCRIPTION = "5ad1e000-0000-4000-8000-00000000beef"
RUNNING, STOPPED = "Running", "Stopped"
DONE, FAILED, GOING_ON = "Succeeded", "Failed", "InProgress"
_GONE_AFTER = 10.0
_UNREACHABLE_AFTER = 25.0
_FAILS_AFTER = 30.0


class ArmRefusal(Exception):
    """Azure refuses: its status, code and message. `flat` is how AKS itself writes errors."""

    def __init__(self, status: int, code: str, message: str, *, flat: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message, self.flat = status, code, message, flat


@dataclass
class LongRun:
    """One start or stop, as its own address tells of it. `preempted` puts an error beside a good
    status, as Azure now and then does."""

    id: str
    verb: str
    started: str
    status: str = GOING_ON
    ended: str = ""
    error: tuple[str, str] | None = None


@dataclass
class Power:
    """State and laws. Seconds are simulated ones.

    `failing` is the code and message with which the next start or stop ends. `refusal_status` is
    400 or 409: Azure has used both. `location_only` leaves the better header out. `denied` are the
    actions Houston's identity lacks, such as `stop/action`.
    """

    name: str = "aks-fernhill"
    group: str = "rg-fernhill"
    location: str = "uksouth"
    kubernetes: str = "1.32.4"
    nodes: int = 2
    size: str = "Standard_B4ms"
    start_seconds: float = 190.0
    stop_seconds: float = 95.0
    state: str = RUNNING
    provisioning: str = DONE
    api: bool = True
    failing: tuple[str, str] | None = None
    refusal_status: int = 409
    location_only: bool = False
    preempted: bool = False
    denied: set[str] = field(default_factory=set)
    sign_in_error: str = ""
    runs: dict[str, LongRun] = field(default_factory=dict)

    def bind(self, world: World) -> None:
        self._world = world

    @property
    def id(self) -> str:
        """As Azure writes it, `resourcegroups` in lower case included."""
        return (
            f"/subscriptions/{SUBSCRIPTION}/resourcegroups/{self.group}"
            f"/providers/Microsoft.ContainerService/managedClusters/{self.name}"
        )

    @property
    def node_group(self) -> str:
        return f"MC_{self.group}_{self.name}_{self.location}"

    @property
    def host(self) -> str:
        return f"{self.name}-x7k2m9q4.hcp.{self.location}.azmk8s.io"

    def allow(self, action: str) -> None:
        """Raises ArmRefusal when Houston's identity lacks the right."""
        if action in self.denied:
            raise ArmRefusal(
                403,
                "AuthorizationFailed",
                "The client '0f0e0d0c-1111-4222-8333-444455556666' with object id "
                "'0f0e0d0c-1111-4222-8333-444455556666' does not have authorization to perform "
                f"action 'Microsoft.ContainerService/managedClusters/{action}' over scope "
                f"'{self.id}' or the scope is invalid. If access was recently granted, please "
                "refresh your credentials.",
            )

    def change(self, verb: str) -> LongRun:
        """Begin a start or a stop. Raises ArmRefusal."""
        self.allow(f"{verb}/action")
        doing = "starting" if verb == "start" else "stopping"
        target = RUNNING if verb == "start" else STOPPED
        if self.provisioning not in {DONE, FAILED} or self.state == target:
            raise ArmRefusal(
                self.refusal_status,
                "OperationNotAllowed",
                f"managed cluster is in Provisioning State({self.provisioning}) and Power "
                f"State({self.state}), {doing} cannot be performed",
                flat=self.refusal_status == 409,
            )
        run = LongRun(f"op-{len(self.runs) + 1:04}", verb, self._stamp())
        self.runs[run.id] = run
        self.provisioning = doing.capitalize()
        if self.preempted:
            run.error = ("NotLatestOperation", "Cannot proceed with the operation: preempted")
        failing, self.failing = self.failing, None
        if failing:
            self._world.begin(self._fail(run, failing))
        else:
            self._world.begin(self._start(run) if verb == "start" else self._stop(run))
        return run

    def off(self) -> None:
        """Be stopped already, as after last night."""
        self.state, self.api = STOPPED, False
        sleep(self._world)

    def on(self) -> None:
        """Run already, started by somebody."""
        self.state, self.api = RUNNING, True
        wake(self._world)

    async def _start(self, run: LongRun) -> None:
        await self._world.pause(self.start_seconds * 0.7)
        self.api = True
        wake(self._world)
        await self._world.pause(self.start_seconds * 0.3)
        self.state = RUNNING
        self._end(run)

    async def _stop(self, run: LongRun) -> None:
        await self._world.pause(_GONE_AFTER)
        sleep(self._world)
        await self._world.pause(_UNREACHABLE_AFTER - _GONE_AFTER)
        self.api = False
        await self._world.pause(max(0.0, self.stop_seconds - _UNREACHABLE_AFTER))
        self.state = STOPPED
        self._end(run)

    async def _fail(self, run: LongRun, error: tuple[str, str]) -> None:
        await self._world.pause(_FAILS_AFTER)
        run.error = error
        self._end(run, FAILED)

    def _end(self, run: LongRun, status: str = DONE) -> None:
        run.status, run.ended = status, self._stamp()
        self.provisioning = status

    def _stamp(self) -> str:
        return self._world.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"


def sleep(world: World) -> None:
    """The nodes go away, and chat with them. A pod of each Deployment stays as a mere entry."""
    cluster = world.cluster
    cluster.awake = False
    cluster.sleeps += 1
    for live in cluster.deployments.values():
        for pod in live.pods[:1]:
            left = cluster.objects.get("pods", cluster.namespace, pod.name)
            podmaker.ended(left, cluster.objects.stamp(), 137)
            cluster.objects.put(left)
        live.pods.clear()
    world.chat.set_up(False)


def wake(world: World) -> None:
    """The nodes are back: every Deployment begins anew, beside what the stop left behind."""
    cluster = world.cluster
    cluster.awake = True
    for live in cluster.deployments.values():
        world.begin(cluster.roll(live, live.generation))
