"""What goes wrong in a day, at random: any call in any way, links, the store, Houston itself."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from adapters.sim.world import Fault
from tests.faults.store import away
from tests.soak.flown import Flown
from tests.soak.pacing import paced

LASTS = (10.0, 45.0, 90.0, 240.0)
"""Seconds of one fault: shorter and longer than a call is waited for, and longer than two minutes,
after which what people said is asked about."""
_LONGEST = 1200.0
_AWAY = (1.0, 30.0, 200.0)
_WRITES = 40
"""Of the engine's next writes, one is the last that a killed process makes."""

Happens = Callable[[], Awaitable[None]]


class Weather:
    """Lets things fail, and heals them. `met` counts what happened.

    Args:
        pauses: the shortest and longest between two faults, in seconds.
        more: what else can happen, each with its weight.
    """

    def __init__(
        self,
        flown: Flown,
        dice: random.Random,
        pauses: tuple[float, float],
        more: tuple[tuple[Happens, int], ...] = (),
    ) -> None:
        self._flown = flown
        self._dice = dice
        self._pauses = pauses
        self._more = more
        self.met: Counter[str] = Counter()

    async def blow(self, seconds: float) -> None:
        """One thing after another for this long. All of it is mended at the end, and Houston was
        killed once, and stopped once."""
        due = [self._killed, self._stopped]
        async for left in paced(self._dice, self._pauses, seconds):
            (happens,) = self._dice.choices(*zip(*self._kinds(), strict=True))
            if due and left < seconds * len(due) / 3:
                happens = due.pop()
            self.met[happens.__name__.strip("_")] += 1
            await happens()

    def _kinds(self) -> list[tuple[Happens, int]]:
        return [
            (self._call, 20),
            (self._link, 6),
            (self._unreachable, 3),
            (self._stutter, 2),
            (self._stranger, 2),
            (self._history_gone, 2),
            (self._locked, 2),
            *self._more,
        ]

    async def _call(self) -> None:
        """One of the calls that Houston makes, whichever port it is of."""
        call = self._dice.choice(sorted(set(self._flown.world.calls)))
        fault = self._dice.choice([*Fault])
        self.met[f"{call} {fault}"] += 1
        self._flown.world.fail(call, fault, self._dice.choice([1, 2, 5]))

    async def _link(self) -> None:
        chat = self._flown.world.chat
        happens = self._dice.choice([chat.drop_links, chat.go_silent, chat.lose_subscriptions])
        self.met[happens.__name__] += 1
        happens()

    async def _unreachable(self) -> None:
        """The way to chat is broken; the server runs."""
        self._flown.world.chat.set_reachable(False)
        await asyncio.sleep(self._dice.choice(LASTS))
        self._flown.world.chat.set_reachable(True)

    async def _stutter(self) -> None:
        """Everything is told twice and out of order."""
        links = self._flown.world.chat.links
        links.duplicate, links.latest = True, 3.0
        await asyncio.sleep(600)
        links.duplicate, links.latest = False, 0.0

    async def _stranger(self) -> None:
        """Somebody else pushes to the branch."""
        content = f"{self._dice.random()}\n".encode()
        self._flown.world.remote.push("README.md", content, "docs: By somebody else")

    async def _history_gone(self) -> None:
        """Kubernetes answers 410 to who goes on with a list."""
        self._flown.world.cluster.objects.compact()

    async def _locked(self) -> None:
        """Another program holds the store."""
        with away():
            await asyncio.sleep(self._dice.choice(LASTS[:3]))

    async def _stopped(self) -> None:
        await self._flown.restart(self._dice.choice(_AWAY))

    async def _killed(self) -> None:
        """At one of its next writes the process dies: nothing of it goes on."""
        journal = self._flown.journal
        journal.kill_at = journal.writes + self._dice.randrange(1, _WRITES)
        journal.before = self._dice.random() < 0.5
        with suppress(TimeoutError):  # nothing is going on: then it is killed while idle
            async with asyncio.timeout(_LONGEST):
                while journal.writes < journal.kill_at:  # noqa: ASYNC110  # looks, in skipped time
                    await asyncio.sleep(1)
        journal.kill_at = 0
        await self._flown.restart(self._dice.choice(_AWAY))
