"""What stands before the systems over loopback, and fails there."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from tests.faults.kinds import Fault, System
from tests.faults.stage import Stage
from tests.soak.weather import LASTS

_WAITS = {Fault.SLOW, Fault.HALF_OPEN}


class Gateways:
    """`met` counts what happened."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self._stage = stage
        self._dice = dice
        self.met: Counter[str] = Counter()

    async def fail(self) -> None:
        """One system in one way, for a while."""
        system = self._dice.choice([*self._stage.proxies])
        fault = self._dice.choice([each for each in Fault if not each.of_machine])
        if system is System.GIT and fault in _WAITS:
            fault = Fault.S503  # git waits in a thread, in real time
        self.met[f"{system} {fault}"] += 1
        proxy = self._stage.proxies[system]
        await proxy.fail(fault)
        await asyncio.sleep(self._dice.choice(LASTS))
        await proxy.fail(None)
