"""From a message to its answer: the one path for policy, and the one place where an error becomes
a card."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from functools import partial

import structlog

from bot import refusal
from bot.arguments import suggestions
from bot.cards import Card, Mark, code, duration
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.command import Answer, Command, Needs, Operation, Redirect
from bot.drill import marked
from bot.drills import NAME as DRILL
from bot.drills import Drills
from bot.errors import Forbidden, HoustonError, NotMine, Refused, UserError, bug
from bot.guard import Flooded, Guard
from bot.meters import Meters
from bot.operations import Operations
from bot.patience import Patience
from bot.policy import Policy
from bot.ports.audit import Entry
from bot.ports.chat import Message, Post
from bot.ports.store import DOORS, Store
from bot.redact import Redactor
from bot.request import Request, is_own, is_timely, post_id
from bot.settings import ChatSection
from bot.slots import Slots
from bot.speech import Words, command_text, parse
from bot.stops import Stops
from bot.taps import Taps
from bot.trail import Trail, door_of

log = structlog.get_logger()

_PROSE = 6
"""An unknown first word with at least this many words behind it is prose, not a command."""
_NOTED = 500
"""Characters of a command line in the audit trail: a longer one was refused unread."""
_REMEMBERED = 10_000
"""Messages of which it is known without asking the store that they were taken."""
_NAME = 40
"""Characters of a first word that are compared with the commands' names."""


