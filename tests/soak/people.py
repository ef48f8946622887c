"""What people do in a day, at random."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from adapters.sim.document import Refusal
from bot.approvals import SEEDS
from bot.errors import StoreAway, Unavailable
from bot.ports.chat import Message
from bot.ports.store import Record, State
from tests.soak.flown import Flown
from tests.soak.pacing import paced

_ASKERS = ("uAna", "uBo", "uCleo", "uDee", "uVic")
_VOTERS = ("uBo", "uDee")
_READS = (
    *("!status", "!pods", "!pods --bad", "!pod rocketchat-presence", "!nodes", "!events", "!jobs"),
    *("!logs rocketchat-presence", "!logs mongodb-0", "!diagnose", "!apps", "!secrets", "!ops"),
    *("!whoami", "!help", "!help scale", "!audit 2h", "!cluster status", "!cluster cost"),
    *("!policy", "!oncall", "!mongo status", "!metrics check", "!findings", "!schedule list"),
    *("!guide check", "!report daily", "!report jobs", "!handover", "!queue list", "!temporary"),
    *("!statsu", "!scale presence many", "!jobs logs", "!why 7F3K"),
)
_CHANGES = (
    *("!scale presence 1", "!scale presence 2", "!scale presence 3", "!restart presence"),
    *("!cluster extend 1h", "!jobs run aks-stale-pod-cleanup", "!metrics restart-agent"),
    *("!upgrade 7.12.3", "!upgrade 7.13.2", "!app sync aks-rocketchat-helm", "!cleanup run"),
)
_TALK = ("good morning", "who broke it?", "see https://x.example/page")
_DRILL = "!drill start grafana-no-data"


class People:
    """Everybody in #ops. `said` are the commands that want an answer of their own.

    Args:
        pauses: the shortest and longest between two things that somebody does, in seconds.
    """

    def __init__(self, flown: Flown, dice: random.Random, pauses: tuple[float, float]) -> None:
        self._flown = flown
        self._chat = flown.world.chat
        self._dice = dice
        self._pauses = pauses
        self._doing: set[asyncio.Task[None]] = set()
        self.said: list[Message] = []

    async def live(self, seconds: float) -> None:
        """For this long, as far as chat is there."""
        async for _ in paced(self._dice, self._pauses, seconds):
            with suppress(Refusal, Unavailable):  # chat is away, with the cluster
                self._act()
        await asyncio.gather(*self._doing)

    def _act(self) -> None:
        (what,) = self._dice.choices(["read", "change", "talk", "drill"], weights=[14, 14, 2, 1])
        if what == "talk":
            self._chat.say(self._dice.choice(_ASKERS), self._dice.choice(_TALK))
        elif what == "drill":
            self._begin(self._practise(self._say("uAna", _DRILL)))
        elif what == "read":
            said = self._say(self._dice.choice(_ASKERS), self._dice.choice(_READS))
            if self._dice.random() < 0.4:
                self._begin(self._meddle(said))
        else:
            self._begin(self._decide(self._say("uAna", self._dice.choice(_CHANGES))))

    def _say(self, who: str, text: str, thread: str | None = None) -> Message:
        said = self._chat.say(who, text, thread=thread)
        self.said.append(said)
        return said

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        with suppress(Refusal, Unavailable, TimeoutError):
            await work

    async def _practise(self, said: Message) -> None:
        """A drill that somebody begins, looks at and leaves. Its world answers in its own way."""
        for line in ("!status", "!metrics check"):
            await asyncio.sleep(60)
            self._chat.say("uAna", line, thread=said.id)
        self._say("uAna", "!drill stop", said.id)

    async def _meddle(self, said: Message) -> None:
        """The message is emitted again for one reason or another."""
        await asyncio.sleep(self._dice.choice([0.1, 3.0, 60.0]))
        chat, who = self._chat, said.author.id
        match self._dice.choice(["edit", "react", "reply", "pin", "star", "preview"]):
            case "edit":
                chat.edit(who, said.id, f"{said.text} now")
            case "react":
                chat.react("uBo", said.id, ":eyes:")
                chat.react("uBo", said.id, ":eyes:", on=False)
            case "reply":
                chat.say("uBo", "thanks", thread=said.id)
            case "pin":
                chat.pin(said.id)
            case "star":
                chat.star(said.id)
            case _:
                chat.preview(said.id)

    async def _decide(self, said: Message) -> None:
        """A colleague approves, denies, or looks away."""
        ways = ["react", "words", "deny", "abort", "hold", "nothing"]
        how = self._dice.choices(ways, [5, 2, 1, 1, 1, 1])[0]
        who = self._dice.choice(_VOTERS)
        async with asyncio.timeout(1200):
            record = await self._ready(said)
        if record is None or how == "nothing":
            return
        await asyncio.sleep(self._dice.choice([1.0, 20.0, 120.0]))
        match how:
            case "react":
                self._chat.react(who, record.approval, ":white_check_mark:")
                self._chat.react("uDee", record.approval, ":white_check_mark:")
            case "deny":
                self._chat.react(who, record.approval, ":x:")
            case "words":
                self._say(who, f"!approve {record.code}")
            case "hold":
                self._chat.react(who, record.approval, ":raised_hand:")
            case _:
                self._say("uAna", f"!abort {record.code}")

    async def _ready(self, said: Message) -> Record | None:
        """The operation, once its plan can be voted on; None when there will be none."""
        while True:
            await asyncio.sleep(5)
            with suppress(StoreAway):
                record = await self._flown.store.operations.get(f"op-{said.id}")
                if record and record.state.final:
                    return None
                if record and record.state is State.WAITING and self._seeded(record):
                    return record

    def _seeded(self, record: Record) -> bool:
        found = self._chat.archive.find(record.approval)
        return found is not None and len(found.reactions) >= len(SEEDS)
