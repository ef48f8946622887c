"""What every request passes before anything is done with it, and every answer before it goes out.

The rules are OWASP's for session management, cross-site request forgery, clickjacking, host
headers and content types; `tests/console/` has one test for each, which fails without its guard.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.console.limits import Limits
from bot.console.sessions import Session, Sessions
from bot.errors import HoustonError
from bot.operators import Operators
from bot.sections import LOOPBACK, ConsoleSection

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)
LOGIN = "/api/login"
OPEN = frozenset({"/", "/static/{name}", LOGIN})
"""What is answered without a login. Everything else needs one, a route of tomorrow too."""
SAFE = frozenset({"GET", "HEAD"})
LONGEST_BODY = 16 * 1024
"""Bytes of a request's body."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Server": "houston",
}


class Shield:
    """The middleware, and the cookie that carries a session."""

    def __init__(
        self,
        *,
        section: ConsoleSection,
        sessions: Sessions,
        operators: Operators,
        limits: Limits,
    ) -> None:
        self._url = urlsplit(section.url)
        self._sessions = sessions
        self._operators = operators
        self._limits = limits
        self.secure = self._url.scheme == "https"
        self.cookie = "__Host-houston" if self.secure else "houston"

    def application(self) -> web.Application:
        """An empty one that is guarded."""
        made = web.Application(middlewares=[self._guarded], client_max_size=LONGEST_BODY)
        made.on_response_prepare.append(self._dressed)
        return made

    def give(self, response: web.Response, id: str) -> None:
        """Let the browser hold a session; scripts and other sites do not get it."""
        response.set_cookie(
            self.cookie, id, path="/", httponly=True, samesite="Strict", secure=self.secure
        )

    async def session(self, request: web.Request) -> Session | None:
        """The session of a person who still may enter."""
        session = await self._sessions.of(request.cookies.get(self.cookie, ""))
        return session if session and self._operators.may_enter(session.person) else None

    async def _dressed(self, request: web.Request, response: web.StreamResponse) -> None:
        del request
        response.headers.update(_HEADERS)
        if self.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._require_host(request)
            resource = request.match_info.route.resource
            route = resource.canonical if resource else ""
            self._limits.admit(request, login=route == LOGIN)
            if request.method not in SAFE:
                self._require_origin(request)
            if route and route not in OPEN:
                request[SESSION] = await self._require_session(request)
            return await handler(request)
        except web.HTTPException as error:
            return web.json_response({"error": error.text}, status=error.status)
        except HoustonError as error:
            log.warning("console.failed", path=request.path, why=error.message)
            text = "Houston cannot do its part now. Try again in a moment."
            return web.json_response({"error": text}, status=503)
        except ConnectionError:
            raise
        except Exception:
            log.exception("console.bug", path=request.path)
            text = "Houston itself made a mistake; the log has it."
            return web.json_response({"error": text}, status=500)

    def _require_host(self, request: web.Request) -> None:
        """Against names that others point here: only the configured one, or this machine's own."""
        said = request.headers.get("Host", "")
        known = said.lower() == self._url.netloc.lower() if self._url.netloc else _own(said)
        if not known:
            raise web.HTTPMisdirectedRequest(text="Houston is not known by that name.")

    def _require_origin(self, request: web.Request) -> None:
        """Against other sites' forms and scripts; who says no origin is none of our pages."""
        scheme = self._url.scheme or "http"
        if request.headers.get("Origin") != f"{scheme}://{request.headers['Host']}":
            raise web.HTTPForbidden(text="That came from another page.")
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="Only JSON is taken.")

    async def _require_session(self, request: web.Request) -> Session:
        session = await self.session(request)
        if session is None:
            raise web.HTTPUnauthorized(text="Log in first.")
        said = request.headers.get("X-CSRF-Token", "")
        if request.method not in SAFE and not session.carries(said):
            raise web.HTTPForbidden(text="That did not come from your page. Load it anew.")
        return session


def _own(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK
    except ValueError:
        return False
