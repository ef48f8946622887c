"""The console's routes, and the server that has them."""

from __future__ import annotations

import asyncio
from importlib.resources import files

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.console.desk import Desk, body_of
from bot.console.limits import Limits
from bot.console.sessions import Session, Sessions
from bot.console.shield import LOGIN, SESSION, Handler, Shield
from bot.console.stream import Stream
from bot.courier import Courier
from bot.errors import Refused
from bot.operators import Operators
from bot.policy import Policy
from bot.ports.engine import Json
from bot.ports.leadership import Leadership
from bot.ports.store import CONSOLE
from bot.sections import ConsoleSection

log = structlog.get_logger()

_ELSEWHERE = (
    "This Houston stands by: another replica leads, and has the console. Load the page again; "
    "should the other have ended, this one leads within seconds.\n"
)
_FILES = {"console.css": "text/css", "console.js": "text/javascript"}


class Console:
    """Serves the page and what it asks for, beside everything else."""

    def __init__(
        self,
        *,
        section: ConsoleSection,
        operators: Operators,
        sessions: Sessions,
        desk: Desk,
        courier: Courier,
        policy: Policy,
        clock: Clock,
        leadership: Leadership,
    ) -> None:
        self._section = section
        self._operators = operators
        self._sessions = sessions
        self._desk = desk
        self._policy = policy
        self._leadership = leadership
        limits = Limits(clock, section.proxies)
        self._shield = Shield(
            section=section, sessions=sessions, operators=operators, limits=limits
        )
        self._stream = Stream(shield=self._shield, desk=desk, courier=courier)
        self.url = ""

    async def run(self) -> None:
        """Serve for ever. A port that is taken is logged, and the rest of Houston works on."""
        if not self._operators.known:
            log.warning("console.nobody_may_enter", hint="houston operator add NAME")
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._section.host, self._section.port).start()
            here = f"http://{self._section.host}:{runner.addresses[0][1]}"
            self.url = self._section.url or here
            log.info("console.serving", url=self.url)
            await asyncio.Event().wait()
        except OSError as error:
            log.error("console.not_serving", port=self._section.port, why=error.strerror)
        finally:
            await runner.cleanup()

    def application(self) -> web.Application:
        """Every route. Which of them need a login is the shield's to say."""
        made = self._shield.application()
        made.middlewares.insert(0, self._leading)
        made.router.add_get("/", self._page)
        made.router.add_get("/static/{name}", self._static)
        made.router.add_post(LOGIN, self._login)
        made.router.add_post("/api/logout", self._logout)
        made.router.add_get("/api/me", self._me)
        made.router.add_get("/api/events", self._stream.serve, allow_head=False)
        made.router.add_get("/api/history", self._desk.history)
        made.router.add_get("/api/files/{post}/{name}", self._desk.file)
        made.router.add_post("/api/say", self._desk.say)
        return made

    @web.middleware
    async def _leading(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A replica that stands by says so: what is typed there would not be heard."""
        if not self._leadership.leads:
            return web.Response(status=503, text=_ELSEWHERE, headers={"Retry-After": "5"})
        return await handler(request)

    async def _page(self, request: web.Request) -> web.Response:
        del request
        return _file("index.html", "text/html")

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _FILES:
            raise web.HTTPNotFound(text="There is no such file.")
        return _file(name, _FILES[name])

    async def _login(self, request: web.Request) -> web.Response:
        """A name and a token for a session that is new, whatever the browser held before."""
        body = await body_of(request)
        name, token = body.get("name"), body.get("token")
        if not isinstance(name, str) or not isinstance(token, str):
            raise web.HTTPBadRequest(text="A name and a token are needed.")
        try:
            person = await self._operators.prove(name, token, CONSOLE)
        except Refused as error:
            raise web.HTTPUnauthorized(text=error.message) from None
        before = await self._shield.session(request)
        if before:
            await self._sessions.end(before)
        id, session = await self._sessions.begin(person.id)
        response = web.json_response(self._who(session))
        self._shield.give(response, id)
        return response

    async def _logout(self, request: web.Request) -> web.Response:
        """The session is over here, not only in this browser."""
        await self._sessions.end(request[SESSION])
        response = web.json_response({})
        self._shield.give(response, "")
        return response

    async def _me(self, request: web.Request) -> web.Response:
        await self._sessions.touch(request[SESSION])
        return web.json_response(self._who(request[SESSION]))

    def _who(self, session: Session) -> dict[str, Json]:
        person = self._policy.person(session.person)
        return {"name": person.name if person else "", "csrf": session.secret}


def _file(name: str, kind: str) -> web.Response:
    text = (files("bot.console") / "page" / name).read_text("utf-8")
    return web.Response(text=text, content_type=kind)
