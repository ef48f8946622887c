"""What somebody who is logged in can see and say."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from bot.breakglass import BreakGlass
from bot.clock import Clock
from bot.console.sessions import Session, Sessions
from bot.console.shield import SESSION
from bot.console.views import Views
from bot.courier import Courier
from bot.doorway import message
from bot.jsontext import loads
from bot.link import Link
from bot.operations import Operations
from bot.patience import Patience
from bot.policy import Policy
from bot.ports.chat import Message, Post
from bot.ports.engine import Json
from bot.ports.store import CONSOLE, Store
from bot.redact import Redactor
from bot.request import Request, post_id
from bot.router import Router
from bot.settings import ChatSection
from bot.standing import Keeper
from bot.tasks import Tasks

_RECENT = 15
_ENTRIES = 100
_LONGEST_LINE = 2000
_PICTURE, _TEXT = "image/png", "text/plain"
"""Pictures are shown; every other file is text to be kept, whatever it calls itself."""


class Desk:
    """Reads the store for the page, and hands lines to the router."""

    def __init__(
        self,
        *,
        store: Store,
        router: Router,
        operations: Operations,
        courier: Courier,
        tasks: Tasks,
        patience: Patience,
        policy: Policy,
        keeper: Keeper,
        clock: Clock,
        link: Link,
        breakglass: BreakGlass,
        sessions: Sessions,
        redactor: Redactor,
        views: Views,
        chat: ChatSection,
    ) -> None:
        self._store = store
        self._router = router
        self._operations = operations
        self._courier = courier
        self._tasks = tasks
        self._patience = patience
        self._policy = policy
        self._keeper = keeper
        self._clock = clock
        self._link = link
        self._breakglass = breakglass
        self._sessions = sessions
        self._redactor = redactor
        self._views = views
        self._chat = chat

    async def say(self, request: web.Request) -> web.Response:
        """A command line, as if it had been typed in chat by this person."""
        session, body = request[SESSION], await body_of(request)
        line = body.get("line")
        if not isinstance(line, str) or not line.strip() or len(line) > _LONGEST_LINE:
            raise web.HTTPBadRequest(text=f"A line has 1 to {_LONGEST_LINE} characters.")
        person = self._policy.person(session.person)
        if person is None:
            raise web.HTTPUnauthorized(text="Log in first.")
        prefix = self._chat.prefix
        said = message(person, line.strip(), self._clock, CONSOLE, prefix=prefix)
        await self._sessions.typed(session, said.id, self._redactor.clean(said.text))
        if await self._router.take(said):
            self._tasks.start(f"command {said.id}", self._answer(said))
        return web.json_response({"id": said.id}, status=202)

    async def _answer(self, said: Message) -> None:
        await self._router.handle(said)
        await self._patience.until_done(partial(self._speak_up, said), f"the answer to {said.id}")
        self._courier.hurry()

    async def _speak_up(self, said: Message) -> None:
        """Where chat would not be answered, a form is: whoever typed there waits for something."""
        begun = await self._operations.begun(Request.of(said, said.text))
        if not begun and not await self._store.outbox.thread(said.id):
            text = ":no_entry: *No answer: that is no command, or too many at once.*\nNext: `!help`"
            await self._courier.put(Post(post_id(said.id, "silence"), CONSOLE, text, said.id))

    async def history(self, request: web.Request) -> web.Response:
        """The newest entries of the audit trail."""
        await self._sessions.touch(request[SESSION])
        found = await self._store.audit.search(limit=_ENTRIES)
        return web.json_response({"entries": [self._views.entry(sealed) for sealed in found]})

    async def file(self, request: web.Request) -> web.Response:
        """A file below an answer to one of this session's own lines."""
        session = request[SESSION]
        await self._sessions.touch(session)
        wanted = (request.match_info["post"], request.match_info["name"])
        for id, _ in session.lines:
            for out in await self._store.outbox.thread(id):
                for file in out.post.files:
                    if (out.post.id, file.name) == wanted:
                        kind = file.type if file.type == _PICTURE else _TEXT
                        content = self._redactor.clean_file(file).content
                        return web.Response(body=content, headers=_kept(kind))
        raise web.HTTPNotFound(text="There is no such file.")

    async def seen(self, session: Session) -> dict[str, Json]:
        """Everything the page shows live."""
        await self._keeper.refresh()
        now, operations = self._clock.now(), self._store.operations
        open_ = await operations.open()
        ended = [one for one in await operations.recent(_RECENT) if one.state.final]
        waiting = [found for one in open_ if (found := self._views.approval(one))]
        answers = [
            self._views.answer(id, line, await self._store.outbox.thread(id))
            for id, line in session.lines
        ]
        return {
            "health": await self._health(),
            "operations": [self._views.operation(one, now) for one in [*reversed(open_), *ended]],
            "approvals": list(waiting),
            "answers": list(answers),
        }

    async def _health(self) -> list[Json]:
        on_the_way = len(await self._store.outbox.pending())
        return [
            ["Chat", self._link.up, "is heard" if self._link.up else self._link.why],
            ["Outbox", on_the_way == 0, f"{on_the_way} posts on their way to chat"],
            ["This door", True, await self._breakglass.text()],
        ]


async def body_of(request: web.Request) -> dict[str, Json]:
    """The request's JSON object. Raises HTTPBadRequest, HTTPRequestEntityTooLarge."""
    try:
        body = loads(await request.text())
    except ValueError:
        raise web.HTTPBadRequest(text="That is no JSON.") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="That is no JSON object.")
    return body


def _kept(kind: str) -> dict[str, str]:
    """A text is kept and never shown: whatever stands in it, nothing of it is run."""
    if kind == _TEXT:
        return {"Content-Type": f"{kind}; charset=utf-8", "Content-Disposition": "attachment"}
    return {"Content-Type": kind}
