"""One REST call at the simulated Rocket.Chat: who calls, what is asked, what is refused."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from adapters.sim.document import File, Refusal, User
from adapters.sim.world import World

_MINUTE = timedelta(seconds=60)
_EXEMPT = {"admin", "bot", "app"}
_PERMISSION = {"error-not-allowed", "error-action-not-allowed", "error-unauthorized"}
_HTML = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


@dataclass(frozen=True)
class Call:
    """`tail` is what follows the endpoint's name in the path; `uploads` are files not yet shown.

    `headers` are the request's, by their names in lower case.
    """

    world: World
    user: User
    query: Mapping[str, str]
    body: Mapping[str, Any]
    tail: str
    uploads: dict[str, File]
    headers: Mapping[str, str]

    @property
    def admin(self) -> bool:
        return "admin" in self.user.roles

    def want(self, key: str) -> str:
        """A query parameter. Raises Refusal, as the server does."""
        if not (value := self.query.get(key)):
            raise Refusal("error-invalid-params", f"The parameter {key!r} is required")
        return value


@dataclass(frozen=True)
class Endpoint:
    """`fault` is the call's name in the world. `keys` are the body's, others are refused.

    `until` is the first major version without it.
    """

    method: str
    handle: Callable[[Call], Awaitable[dict[str, Any]]]
    fault: str
    keys: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    until: int = 1000

    def check(self, body: Mapping[str, Any]) -> None:
        """Raises Refusal for a body that does not fit the schema."""
        for key in sorted(self.required - body.keys()):
            raise Refusal("invalid-params", f"must have required property {key!r}")
        if body.keys() - self.keys:
            raise Refusal("invalid-params", "must NOT have additional properties")


@dataclass
class Limiter:
    """Calls of the last minute, by caller, endpoint and method."""

    world: World
    _calls: dict[tuple[str, str, str], deque[datetime]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def take(self, call: Call, caller: str, method: str, endpoint: str) -> web.Response | None:
        """The refusal, when this call is one too many."""
        most = self.world.chat.rate_limit
        if most is None or _EXEMPT & set(call.user.roles):
            return None
        now = self.world.clock.now()
        recent = self._calls[caller, method, endpoint]
        while recent and recent[0] <= now - _MINUTE:
            recent.popleft()
        if len(recent) >= most:
            return limited(self.world, recent[0] + _MINUTE - now, most)
        recent.append(now)
        return None


def major(world: World) -> int:
    return int(world.chat.version.split(".")[0])


def limited(world: World, wait: timedelta, most: int = 10) -> web.Response:
    """The reset is in milliseconds, on the server's own clock."""
    now = world.clock.now()
    reset = str(round((now + wait).timestamp() * 1000))
    text = (
        "Error, too many requests. Please slow down. You must wait "
        f"{round(wait.total_seconds())} seconds before trying this endpoint again. "
        "[error-too-many-requests]"
    )
    headers = {
        "Date": format_datetime(now, usegmt=True),
        "X-RateLimit-Limit": str(most),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset,
    }
    body = {"success": False, "error": text}
    return web.json_response(body, status=429, headers=headers)


def unauthorized(world: World) -> web.Response:
    body = {"success": False, "error": "unauthorized"}
    if major(world) < 9:
        text = "You must be logged in to do this."
        body = {"status": "error", "message": text, "error": text, "success": False}
    return web.json_response(body, status=401)


def bad_gateway(status: int = 502) -> web.Response:
    """What the proxy in front says."""
    if status == 502:
        return web.Response(text=_HTML, status=502, content_type="text/html")
    return web.Response(text="no healthy upstream", status=status)


def refused(world: World, refusal: Refusal) -> web.Response:
    """The server's no. From version 9 a missing permission is a 403 of one code."""
    if not refusal.code:
        text = {"error": refusal.text} if refusal.text else {}
        return web.json_response({"success": False, **text}, status=400)
    code, status = refusal.code, 400
    if major(world) >= 9 and code in _PERMISSION:
        code, status = "error-forbidden", 403
    body = {"success": False, "error": f"{refusal.text} [{code}]", "errorType": code}
    return web.json_response(body, status=status)


def page(found: list[Any], call: Call) -> tuple[list[Any], dict[str, int]]:
    """A page of a listing, and the counts beside it."""
    offset, count = int(call.query.get("offset", 0)), int(call.query.get("count", 50))
    part = found[offset : offset + count] if count else found[offset:]
    return part, {"count": len(part), "offset": offset, "total": len(found)}


def date(text: str) -> datetime:
    """Raises Refusal for what is no date, such as a `+` that was not encoded."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("error-roomId-param-invalid", f"{text} is not a date") from None
