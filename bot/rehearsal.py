"""One drill while it runs: what its world shows is brought to people, and their times are taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.cards import duration, shortened
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.command import Operation
from bot.drill import CODE, Drill, Move, Scene, Shown, Stage, marked
from bot.errors import Refused, UserError
from bot.patience import Patience
from bot.ports.audit import Entry
from bot.ports.chat import Author
from bot.ports.store import Record
from bot.scoresheet import Sheet

Show = Callable[[Shown], Awaitable[None]]
Note = Callable[[Entry], Awaitable[None]]

LONGEST = timedelta(hours=2)
"""A drill nobody ends is over then."""
_LOOK = timedelta(milliseconds=500)
_LAST = 5
"""Looks after the end."""
_QUIET = timedelta(seconds=2)
"""How long nothing may be new after a line before what it did counts as answered."""


class Rehearsal:
    """The drill's world seen from outside: only looked at, never called back from.

    Args:
        show: brings a card to people, marked as a drill's; called again when it changed.
        note: writes down what the drill's own trail says.
    """

    def __init__(
        self,
        stage: Stage,
        drill: Drill,
        sheet: Sheet,
        patience: Patience,
        *,
        commands: Catalogue,
        clock: Clock,
        show: Show,
        note: Note,
    ) -> None:
        self.stage = stage
        self.drill = drill
        self.sheet = sheet
        self._commands = commands
        self._clock = clock
        self._patience = patience
        self._show = show
        self._note = note
        self._texts: dict[str, str] = {}
        self._operations: tuple[Record, ...] = ()
        self._reactions: dict[str, set[tuple[str, str]]] = {}
        self._news = clock.now()
        self._done = 0
        self._noted = 0
        self.over = asyncio.Event()

    @property
    def next_move(self) -> Move | None:
        """The first step of the runbook that was not typed yet; None after the last one."""
        return self.drill.moves[self._done] if self._done < len(self.drill.moves) else None

    async def play(self) -> Sheet:
        """Until it is verified, ended or too long. Gives the sheet; the world is gone then."""
        try:
            while not self.over.is_set():
                await self._see()
                try:
                    async with asyncio.timeout(_LOOK.total_seconds()):
                        await self.over.wait()
                except TimeoutError:
                    continue
            await self._last()
        finally:
            await self.stage.close()
        return self.sheet

    def end(self, why: str) -> None:
        """End it without its being verified."""
        if not self.over.is_set():
            self.sheet = self.sheet.over(why, self._clock.now())
            self.over.set()

    async def say(self, author: Author, line: str) -> None:
        """A person types a line of the drill."""
        spoken = self._spoken(line)
        self._typed(line)
        looks = self._looks(spoken)
        self.sheet = self.sheet.said(author.username, spoken, self._news, looks=looks)
        await self.stage.say(author, spoken)

    async def approve(self, code: str) -> str:
        """A simulated colleague approves; gives the name. Raises Refused."""
        name = await self.stage.colleague(self._spoken(code))
        self._typed(f"!drill approve {code}")
        self.sheet = replace(self.sheet, simulated=self.sheet.simulated + 1)
        return name

    async def by_hand(self, author: Author) -> str:
        """What is done outside of Houston is done; says what. Raises Refused."""
        await self.stage.by_hand()
        self._typed("!drill byhand")
        self.sheet = self.sheet.acted(author.username, self.drill.by_hand, self._news)
        return self.drill.by_hand

    async def react(self, id: str, reactions: Mapping[str, tuple[Author, ...]]) -> None:
        """The reactions people have set below what was shown of this message, all of them."""
        now = {(author.id, emoji) for emoji, who in reactions.items() for author in who}
        authors = {author.id: author for who in reactions.values() for author in who}
        before = self._reactions.get(id, set())
        self._reactions[id] = now
        for person, emoji in sorted(now - before):
            await self.stage.react(id, authors[person], emoji, on=True)
        for person, emoji in sorted(before - now):
            await self.stage.react(id, authors.get(person, Author(person, person)), emoji, on=False)

    async def settled(self) -> None:
        """Wait until what was typed last has been answered and nothing is being carried out."""
        while not self.over.is_set():
            await asyncio.sleep(_LOOK.total_seconds())
            busy = any(not one.state.closed and one.state != "waiting" for one in self._operations)
            if not busy and self._clock.now() - self._news > _QUIET:
                return

    async def _last(self) -> None:
        """What the end brought is still shown: the last edit of its card comes a little later."""
        for _ in range(_LAST):
            await asyncio.sleep(_LOOK.total_seconds())
            await self._see()

    async def _see(self) -> None:
        """Look, and look again from where it came to while what it is told to is away."""
        await self._patience.until_done(self._look, f"drill {self.sheet.code}")

    async def _look(self) -> None:
        scene = await self.stage.look(self._noted)
        self._operations = scene.operations
        await self._bring(scene)
        for sealed in scene.audit:
            await self._note(sealed.entry)
            self._noted = sealed.number
        if not self.over.is_set():
            self._judge(scene)

    def _judge(self, scene: Scene) -> None:
        self.sheet = self.sheet.after(scene, self.drill, self._clock.now())
        if self.sheet.ended:
            self.over.set()
        elif self._clock.now() - self.sheet.started > LONGEST:
            self.end(f"it was still going after {duration(LONGEST)}")

    async def _bring(self, scene: Scene) -> None:
        for shown in scene.shown:
            told = f"(to {shown.to} alone)\n{shown.text}" if shown.to else shown.text
            text = shortened(marked(told))
            if self._texts.get(shown.id) != text:
                await self._show(replace(shown, text=text))
                self._texts[shown.id], self._news = text, self._clock.now()

    def _typed(self, line: str) -> None:
        """Something is new, and perhaps the runbook is one step further."""
        self._news = self._clock.now()
        move = self.next_move
        if move and line.split()[:2] == move.line.split()[:2]:
            self._done += 1

    def _spoken(self, line: str) -> str:
        """The line with the newest plan's code in place of the word for it. Raises Refused."""
        if CODE not in line.split():
            return line
        if not self._operations:
            raise Refused(
                "There is no plan yet whose code could be meant.", "Type its command first"
            )
        newest = max(self._operations, key=lambda one: one.created)
        return " ".join(newest.code if word == CODE else word for word in line.split())

    def _looks(self, line: str) -> bool:
        """Whether it is a command that reads, or is made to look."""
        try:
            command = self._commands.of(line)[0]
        except UserError:
            return False
        return not isinstance(command, Operation) or command.name in self.drill.looking
