"""Drills in chat: the thread of a drill leads to its world, and every other message does not."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from bot import scoresheet
from bot.cards import Card, Mark, code
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.courier import Courier
from bot.drill import Drill, Shown, Stages, marked
from bot.drillbook import named
from bot.drillthreads import Thread, Threads
from bot.endings import Reason
from bot.errors import AdapterError, Refused
from bot.patience import Patience
from bot.policy import Policy
from bot.ports.audit import Entry
from bot.ports.chat import Author, Chat, Message, Post
from bot.ports.store import DOORS
from bot.redact import Redactor
from bot.rehearsal import Rehearsal
from bot.request import Request, code_of, post_id
from bot.scoresheet import Sheet
from bot.tasks import Tasks
from bot.trail import HOUSTON, Trail

log = structlog.get_logger()

NAME = "drill"
"""The first word of the commands that are about drills; in a drill's thread too they are real."""
_BEAT = timedelta(seconds=10)
_KEPT = 10
"""Sheets that `!drill scores` shows."""


class Drills:
    """The drill that runs here, and what is known of the others."""

    def __init__(
        self,
        *,
        stages: Stages,
        threads: Threads,
        courier: Courier,
        chat: Chat,
        policy: Policy,
        commands: Catalogue,
        redactor: Redactor,
        trail: Trail,
        tasks: Tasks,
        patience: Patience,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._stages = stages
        self._threads = threads
        self._courier = courier
        self._chat = chat
        self._policy = policy
        self._commands = commands
        self._redactor = redactor
        self._trail = trail
        self._tasks = tasks
        self._patience = patience
        self._clock = clock
        self._zone = zone
        self._me = uuid.uuid4().hex
        self._running: tuple[Thread, Rehearsal] | None = None
        self._shown: dict[str, str] = {}
        self._begun: set[str] = set()
        self._mine: set[str] = set()

    @property
    def running(self) -> Rehearsal | None:
        """The one that runs here."""
        return self._running[1] if self._running else None

    async def start(self, name: str, request: Request) -> tuple[Drill, str]:
        """Begin; gives the drill and its code.

        Raises Refused while another one runs, and anywhere but in an ops room itself; UsageError
        for an unknown name.
        """
        drill = named(name)
        _require_room(request, drill)
        for other in await self._threads.open():
            if not other.lost(self._clock.now()):
                raise Refused(
                    f"Drill {other.sheet.name}, begun by {other.sheet.by}, still runs.",
                    "`!drill stop` in its thread ends it",
                )
        now, by = self._clock.now(), request.actor
        sheet = Sheet(code_of(request.message_id, 5), drill.name, now, by.username)
        thread = Thread(request.thread, request.room_id, self._me, now, sheet)
        self._mine.add(thread.id)
        try:
            await self._threads.put(thread)
            stage = await self._stages.open(drill, self._policy.people, self._clock)
        except BaseException:
            self._mine.discard(thread.id)
            await self._threads.put(replace(thread, ended=self._clock.now()))
            raise
        rehearsal = Rehearsal(
            stage,
            drill,
            sheet,
            self._patience,
            commands=self._commands,
            clock=self._clock,
            show=partial(self._bring, thread),
            note=partial(self._copy, drill),
        )
        self._running = thread, rehearsal
        self._begun.add(thread.id)
        self._tasks.start(f"drill {sheet.code}", self._play(thread, rehearsal, by.id))
        return drill, sheet.code

    def here(self, request: Request) -> Rehearsal:
        """The drill that runs in the request's thread. Raises Refused."""
        if self._running and self._running[0].id == request.thread:
            return self._running[1]
        raise Refused("No drill runs in this thread.", "`!drill list` has what can be started")

    async def approve(self, request: Request, code_: str) -> str:
        """A simulated colleague approves; gives the name. Raises Refused."""
        rehearsal = self.here(request)
        name = await rehearsal.approve(code_)
        await self._note(request.actor.id, "drill.approved", rehearsal.drill, colleague=name)
        return name

    async def by_hand(self, request: Request) -> str:
        """What is done outside of Houston is done; says what. Raises Refused."""
        rehearsal = self.here(request)
        done = await rehearsal.by_hand(request.actor)
        await self._note(request.actor.id, "drill.by_hand", rehearsal.drill, done=done)
        return done

    async def scores(self) -> Card:
        """The last sheets."""
        return scoresheet.scores((await self._threads.sheets())[::-1][:_KEPT], self._zone)

    async def concerns(self, message: Message) -> bool:
        """Whether it was said in the thread of a drill, be that over or not, or began one."""
        if message.thread is None:
            return message.id in self._begun
        return await self._threads.get(message.thread) is not None

    async def elsewhere(self, message: Message) -> bool:
        """Whether another Houston flies the drill in whose thread this was said: that one
        answers."""
        thread = await self._threads.get(message.thread) if message.thread else None
        return thread is not None and thread.ended is None and thread.owner != self._me

    async def hear(self, message: Message, line: str) -> Card | None:
        """Bring a line of a drill's thread to the drill; the card says why it cannot be."""
        if self._running is None or self._running[0].id != message.thread:
            return Card(
                Mark.NO,
                "This thread was a drill's, and that is over. Not run.",
                (f"{code(line)} is run when you type it in the room, outside of this thread.",),
                next=("!drill scores",),
                ok=False,
                reason=Reason.DRILL_OVER,
            )
        rehearsal = self._running[1]
        await self._note(message.author.id, "drill.said", rehearsal.drill, line=line)
        await rehearsal.say(message.author, line)
        return None

    async def noticed(self, message: Message) -> None:
        """The document of some message changed: reactions below a drill's card are its votes.

        Raises AdapterError when it cannot be read whose they are.
        """
        id = self._shown.get(message.id)
        if id is None or self._running is None:
            return
        own = message.author.username
        found = {
            emoji: tuple([await self._author(name) for name in names if name != own])
            for emoji, names in message.reactions.items()
        }
        await self._running[1].react(id, found)

    async def run(self) -> None:
        """Say again and again that what runs here runs, and end what has lost its Houston."""
        while True:
            try:
                await self._keep()
            except AdapterError as error:
                log.info("drills.unkept", why=error.message)
            await asyncio.sleep(_BEAT.total_seconds())

    async def _keep(self) -> None:
        now = self._clock.now()
        for thread in await self._threads.open():
            if thread.id in self._mine:
                if self._running:  # while it begins or ends, its record is written elsewhere
                    sheet = self._running[1].sheet
                    await self._threads.put(replace(thread, beat=now, sheet=sheet))
            elif thread.lost(now):
                why = "its world is gone: Houston was stopped while it ran, or it never began"
                await self._over(thread, thread.sheet.over(why, now))

    async def _play(self, thread: Thread, rehearsal: Rehearsal, by: str) -> None:
        """All of it. Whatever goes wrong in it, it ends, and another one can begin."""
        id = f"drill {rehearsal.sheet.code}"
        begun = partial(self._note, by, "drill.started", rehearsal.drill, code=rehearsal.sheet.code)
        await self._patience.until_done(begun, id)
        try:
            sheet = await rehearsal.play()
        except Exception:
            log.exception("drill.bug", drill=rehearsal.drill.name)
            rehearsal.end("Houston itself failed in it; its log says how")
            sheet = rehearsal.sheet
        self._running = None
        self._shown.clear()
        await self._patience.until_done(partial(self._over, thread, sheet), id)
        self._mine.discard(thread.id)

    async def _over(self, thread: Thread, sheet: Sheet) -> None:
        """Keep the sheet and post it: all of it in the thread, its first line in the room."""
        before = [one for one in await self._threads.sheets() if one.name == sheet.name]
        best = min((one.took for one in before if one.verified), default=None)
        shown = scoresheet.card(sheet, best)
        short = Card(shown.mark, shown.title, next=("!drill scores",))
        for kind, told, below in (("sheet", shown, thread.id), ("over", short, None)):
            text = self._redactor.clean(marked(told.text()))
            id = post_id(f"drill-{kind}", thread.id)
            await self._courier.put(Post(id, thread.room_id, text, below))
        await self._trail.note(
            HOUSTON,
            "drill.ended",
            target=sheet.name,
            detail={"code": sheet.code, "outcome": scoresheet.ending(sheet), "why": sheet.why},
        )
        await self._threads.close(thread, sheet, self._clock.now())

    async def _bring(self, thread: Thread, shown: Shown) -> None:
        """Post a card of the drill, or show it as it is now."""
        id = post_id("drill", thread.id, shown.id)
        self._shown[id] = shown.id
        text = self._redactor.clean(shown.text)
        post = Post(id, thread.room_id, text, thread.id, shown.seeds, shown.files)
        await self._courier.put(post)

    async def _copy(self, drill: Drill, entry: Entry) -> None:
        """What the drill's own trail says, in the real one: marked, of no operation of that."""
        detail = {**entry.detail, "operation": entry.operation, "target": entry.target}
        event = f"drill.{entry.event}"
        await self._trail.note(entry.actor, event, target=drill.name, detail=detail)

    async def _note(self, actor: str, event: str, drill: Drill, **detail: str) -> None:
        await self._trail.note(actor, event, target=drill.name, detail=detail)

    async def _author(self, username: str) -> Author:
        account = await self._chat.account(username)
        return Author(account.id, account.username)


def _require_room(request: Request, drill: Drill) -> None:
    """Raises Refused anywhere but in an ops room itself."""
    if request.room_id in DOORS or not request.thread:
        raise Refused(
            "A drill is a thread in an ops room.", f"At a terminal: `houston drill {drill.name}`"
        )
    if request.thread != request.message_id:
        raise Refused(
            "A drill begins a thread of its own; this one is about something else.",
            "Type it in the room, not in a thread",
        )
