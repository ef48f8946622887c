"""Sees reactions on cards that offer a command, and runs it as whoever reacted."""

from __future__ import annotations

import structlog

from bot.cards import code, plain
from bot.clock import Clock
from bot.courier import Courier
from bot.errors import Missing, Refused, UserError
from bot.policy import Policy
from bot.ports.chat import Account, Author, Chat, Kind, Message, Post
from bot.request import post_id, tapped_id
from bot.router import Router
from bot.taps import Taps
from bot.tasks import Tasks

log = structlog.get_logger()


class Tapper:
    """A line is started once, by the first who may; everybody else is told why not, in private."""

    def __init__(
        self,
        *,
        taps: Taps,
        chat: Chat,
        router: Router,
        policy: Policy,
        courier: Courier,
        clock: Clock,
        tasks: Tasks,
        houston: Author,
    ) -> None:
        self._taps = taps
        self._chat = chat
        self._router = router
        self._policy = policy
        self._courier = courier
        self._clock = clock
        self._tasks = tasks
        self._houston = houston

    async def noticed(self, message: Message) -> None:
        """The document of some message changed. Raises AdapterError when nobody can be looked up:
        then the reaction is seen again."""
        if message.author.id != self._houston.id or not message.reactions:
            return
        offered = await self._taps.of(message.id)
        standing = {
            (emoji, username)
            for emoji, usernames in message.reactions.items()
            for username in usernames
            if emoji in offered and username.lower() != self._houston.username.lower()
        }
        if not offered:
            return
        for emoji, username in await self._taps.fresh(message.id, standing):
            account = await self._account(username)
            try:
                await self._start(message, emoji, offered[emoji], account)
            except UserError as error:
                await self._tell(message, emoji, account, error)
            await self._taps.dealt(message.id, emoji, username)

    async def _start(self, card: Message, emoji: str, line: str, account: Account) -> None:
        """Raises UserError when this reaction starts nothing."""
        self._admit(card, account)
        self._router.admit(account.id, line)
        id = tapped_id(card.id, emoji)
        first = await self._taps.start(id, account.id)
        if first != account.id:
            person = self._policy.person(first)
            who = plain(person.name) if person else "somebody"
            raise Refused(f"{who} has started {code(line)} already.", "`!ops` shows what runs")
        now, author = self._clock.now(), Author(account.id, account.username)
        said = Message(id, card.room_id, line, author, now, now, thread=card.thread or card.id)
        if await self._router.take(said):
            self._tasks.start(f"tap {id}", self._answer(said))

    def _admit(self, card: Message, account: Account) -> None:
        if not account.active or account.kind is not Kind.PERSON:
            state = account.kind if account.active else "deactivated"
            raise Refused(f"Reactions of {state} accounts start nothing.")
        if self._policy.person(account.id) is None:
            raise Refused("You are not in the roster, so your reaction starts nothing.")
        if card.edited_by not in {None, self._houston.id}:
            raise Refused("Somebody else edited that card, so a reaction on it starts nothing.")

    async def _answer(self, said: Message) -> None:
        await self._router.handle(said)
        self._courier.hurry()

    async def _tell(self, card: Message, emoji: str, account: Account, error: UserError) -> None:
        log.info("tap.refused", account=account.id, why=error.message)
        if account.id:
            id = post_id("tap", card.id, emoji, account.id, self._clock.now().isoformat())
            text = f":no_entry: *{error.message}*" + (f"\n{error.hint}" if error.hint else "")
            await self._courier.put(Post(id, f"@{account.id}", text))

    async def _account(self, username: str) -> Account:
        try:
            return await self._chat.account(username)
        except Missing:
            return Account("", username, False, Kind.PERSON)
