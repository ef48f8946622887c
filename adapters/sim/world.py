"""The simulated outside: its state, its clock, its faults. Its laws live beside each part.

One `World` stands behind the ports in process (`adapters/sim/*.py`) and behind the loopback
servers (`adapters/sim/servers/*.py`), so both obey the same laws and the same planted faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from adapters.sim.argo_fleet import Fleet
from adapters.sim.billing import Bill
from adapters.sim.chatroom import ChatRoom
from adapters.sim.cluster import Cluster
from adapters.sim.custody import Custody
from adapters.sim.monitoring import Monitoring
from adapters.sim.panels import Panels
from adapters.sim.power import Power
from adapters.sim.published import CHARTS
from adapters.sim.remote import Remote
from adapters.sim.runbooks import Runbooks
from adapters.sim.tracing import Tracing
from bot.clock import Clock
from bot.errors import Denied, Limited, Unavailable, UnknownOutcome
from bot.ports.calendar import Shift
from bot.ports.charts import ChartVersion


class Fault(StrEnum):
    """How a call can go wrong.

    `REPLY_LOST` lets the call have its effect and loses the answer. `SLOW` answers after
    60 simulated seconds. `HTML` is a proxy's error page: in process it is Unavailable.
    """

    UNAVAILABLE = "unavailable"
    DENIED = "denied"
    LIMITED = "limited"
    REPLY_LOST = "reply_lost"
    SLOW = "slow"
    HTML = "html"


SLOW_SECONDS = 60.0
RETRY_AFTER = timedelta(seconds=5)


@dataclass
class World:
    """Everything outside Houston.

    `speed` is how many simulated seconds pass in one of the event loop's. `latency` is how many
    simulated seconds each call takes; it is never zero in tests, or calls would never interleave.
    """

    clock: Clock
    remote: Remote
    chat: ChatRoom
    cluster: Cluster
    power: Power = field(default_factory=Power)
    runbooks: Runbooks = field(default_factory=Runbooks)
    bill: Bill = field(default_factory=Bill)
    argo: Fleet = field(default_factory=Fleet)
    custody: Custody = field(default_factory=Custody)
    monitoring: Monitoring = field(default_factory=Monitoring)
    tracing: Tracing = field(default_factory=Tracing)
    panels: Panels = field(default_factory=Panels)
    speed: float = 1.0
    latency: float = 0.01
    calendars: dict[str, list[Shift]] = field(default_factory=dict)
    charts: dict[str, dict[str, tuple[ChartVersion, ...]]] = field(
        default_factory=lambda: deepcopy(CHARTS)
    )
    calls: list[str] = field(default_factory=list)
    _faults: dict[str, list[Fault]] = field(default_factory=dict)
    _laws: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chat.bind(self)
        self.cluster.bind(self)
        self.power.bind(self)
        self.runbooks.bind(self)
        self.bill.bind(self)
        self.argo.bind(self)
        self.custody.bind(self)
        self.monitoring.bind(self)
        self.tracing.bind(self)
        self.panels.bind(self)

    async def pause(self, seconds: float) -> None:
        """Let this many simulated seconds pass."""
        await asyncio.sleep(seconds / self.speed)

    def begin(self, law: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let a cause work towards its effect beside everything else."""
        task = asyncio.create_task(law)
        self._laws.add(task)
        task.add_done_callback(self._laws.discard)
        return task

    async def close(self) -> None:
        """Stop every law."""
        for task in tuple(self._laws):
            task.cancel()
        await asyncio.gather(*self._laws, return_exceptions=True)

    def fail(self, call: str, fault: Fault, times: int = 1) -> None:
        """Plant a fault in the next `times` calls named `call`, such as `argocd.sync`."""
        self._faults.setdefault(call, []).extend([fault] * times)

    @asynccontextmanager
    async def call(self, name: str, system: str) -> AsyncIterator[None]:
        """Wrap one call: it takes time, is counted, and fails when told to.

        Raises the port errors of `bot.errors`; UnknownOutcome when only the reply was lost.
        """
        self.calls.append(name)
        await self.pause(self.latency)
        planted = self._faults.get(name)
        fault = planted.pop(0) if planted else None
        if fault is Fault.SLOW:
            await self.pause(SLOW_SECONDS)
        _refuse(fault, system)
        if name.startswith("kubernetes.") and not self.power.api:
            raise Unavailable(system, "the API server does not answer")
        yield
        if fault is Fault.REPLY_LOST:
            raise UnknownOutcome(system, "the connection was reset before the answer came")

    @asynccontextmanager
    async def look(self, name: str, system: str) -> AsyncIterator[None]:
        """As `call`, for what changes nothing: an answer that is lost is only Unavailable."""
        try:
            async with self.call(name, system):
                yield
        except UnknownOutcome as lost:
            raise Unavailable(system, "the connection was reset before the answer came") from lost


def _refuse(fault: Fault | None, system: str) -> None:
    match fault:
        case Fault.UNAVAILABLE:
            raise Unavailable(system, "503 Service Unavailable")
        case Fault.HTML:
            raise Unavailable(system, "502 with an HTML page, not an answer")
        case Fault.DENIED:
            raise Denied(system, "401 the token was refused", "Renew the token")
        case Fault.LIMITED:
            raise Limited(system, "429 too many requests", RETRY_AFTER)
        case Fault.SLOW | Fault.REPLY_LOST | None:
            return