class Router:
    """Takes each message once, and answers it."""

    def __init__(
        self,
        *,
        settings: ChatSection,
        commands: Catalogue,
        needs: Needs,
        policy: Policy,
        store: Store,
        operations: Operations,
        clock: Clock,
        redactor: Redactor,
        trail: Trail,
        guard: Guard,
        stops: Stops,
        drills: Drills,
        taps: Taps,
        meters: Meters,
        slots: Slots,
        patience: Patience,
    ) -> None:
        self._settings = settings
        self._commands = commands
        self._needs = needs
        self._policy = policy
        self._store = store
        self._operations = operations
        self._clock = clock
        self._redactor = redactor
        self._trail = trail
        self._guard = guard
        self._stops = stops
        self._drills = drills
        self._taps = taps
        self._meters = meters
        self._slots = slots
        self._until_done = patience.until_done
        # Every reply and reaction tells a message's document anew.
        self._lately: OrderedDict[str, None] = OrderedDict()

    def is_command(self, message: Message) -> bool:
        """Whether a person said something that is meant for Houston: never Houston itself."""
        if message.system is not None or message.automated:
            return False
        if message.author.id == self._settings.user_id:
            return False
        return self._text(message) is not None

    async def take(self, message: Message) -> bool:
        """Whether the caller must now `handle` this: true once per message, ever.

        What is said in the thread of a drill is for the Houston that flies it. An edited message is
        never run; whoever edited a command into being is told so, once.
        """
        if message.id in self._lately or await self._drills.elsewhere(message):
            return False
        taken = await self._store.ledger.take(self._guard.storable(message))
        self._lately[message.id] = None
        if len(self._lately) > _REMEMBERED:
            self._lately.popitem(last=False)
        if message.edited_by is None:
            return taken
        if taken:
            text = "You edited that message. Edits are not run: send it again as a new message."
            await self._answer(message, Card(Mark.INFO, text, ok=False))
        return False

    async def handle(self, message: Message) -> None:
        """Answer a message that was taken. Never raises for what a person typed."""
        began = asyncio.get_running_loop().time()
        card = await self._run(message)
        answer = partial(self._answer, message, card)
        await self._until_done(answer, f"the answer to {message.id}")
        self._count(message, card, asyncio.get_running_loop().time() - began)

    def _count(self, message: Message, card: Card | None, seconds: float) -> None:
        try:
            words = self._words(message)
            known = self._commands.resolve(words)[0].name if words else ""
        except UserError:
            known = "unknown"
        if known:
            outcome = "operation" if card is None else "ok" if card.ok else "refused"
            self._meters.answered.labels(known, outcome).inc()
            self._meters.answering.observe(seconds)

    async def _run(self, message: Message) -> Card | None:
        """The answer; None when an operation answers for itself, or nobody asked."""
        try:
            words = self._words(message)
            if words is None:
                return None
            return self._guard.stops(message) or await self._led(message, words)
        except Flooded:
            return None
        except NotMine:
            raise
        except HoustonError as error:
            return refusal.answer(error)
        except Exception as error:
            log.exception("command.bug", message=message.id)
            return refusal.answer(bug(message.id, error))

    async def _led(self, message: Message, words: Words) -> Card | None:
        """In the thread of a drill to its world, or to no world at all when that is over."""
        if words.name != DRILL and await self._drills.concerns(message):
            return await self._drills.hear(message, words.line)
        return await self._late(message, words) or await self._dispatch(message, words)

    async def _dispatch(
        self, message: Message, words: Words, led: tuple[str, ...] = ()
    ) -> Card | None:
        """Run the command; `led` are the lines that led to this one."""
        command, words = self._commands.resolve(words)
        if words.line in led:
            raise Refused(
                f"{code(words.line)} leads to itself.", "`!schedule list` shows what runs"
            )
        arguments = command.read(words.arguments)
        request = Request.of(message, words.line)
        self._check_role(request.actor.id, command)
        self._check_place(message, command)
        if isinstance(command, Operation):
            await self._until_done(partial(self._operations.begin, request), request.operation)
            return None
        async with self._slots.of(request.actor.id, command):
            await self._stops.admit(command)
            answer: Answer = await command.call(arguments, {**self._needs, Request: request})
        if isinstance(answer, Redirect):
            redirected = parse(answer.line.removeprefix("!"))
            led = (*led, words.line)
            return await self._dispatch(message, redirected, led) if redirected else None
        return answer

    def admit(self, account: str, line: str) -> None:
        """Raises UserError when this account may not start the command line."""
        words = parse(line.removeprefix("!"))
        if words is not None:
            self._check_role(account, self._commands.resolve(words)[0])

    def _check_role(self, account: str, command: Command) -> None:
        if not self._policy.may(account, command.role):
            raise Forbidden(
                f"`!{command.name}` needs the role {command.role}, which you do not have.",
                "`!whoami` shows what you may do; the roster is in Houston's configuration",
            )

    def _check_place(self, message: Message, command: Command) -> None:
        """What others must see, or may stop, is not done behind their backs; and who is not let
        into the rooms does not read by another way what is said there."""
        if not message.direct:
            return
        rooms = ", ".join(f"#{name}" for name in self._settings.rooms)
        if self._policy.person(message.author.id) is None:
            raise Refused("I talk in private to people of the roster only.", f"Say it in {rooms}")
        if not command.private:
            raise Refused(
                f"`!{command.name}` is not taken in direct messages: your colleagues must see it.",
                f"Say it in {rooms}",
            )

    def _text(self, message: Message) -> str | None:
        ours = message.room_id in DOORS or is_own(message.id)
        prefix = "!" if ours else self._settings.prefix
        return command_text(message.text, prefix=prefix, username=self._settings.username)

    def _words(self, message: Message) -> Words | None:
        text = self._text(message)
        return None if not text or self._prose(text) else parse(text)

    def _prose(self, text: str) -> bool:
        """Whether this only begins like a command; asked before its quotes and lines are judged."""
        name, *rest = text.split()
        if len(rest) < _PROSE or self._commands.begins(name.lower()):
            return False
        return not suggestions(name[:_NAME], [*self._commands])

    async def _late(self, message: Message, words: Words) -> Card | None:
        age = self._clock.now() - message.at
        unasked = message.room_id in DOORS or is_timely(message.id)
        if unasked or age <= self._settings.stale_after:
            return None
        if await self._operations.begun(Request.of(message, words.line)):
            return None
        return Card(
            Mark.WAITING,
            f"Still want this? It was said {duration(age)} ago, while I was away. Not run.",
            (f"{code(words.line)} is run when you send it again.",),
            next=(words.line,),
            ok=False,
        )

    async def _answer(self, message: Message, card: Card | None) -> None:
        if card is None:
            await self._store.ledger.answer(message.id, [])
            return
        request = Request.of(message, "")
        text = self._redactor.clean(card.text())
        if await self._drills.concerns(message):
            text = marked(text)
        id = post_id(message.id, "answer")
        files = tuple(self._redactor.clean_file(file) for file in card.files)
        post = Post(
            id, request.room_id, text, request.thread or None, seeds=tuple(card.taps), files=files
        )
        await self._taps.offer(id, card.taps)
        await self._store.ledger.answer(message.id, [post], self._entry(message, card))
        self._trail.written.set()

    def _entry(self, message: Message, card: Card) -> Entry:
        event = "command.answered" if card.ok else "command.refused"
        return self._trail.entry(
            message.author.id,
            event,
            detail={
                "line": self._redactor.clean(message.text)[:_NOTED],
                "answer": card.title,
                **({"reason": card.reason} if card.reason else {}),
                "username": message.author.username,
                "message": message.id,
                **door_of(message.room_id),
            },
        )
